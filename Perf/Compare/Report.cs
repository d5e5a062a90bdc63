using System.Globalization;

namespace RvJit.Perf.Compare;

/// <summary>The table for people, in Markdown that also reads as plain text. Rows appear as they are measured.</summary>
public sealed class Report(MachineFacts machine, Peers peers, CompareOptions options)
{
    private const int NameWidth = 16;
    private readonly Peer[] _others = [.. peers.Present.Skip(1)];

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
        to.WriteLine();
        PrintLine(to, [.. Headers()]);
        PrintLine(to, [.. Headers().Select((header, i) => i == 0 ? new string('-', NameWidth) : new string('-', header.Length - 1) + ":")]);
        to.Flush();
    }

    public void PrintRow(TextWriter to, Row row)
    {
        if (row.Error is not null)
            to.WriteLine($"| {row.Program.Name,-NameWidth} | ERROR {row.Error}");
        else
            PrintLine(to, [.. Cells(row)]);
        to.Flush();
    }

    public void PrintFoot(TextWriter to, IReadOnlyList<Row> rows)
    {
        to.WriteLine();
        foreach (Peer peer in _others)
        {
            (double? cpu, int count) = Comparison.GeometricMean(rows, peer.Name, m => m.Cpu);
            (double? wall, _) = Comparison.GeometricMean(rows, peer.Name, m => m.Wall);
            to.WriteLine($"geometric mean against {peer.Name}: CPU {Ratio(cpu)}, wall {Ratio(wall)} ({Counted(count)})");
        }

        int failed = rows.Count(row => row.Error is not null);
        if (failed > 0)
            to.WriteLine($"{failed} of {rows.Count} rows are errors and count nowhere");
        if (_others.Length > 0)
            to.WriteLine("Ratios are rvjit over peer: below 1 rvjit needs less. CPU is user + system of all threads.");
        to.WriteLine($"load after: {MachineFacts.LoadAverage()[0]:0.00}");
    }

    private static string Counted(int programs) =>
        $"{programs} {(programs == 1 ? "program" : "programs")}, without start-up and what takes under {Comparison.ShortestCpu * 1000:0} ms";

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
