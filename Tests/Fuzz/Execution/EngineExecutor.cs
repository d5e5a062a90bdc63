using RvJit.Fuzz.Guest;
using RvJit.Machine;
using RvJit.Translator;

namespace RvJit.Fuzz.Execution;

/// <summary>
/// The product's engine in one tier. It keeps its world and its translations from case to case, so that dropping old
/// translations is tested too, and starts afresh after a while.
/// </summary>
internal sealed unsafe class EngineExecutor(EngineOptions options, TimeSpan limit, int casesPerWorld) : IExecutor
{
    private CaseWorld? _world;
    private Engine? _engine;
    private int _cases;

    public string Name { get; } = options.Tier.ToString().ToLowerInvariant() + (options.CountInstructions ? "+count" : "");

    public Tier Tier => options.Tier;

    /// <summary>Whether translated code keeps the count of instructions.</summary>
    public bool Counts => options.CountInstructions;

    /// <summary>Regions made by all engines so far.</summary>
    public long Regions { get; private set; }

    /// <summary>Instructions of the last case; only an executor that counts knows.</summary>
    public ulong? Retired { get; private set; }

    public Outcome Run(TestCase test)
    {
        int cases = _cases;
        if (cases % casesPerWorld == 0)
            Renew();
        _cases = 0; // after a case that goes wrong everything is fresh
        CaseWorld world = _world!;
        Engine engine = _engine!;
        Hart hart = world.Hart;
        world.Enter(test);
        long regions = engine.Statistics.RegionsCompiled;
        Outcome outcome;
        using (new Timer(_ => hart.Request(HartRequests.Stop), null, limit, Timeout.InfiniteTimeSpan))
            outcome = world.Serve(() => engine.Run(hart));
        hart.TakeRequests();
        EngineStatistics statistics = engine.Statistics;
        Regions += statistics.RegionsCompiled - regions;
        Retired = options.CountInstructions || options.Tier == Tier.Interp ? hart.State->Retired : null;
        if (statistics.CompileFailures != 0)
            return Outcome.Failed($"compile failure: {statistics.LastCompileFailure}");
        _cases = cases + 1;
        return outcome;
    }

    public void Dispose()
    {
        _engine?.Dispose();
        _world?.Dispose();
    }

    private void Renew()
    {
        Dispose();
        _world = new CaseWorld(options.Instructions.Extensions);
        _engine = new Engine(options);
        _engine.Attach(_world.World);
    }
}
