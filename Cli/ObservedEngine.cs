using RvJit.Cli.Commands;
using RvJit.Cli.Inspection;
using RvJit.Cli.Output;
using RvJit.Cli.Profiling;
using RvJit.Cli.Statistics;
using RvJit.Machine;
using RvJit.Translator;
using RvJit.Translator.Inspection;
using RvJit.Translator.Isa;
using RvJit.Translator.Tracing;

namespace RvJit.Cli;

/// <summary>The engine that runs guest code, and what was asked to watch it.</summary>
public sealed class ObservedEngine : IDisposable
{
    private readonly IExecutionEngine _executor;
    private readonly TraceFile? _trace;
    private readonly Observation _observation;
    private readonly InstructionSet _instructions;
    private readonly RegionLog? _log;
    private readonly MachineCodeLog? _machineCode;
    private readonly ProfileFile? _profile;

    /// <param name="tier">How code runs; a trace is made by stepping, whatever it says.</param>
    /// <param name="extensions">What harts have.</param>
    /// <param name="metered">Count instructions and traps.</param>
    /// <param name="observation">What else.</param>
    public ObservedEngine(TierChoice tier, ExtensionSet extensions, bool metered, Observation observation)
    {
        _observation = observation;
        _instructions = new InstructionSet(extensions);
        if (observation is { Profile: not null, Trace: not null })
            throw new BadInputException("--trace executes instructions one by one, which is not what --profile is about; leave one of them out");
        if (observation.Profile is { } profile)
            _profile = ProfileFile.Open(profile);
        if (observation.Regions.Count > 0)
            _machineCode = new MachineCodeLog();
        if (_machineCode is not null || _profile is not null)
            _log = new RegionLog();

        if (observation.Trace is { } file)
        {
            _trace = TraceFile.Open(file);
            _executor = new TracingEngine(_instructions, _trace.Log);
        }
        else
        {
            _executor = new Engine(new EngineOptions(TierOf(tier), CountInstructions: metered || observation.ExactInstret || _profile is not null)
            {
                Instructions = _instructions,
                Log = _log,
                Profiler = _profile?.Profiler,
                Limited = observation.MostInstructions is not null,
            });
        }

        Meter = metered ? new MeteredEngine(_executor) : null;
    }

    /// <summary>The translator, when there is one.</summary>
    public Engine? Translator => _executor as Engine;

    public IExecutionEngine Engine => Meter is null ? _executor : Meter;

    /// <summary>Whether anybody wants names for addresses at the end.</summary>
    public bool WantsSymbols => _log is not null;

    /// <summary>The counts, when they were asked for.</summary>
    public MeteredEngine? Meter { get; }

    /// <summary>The guest has ended: everything about it is written.</summary>
    /// <param name="symbols">Names for what it executed.</param>
    public void Finish(CodeSymbols symbols)
    {
        if (_profile is not null)
            _profile.Finish(symbols, _log!);
        if (_machineCode is not null)
            new RegionReport(Console.Error, _machineCode, symbols, _instructions).Write(_observation.Regions, _log!.Regions);
        if (_trace is null)
            return;
        _executor.Dispose();
        _trace.Log.Finish();
    }

    public void Dispose()
    {
        _executor.Dispose();
        _trace?.Dispose();
        _machineCode?.Dispose();
        _profile?.Dispose();
    }

    private static Tier TierOf(TierChoice choice) => choice switch
    {
        TierChoice.Interp => Tier.Interp,
        TierChoice.Jit => Tier.Jit,
        _ => Tier.Auto,
    };
}
