using System.Globalization;

namespace RvJit.Cli.Bench;

/// <summary>What one run of the guest programs told: its NAME=VALUE lines, and what the monitor counted between its marks.</summary>
public sealed class EdgeCallSample
{
    /// <summary>Transitions that belong to no call: one reading of the counters ends after the first mark, one begins before the second.</summary>
    private const long Readings = 2;

    private readonly Dictionary<string, string> _values;
    private readonly IReadOnlyList<MonitorCounters> _marks;

    private EdgeCallSample(Dictionary<string, string> values, IReadOnlyList<MonitorCounters> marks)
    {
        _values = values;
        _marks = marks;
    }

    public long Calls => this["ok"];

    public double NanosecondsPerCall => (double)this["ns"] / Calls;

    /// <summary>Transitions between the marks that calls have made, by kind; see <see cref="MarkCalls"/>.</summary>
    public long[] Transitions
    {
        get
        {
            long[] made = [.. _marks[1].Transitions.Zip(_marks[0].Transitions, (after, before) => (long)(after - before))];
            made[(int)Machine.TransitionKind.HostSupervisorToUser] -= Readings / 2;
            made[(int)Machine.TransitionKind.HostUserToSupervisor] -= Readings / 2;
            return made;
        }
    }

    public long PmpWrites => _marks[1].PmpWrites - _marks[0].PmpWrites;

    /// <summary>A line's number; 0 when the program has no such line.</summary>
    public long this[string name] => _values.TryGetValue(name, out string? text) ? long.Parse(text, CultureInfo.InvariantCulture) : 0;

    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>
    /// Calls that the marks themselves are, made the same way as the measured ones: of an enclave that calls, the second
    /// half of the first and the first half of the second; of a host that calls, both.
    /// </summary>
    public static int MarkCalls(EdgeCallDirection direction) => direction == EdgeCallDirection.Ocall ? 1 : 2;

    /// <summary>Reads what a run printed; says what is wrong with it, or null.</summary>
    public static string? TryRead(string output, IReadOnlyList<MonitorCounters> marks, out EdgeCallSample? sample)
    {
        sample = null;
        var values = new Dictionary<string, string>();
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int end = line.IndexOf('=');
            if (end <= 0)
                return line;
            values[line[..end]] = line[(end + 1)..];
        }

        if (marks.Count != 2)
            return $"{marks.Count} marks instead of two";
        sample = new EdgeCallSample(values, marks);
        if (sample["failed"] != 0 || sample["ok"] == 0 || sample["ok"] != sample["calls"])
            return $"{sample["ok"]} of {sample["calls"]} calls succeeded";
        return null;
    }
}
