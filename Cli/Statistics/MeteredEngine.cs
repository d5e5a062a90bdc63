using System.Collections.Concurrent;
using RvJit.Machine;

namespace RvJit.Cli.Statistics;

/// <summary>
/// Stands in front of the engine when counts were asked for, and sees every hart that runs: it counts the traps that
/// leave guest code, and keeps the counters of harts that have ended.
/// </summary>
public sealed unsafe class MeteredEngine(IExecutionEngine engine) : IExecutionEngine
{
    private readonly ConcurrentDictionary<Hart, HartMeter> _meters = new(ReferenceEqualityComparer.Instance);

    public EngineStatistics Statistics => engine.Statistics;

    public Trap Run(Hart hart)
    {
        HartMeter meter = _meters.GetOrAdd(hart, static hart => new HartMeter(hart.Transitions));
        Trap trap = engine.Run(hart);
        meter.Count(trap.Cause, hart.State->Retired);
        return trap;
    }

    public void Attach(World world) => engine.Attach(world);

    public void FenceInstruction(Hart hart) => engine.FenceInstruction(hart);

    public void Dispose() => engine.Dispose();

    /// <summary>Instructions retired on all harts, those that ended included.</summary>
    public ulong Instructions => _meters.Values.Aggregate(0UL, (sum, meter) => sum + meter.Retired);

    public int Harts => _meters.Count;

    /// <summary>Traps by cause, the frequent ones first; requests to leave, which are no traps, excluded.</summary>
    public IReadOnlyList<KeyValuePair<TrapCause, long>> Traps =>
    [
        .. _meters.Values.SelectMany(meter => meter.Traps)
            .Where(entry => entry.Key != TrapCause.Requested)
            .GroupBy(entry => entry.Key, entry => entry.Value)
            .Select(group => KeyValuePair.Create(group.Key, group.Sum()))
            .OrderByDescending(entry => entry.Value),
    ];

    /// <summary>Privilege transitions by kind, in the order of one edge call.</summary>
    public IReadOnlyList<KeyValuePair<TransitionKind, long>> Transitions =>
    [
        .. Enum.GetValues<TransitionKind>()
            .Select(kind => KeyValuePair.Create(kind, _meters.Values.Sum(meter => meter.Transitions[kind]))),
    ];

    /// <summary>Written by the hart's own thread; read when the guest has ended.</summary>
    private sealed class HartMeter(TransitionCounters transitions)
    {
        private readonly Dictionary<TrapCause, long> _traps = [];

        public TransitionCounters Transitions => transitions;

        public ulong Retired { get; private set; }

        public IEnumerable<KeyValuePair<TrapCause, long>> Traps => _traps;

        public void Count(TrapCause cause, ulong retired)
        {
            _traps[cause] = _traps.GetValueOrDefault(cause) + 1;
            Retired = retired;
        }
    }
}
