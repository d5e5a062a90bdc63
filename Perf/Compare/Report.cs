using System.Globalization;

namespace RvJit.Perf.Compare;

/// <summary>The tables for people, one for each group, in Markdown that also reads as plain text. Rows appear as they are measured.</summary>
public sealed class Report(MachineFacts machine, Peers peers, CompareOptions options)
{
    private const int NameWidth = 16;
    private readonly Peer[] _others = [.. peers.Present.Skip(1)];
    private ProgramGroup? _group;

    private static string None => "-";

    public void PrintHead(TextWriter to)
    {
        to.WriteLine(machine.Describe());
        foreach (Peer peer in peers.Present)
            to.WriteLine($"{peer.Name}: {peer.About}");
        if (!peers.RvJitIsPublished)
            to.WriteLine("NOTE: rvjit is not the published build (bash build.ps1): it starts slower than what users run.");
        foreach (string missing in peers.Missing)
            to.WriteLine($"missing {missing}");
        if (_others.Length == 0)
            to.WriteLine("NOTE: nobody to compare with; outputs are not checked either.");
        to.WriteLine($"runs: {options.Runs} counted after 1 that is not, in turns; medians");
        if (options.Runs < CompareOptions.DefaultRuns)
            to.WriteLine($"NOTE: fewer than {CompareOptions.DefaultRuns} runs are a look, not a measurement.");
        to.Flush();
    }

    public void PrintRow(TextWriter to, Row row)
    {
        if (_group != row.Program.Group)
        {
            _group = row.Program.Group;
            string[] headers = [.. Headers()];
            to.WriteLine($"\n**{Means.Title(row.Program.Group)}**\n");
            PrintLine(to, headers);
            PrintLine(to, [.. headers.Select((header, i) => i == 0 ? new string('-', NameWidth) : new string('-', header.Length - 1) + ":")]);
        }

        if (row.Error is not null)
            to.WriteLine($"| {row.Program.Name,-NameWidth} | ERROR {row.Error}");
        else
            PrintLine(to, [.. Cells(row)]);
        to.Flush();
    }

    public void PrintFoot(TextWriter to, IReadOnlyList<Row> rows, IReadOnlyList<Mean> means)
    {
        to.WriteLine($"\ngeometric means, of programs that run {Means.ShortestCpu:0} s of CPU time or longer under {(peers.Present.Any(peer => peer.Name == Peer.Qemu) ? Peer.Qemu : Peer.RvJit)}");
        foreach (Mean mean in means.Where(mean => mean.Programs > 0))
            to.WriteLine($"  against {mean.Peer}, {mean.Title}: CPU {Ratio(mean.Cpu)}, wall {Ratio(mean.Wall)} ({mean.Programs} {(mean.Programs == 1 ? "program" : "programs")})");
        if (means.All(mean => mean.Programs == 0))
            to.WriteLine("  none: no program runs that long");
        if (Scaling(rows) is { } scaling)
            to.WriteLine($"throughput of two threads over one: {scaling}");
        int failed = rows.Count(row => row.Error is not null);
        if (failed > 0)
            to.WriteLine($"{failed} of {rows.Count} rows are errors and count nowhere");
        if (_others.Length > 0)
            to.WriteLine("Ratios are rvjit over peer: below 1 rvjit needs less. CPU is user + system of all threads.");
        to.WriteLine($"load after: {MachineFacts.LoadAverage()[0]:0.00}");
    }

    /// <summary>Prints what got worse than the baseline by more than is allowed; false when something did.</summary>
    public bool PrintChanges(TextWriter to, IReadOnlyList<RatioChange> changes)
    {
        RatioChange[] worse = [.. changes.Where(change => change.Factor > options.FailAbove)];
        to.WriteLine($"\nbaseline: {changes.Count} ratios, {worse.Length} worse by more than {Ratio(options.FailAbove)}"
            + (worse.Length == 0 && changes is [{ } worst, ..] ? $"; the largest change is {Describe(worst)}" : ""));
        foreach (RatioChange change in worse)
            to.WriteLine($"  WORSE {Describe(change)}");
        return worse.Length == 0;
    }

    private static string Describe(RatioChange change) =>
        $"{change.Subject}, {change.Measure}/{change.Peer}: {Ratio(change.Before)} -> {Ratio(change.Now)} (x {Ratio(change.Factor)})";

    /// <summary>Two threads do twice the work of one: 2 is perfect, 1 says that they took turns.</summary>
    private string? Scaling(IReadOnlyList<Row> rows)
    {
        Row? one = rows.FirstOrDefault(row => row.Program.Arguments is [ProgramSet.OneThread, _]);
        Row? two = rows.FirstOrDefault(row => row.Program.Arguments is [ProgramSet.TwoThreads, var repeat] && repeat == one?.Program.Arguments[1]);
        string[] factors =
        [
            .. from peer in peers.Present
               let single = one?.Of(peer.Name)
               let both = two?.Of(peer.Name)
               where single is not null && both is not null
               select $"{peer.Name} {Ratio(2 * single.Wall / both.Wall)}",
        ];
        return factors.Length == 0 ? null : string.Join(", ", factors);
    }

    private IEnumerable<string> Headers() =>
    [
        "program",
        .. peers.Present.SelectMany(peer => new[] { $"{peer.Name} wall ms", "CPU ms", "MiB", "± %" }),
        .. _others.SelectMany(peer => new[] { $"CPU/{peer.Name}", $"wall/{peer.Name}" }),
    ];

    private IEnumerable<string> Cells(Row row) =>
    [
        row.Program.Name,
        .. row.Measurements.SelectMany(m => new[]
        {
            Milliseconds(m.Wall), Milliseconds(m.Cpu), m.PeakMiB.ToString("0.0"), (m.WallSpread * 50).ToString("0"),
        }),
        .. _others.SelectMany(peer => new[] { Ratio(row.Ratio(peer.Name, m => m.Cpu)), Ratio(row.Ratio(peer.Name, m => m.Wall)) }),
    ];

    private void PrintLine(TextWriter to, string[] cells)
    {
        string[] headers = [.. Headers()];
        to.WriteLine("| " + string.Join(" | ", cells.Select((cell, i) =>
            i == 0 ? cell.PadRight(NameWidth) : cell.PadLeft(Math.Max(headers[i].Length, 6)))) + " |");
    }

    private static string Milliseconds(double seconds) =>
        (seconds * 1000).ToString(seconds < 0.1 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private static string Ratio(double? ratio) => ratio?.ToString("0.00", CultureInfo.InvariantCulture) ?? None;
}
