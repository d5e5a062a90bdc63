using RvJit.Translator.Isa;

namespace RvJit.Fuzz;

/// <summary>What a session did. Instructions are counted once, however many ways executed them.</summary>
internal sealed class SessionReport(FuzzOptions options, long[] rowCounts, IReadOnlyCollection<Row> ending)
{
    private const int FewestTold = 5;

    private readonly HashSet<Row> _rows =
        [.. options.Instructions.Rows.Where(row => !ending.Contains(row) && !KnownDifferences.IsNotCompared(row))];

    public long Programs { get; set; }

    public long Instructions { get; set; }

    /// <summary>Programs that did not end and so were not compared in every tier: there should be none.</summary>
    public long Endless { get; set; }

    public long Mismatches { get; set; }

    /// <summary>Regions that the tiers translated.</summary>
    public long Regions { get; set; }

    public double Seconds { get; set; }

    /// <summary>Rows that no program of this session got past, those aside that none can.</summary>
    public IEnumerable<string> RowsNeverExecuted => CountedRows.Where(pair => pair.Count == 0).Select(pair => pair.Row.Name);

    private IEnumerable<(Row Row, long Count)> CountedRows =>
        InstructionTable.Rows.Select((row, index) => (row, rowCounts[index])).Where(pair => _rows.Contains(pair.row));

    public void WriteTo(TextWriter output)
    {
        string[] never = [.. RowsNeverExecuted];
        int rows = _rows.Count;
        output.WriteLine($"seed {options.Seed}: {Programs} programs, {Instructions} instructions compared in {Seconds:f0} s, {Regions} regions, "
            + $"{rows - never.Length} of {rows} rows executed, {Endless} endless, {Mismatches} mismatches");
        output.WriteLine($"not executable by user programs: {string.Join(' ', ending.Select(row => row.Name))}");
        if (never.Length != 0)
            output.WriteLine($"rows never executed: {string.Join(' ', never)}");
        output.WriteLine("rows executed least: " + string.Join(", ",
            CountedRows.Where(pair => pair.Count != 0).OrderBy(pair => pair.Count).Take(FewestTold).Select(pair => $"{pair.Row.Name} {pair.Count}")));
    }
}
