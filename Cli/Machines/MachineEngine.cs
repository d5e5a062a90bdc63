using RvJit.Cli.Inspection;
using RvJit.Cli.Statistics;
using RvJit.Machine;

namespace RvJit.Cli.Machines;

/// <summary>The engine that runs machines, one after the other or side by side: what it compiles belongs to each machine.</summary>
public sealed class MachineEngine(MachineOptions options) : IDisposable
{
    private readonly ObservedEngine _engine = new(options.Tier, options.Extensions, options.Metered, options.Observation);

    public IExecutionEngine Engine => _engine.Engine;

    /// <summary>Whether anybody wants names for addresses at the end.</summary>
    public bool WantsSymbols => _engine.WantsSymbols;

    /// <summary>The last run has ended: everything that was asked about it is written.</summary>
    public void Finish(CodeSymbols symbols) => _engine.Finish(symbols);

    public void Dispose() => _engine.Dispose();

    /// <summary>The counts, when they were asked for; there is one run then.</summary>
    public RunStatistics? Statistics(int exitCode, TimeSpan elapsed) => _engine.Meter is not { } meter ? null : new RunStatistics
    {
        ExitCode = exitCode,
        Milliseconds = elapsed.TotalMilliseconds,
        Instructions = meter.Instructions,
        Harts = meter.Harts,
        Engine = meter.Statistics,
        Traps = meter.Traps,
        Transitions = meter.Transitions,
        EdgeCalls = new EdgeCallCounts(0, 0, 0),
    };
}
