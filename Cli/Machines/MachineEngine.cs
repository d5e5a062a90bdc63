using RvJit.Cli.Commands;
using RvJit.Cli.Statistics;
using RvJit.Machine;
using RvJit.Translator;
using RvJit.Translator.Isa;

namespace RvJit.Cli.Machines;

/// <summary>The engine that runs machines, one after the other or side by side: what it compiles belongs to each machine.</summary>
public sealed class MachineEngine : IDisposable
{
    private readonly Engine _engine;
    private readonly MeteredEngine? _meter;

    public MachineEngine(MachineOptions options)
    {
        var tier = options.Tier switch
        {
            TierChoice.Interp => Tier.Interp,
            TierChoice.Jit => Tier.Jit,
            _ => Tier.Auto,
        };
        _engine = new Engine(new EngineOptions(tier, CountInstructions: options.Metered)
        {
            Instructions = new InstructionSet(options.Extensions),
            Limited = options.MostInstructions is not null,
        });
        _meter = options.Metered ? new MeteredEngine(_engine) : null;
    }

    public IExecutionEngine Engine => _meter is null ? _engine : _meter;

    public void Dispose() => _engine.Dispose();

    /// <summary>The counts, when they were asked for; there is one run then.</summary>
    public RunStatistics? Statistics(int exitCode, TimeSpan elapsed) => _meter is null ? null : new RunStatistics
    {
        ExitCode = exitCode,
        Milliseconds = elapsed.TotalMilliseconds,
        Instructions = _meter.Instructions,
        Harts = _meter.Harts,
        Engine = _meter.Statistics,
        Traps = _meter.Traps,
        Transitions = _meter.Transitions,
        EdgeCalls = new EdgeCallCounts(0, 0, 0),
    };
}
