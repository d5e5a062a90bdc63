namespace RvJit.Perf.Compare;

/// <summary>Geometric means of rvjit's ratios to one peer, and over how many programs.</summary>
/// <param name="Group">Null: all groups.</param>
/// <param name="Cpu">Null when no program counts.</param>
public sealed record Mean(ProgramGroup? Group, string Peer, double? Cpu, double? Wall, int Programs)
{
    /// <summary>For people: <c>all</c>, <c>integer</c>...</summary>
    public string Title => Group is { } group ? Means.Title(group) : "all";
}

/// <summary>Which programs count in means, and the means.</summary>
public static class Means
{
    /// <summary>Seconds of CPU time under qemu from which a program counts: below, starting is too much of it.</summary>
    public const double ShortestCpu = 1;

    /// <summary>For every peer: over all groups, then group by group as far as there are any.</summary>
    public static IReadOnlyList<Mean> Of(IReadOnlyCollection<Row> rows, IEnumerable<string> peers)
    {
        Row[] counted = [.. rows.Where(Counts)];
        ProgramGroup?[] groups = [null, .. counted.Select(row => (ProgramGroup?)row.Program.Group).Distinct().Order()];
        return [.. from peer in peers from @group in groups select Of(counted, peer, @group)];
    }

    public static string Title(ProgramGroup group) => group switch
    {
        ProgramGroup.Integer => "integer",
        ProgramGroup.FloatingPoint => "floating point",
        ProgramGroup.System => "system",
        ProgramGroup.Short => "short",
        _ => throw new ArgumentOutOfRangeException(nameof(group)),
    };

    /// <summary>Without qemu, rvjit's own time says how long a program is.</summary>
    private static bool Counts(Row row) => row.Program.Group != ProgramGroup.Short
        && (row.Of(Peer.Qemu) ?? row.Of(Peer.RvJit))?.Cpu >= ShortestCpu;

    private static Mean Of(Row[] counted, string peer, ProgramGroup? group)
    {
        Row[] rows = [.. counted.Where(row => (group is null || row.Program.Group == group) && row.Ratio(peer, m => m.Cpu) is not null)];
        return new Mean(group, peer, Over(m => m.Cpu), Over(m => m.Wall), rows.Length);

        double? Over(Func<Measurement, double> of) => Statistics.GeometricMean(rows.Select(row => row.Ratio(peer, of)).OfType<double>());
    }
}
