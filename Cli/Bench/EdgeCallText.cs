using RvJit.Cli.Output;

namespace RvJit.Cli.Bench;

/// <summary>The report on a terminal.</summary>
public static class EdgeCallText
{
    private const string Green = "\e[32m";
    private const string Red = "\e[1;31m";
    private const string Plain = "\e[0m";

    /// <summary>Left out of the terminal's table, which is wide enough; they are in the files.</summary>
    private static readonly string[] _onlyInFiles = ["worst", "p90"];

    public static void Write(TextWriter output, EdgeCallReport report, bool colours)
    {
        output.WriteLine($"Edge calls. {EdgeCallReport.Machine}");
        output.WriteLine($"Median of {report.Plan.Runs} runs of up to {report.Plan.Calls:N0} calls, cells in turns; latency by the caller's cycle CSR, instructions exact, each in a run of its own.");
        output.WriteLine();
        WriteCells(output, report, colours);
        output.WriteLine();
        output.WriteLine("Instructions of one asynchronous call without waiting, both sides of the library in one thread:");
        foreach (CallCost cost in report.Costs)
            output.WriteLine($"  {cost.Payload,5} bytes, batch {cost.Batch,2}: {cost.Call,4} = submit {cost.Submit} + serve {cost.Serve} + reap {cost.Reap}");
        output.WriteLine();
        output.WriteLine("Modelled instructions of native services (* only where the runtime is native, too):");
        foreach (ModelledService service in ServiceModel.Services)
            output.WriteLine($"  {service.Instructions,4}{(service.OfRuntime ? '*' : ' ')} at each {service.On}: {service.Name} ({service.Source})");
        output.WriteLine();
        foreach (EdgeCallClaim claim in report.Claims)
            output.WriteLine($"  {Paint(claim.Verdict, colours)}  {claim.Text}{(claim.Figures.Length == 0 ? "" : $": {claim.Figures}")}");
    }

    public static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Met => "met",
        Verdict.NotMet => "NOT MET",
        Verdict.NotMeasured => "not measured",
        _ => "no claim",
    };

    private static void WriteCells(TextWriter output, EdgeCallReport report, bool colours)
    {
        EdgeCallColumn[] columns = [.. EdgeCallColumns.All.Where(column => !_onlyInFiles.Contains(column.Key))];
        string[][] rows =
        [
            [.. EdgeCallColumns.Names.Select(name => name.Head), .. columns.Select(column => column.Head)],
            .. report.Results.Select(result => Row(result, columns)),
        ];
        int names = EdgeCallColumns.Names.Count;
        int[] widths = [.. rows[0].Select((_, i) => rows.Where(row => i < row.Length && (i < names || row.Length > names + 1)).Max(row => row[i].Length))];
        foreach (string[] row in rows)
        {
            bool absent = row.Length == names + 1;
            IEnumerable<string> words = row.Select((word, i) => absent && i == names ? Terminal.OneLine(word) : i < 3 ? word.PadRight(widths[i]) : word.PadLeft(widths[i]));
            string line = string.Join("  ", words).TrimEnd();
            output.WriteLine(colours && absent && row[names].StartsWith("FAILED", StringComparison.Ordinal) ? Red + line + Plain : line);
        }
    }

    private static string[] Row(EdgeCallResult result, EdgeCallColumn[] columns) =>
    [
        .. EdgeCallColumns.Names.Select(name => name.Of(result.Cell)),
        .. EdgeCallColumns.Absence(result) is { } absence ? [absence] : columns.Select(column => column.Text(result)),
    ];

    private static string Paint(Verdict verdict, bool colours)
    {
        const int Width = 12;
        string word = Word(verdict).PadRight(Width);
        return !colours ? word : verdict switch
        {
            Verdict.Met => Green + word + Plain,
            Verdict.NotMet => Red + word + Plain,
            _ => word,
        };
    }
}
