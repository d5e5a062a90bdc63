using RvJit.Machine;

namespace RvJit.Cli.Bench;

/// <summary>What the runs of one cell showed. A failed cell has a reason instead of figures.</summary>
public sealed class EdgeCallResult(EdgeCallCell cell)
{
    /// <summary>What host-edgecalls says of a backend that it was not built with.</summary>
    private const string UnknownBackend = "no such backend: ";

    private readonly List<EdgeCallSample> _samples = [];
    private readonly List<double> _times = [];
    private EdgeCallSample? _counted;
    private EdgeCallSample? _latency;

    public EdgeCallCell Cell => cell;

    /// <summary>Why a run went wrong; null while none has.</summary>
    public string? Failure { get; private set; }

    /// <summary>Why there is nothing to measure; null where there is.</summary>
    public string? NotOffered { get; private set; } = cell.NotOffered;

    /// <summary>All runs succeeded, and there were some.</summary>
    public bool IsMeasured => Failure is null && _times.Count > 0 && _counted is not null && _latency is not null;

    public EdgeCallSample Counted => _counted ?? throw new InvalidOperationException($"{cell} was not counted");

    /// <summary>The run in which each call's time was taken; of a batch, the batch's. Nanoseconds of the caller's cycle CSR, in steps of 32.</summary>
    public EdgeCallSample Latency => _latency ?? throw new InvalidOperationException($"{cell} was not timed");

    /// <summary>Nanoseconds a call of each timed run.</summary>
    public IReadOnlyList<double> Times => _times;

    /// <summary>Median of the timed runs.</summary>
    public double Nanoseconds => Median(_times);

    /// <summary>Half the distance between the fastest and the slowest run, as a part of the median.</summary>
    public double Spread => (_times.Max() - _times.Min()) / 2 / Nanoseconds;

    public double CallsPerSecond => 1e9 / Nanoseconds;

    /// <summary>Of argument, and of answer where it is echoed.</summary>
    public double MebibytesPerSecond => CallsPerSecond * cell.BothWays / (1 << 20);

    /// <summary>Calls of all runs.</summary>
    public long Calls => _samples.Sum(sample => sample.Calls);

    /// <summary>Transitions of a call by <see cref="TransitionKind"/>.</summary>
    public double[] TransitionsByKind => Array.ConvertAll(Counted.Transitions, count => (double)count / Crossings(Counted));

    public double Transitions => (double)Counted.Transitions.Sum() / Crossings(Counted);

    public double PmpWrites => (double)Counted.PmpWrites / Crossings(Counted);

    /// <summary>Guest instructions of a call on the caller's hart; in a synchronous call that hart runs both sides.</summary>
    public double CallerInstructions => PerCall("caller_instructions");

    /// <summary>On the server's hart; null where nobody counted, or the caller's hart serves.</summary>
    public double? ServerInstructions =>
        cell.Backend == EdgeCallCell.Sync || Counted["server_instructions"] == 0 ? null : PerCall("server_instructions");

    /// <summary>What native services stand for, see <see cref="ServiceModel"/>.</summary>
    public double ModelledInstructions => ServiceModel.Charge(cell.Runtime, TransitionsByKind);

    /// <summary>Doorbells that were rung, both ways.</summary>
    public double Doorbells => PerCall("doorbells");

    /// <summary>User interrupts that were sent, both ways where both were counted.</summary>
    public double Interrupts => PerCall("caller_sent") + PerCall("server_sent");

    /// <summary>Doorbells of the caller that the other side did not want.</summary>
    public double Suppressed => PerCall("caller_suppressed");

    /// <summary>Looks at an empty ring while waiting, both sides where both were counted.</summary>
    public double IdleTurns => PerCall("caller_idle_turns") + PerCall("server_idle_turns");

    public double Fallbacks => PerCall("fallbacks");

    public void Add(string? failure, EdgeCallSample? sample, EdgeCallRound round)
    {
        if (sample is not null)
            _samples.Add(sample);
        if (failure is not null && failure.EndsWith(UnknownBackend + cell.Backend, StringComparison.Ordinal))
        {
            NotOffered = "the embedded programs do not have it";
            return;
        }

        if (failure is not null)
            Failure ??= failure;
        else if (round == EdgeCallRound.Counting)
            _counted = sample;
        else if (round == EdgeCallRound.Latency)
            _latency = sample;
        else
            _times.Add(sample!.NanosecondsPerCall);
    }

    /// <summary>In each run, each call made exactly so many transitions.</summary>
    public bool AlwaysMade(int transitions) => _samples.All(sample => sample.Transitions.Sum() == transitions * Crossings(sample));

    /// <summary>Calls that made the transitions: synchronous marks are calls, too.</summary>
    private long Crossings(EdgeCallSample sample) => sample.Calls + (cell.Backend == EdgeCallCell.Sync ? EdgeCallSample.MarkCalls(cell.Direction) : 0);

    private double PerCall(string name) => (double)Counted[name] / Counted.Calls;

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

/// <summary>What a round of runs is for.</summary>
public enum EdgeCallRound
{
    /// <summary>Instructions counted exactly: its times are not used.</summary>
    Counting,

    /// <summary>The time of each call taken.</summary>
    Latency,

    /// <summary>Only the time of all calls together.</summary>
    Timing,
}
