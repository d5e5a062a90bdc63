using RvJit.Cli;

namespace RvJit.Perf.Compare;

/// <summary>One ratio of rvjit to a peer, in an earlier comparison and in this one.</summary>
/// <param name="Subject">A program, or the mean of a group.</param>
/// <param name="Measure">CPU or wall.</param>
public sealed record RatioChange(string Subject, string Measure, string Peer, double Before, double Now)
{
    /// <summary>Above 1, rvjit has lost against the peer.</summary>
    public double Factor => Now / Before;
}

/// <summary>
/// An earlier comparison to hold this one to. Ratios are compared, not times, so that the machine may be another one.
/// Short programs are held to their wall time, and not against native, where they take next to no time.
/// </summary>
public sealed class Baseline(ComparisonFile before)
{
    private const string Cpu = "CPU", Wall = "wall";

    /// <summary>Known before measuring: both comparisons must be of the same programs and have a peer in common.</summary>
    public void Check(IReadOnlyList<GuestProgram> programs, IEnumerable<string> peers)
    {
        string[] then = [.. before.Rows.Select(row => Describe(row.Program, row.Arguments))];
        string[] now = [.. programs.Select(program => Describe(program.Name, program.Arguments))];
        if (then.Except(now).FirstOrDefault() is { } missing)
            throw new BadInputException($"the baseline is of other programs: it has {missing}, which would not run now");
        if (now.Except(then).FirstOrDefault() is { } added)
            throw new BadInputException($"the baseline is of other programs: it does not have {added}");
        if (!peers.Where(peer => peer != Peer.RvJit).Intersect(before.Peers.Select(peer => peer.Name)).Any())
            throw new BadInputException("the baseline has no peer that takes part now");
    }

    /// <summary>Every ratio that both have, the worst change first.</summary>
    public IReadOnlyList<RatioChange> Changes(ComparisonFile now)
    {
        Dictionary<(string Subject, string Measure, string Peer), double> then = Ratios(before);
        return
        [
            .. Ratios(now).Where(ratio => then.ContainsKey(ratio.Key))
                .Select(ratio => new RatioChange(ratio.Key.Subject, ratio.Key.Measure, ratio.Key.Peer, then[ratio.Key], ratio.Value))
                .OrderByDescending(change => change.Factor),
        ];
    }

    private static Dictionary<(string Subject, string Measure, string Peer), double> Ratios(ComparisonFile file)
    {
        var ratios = new Dictionary<(string, string, string), double>();
        foreach (Mean mean in file.Means)
        {
            Add($"mean of {mean.Title}", Cpu, mean.Peer, mean.Cpu);
            Add($"mean of {mean.Title}", Wall, mean.Peer, mean.Wall);
        }

        foreach (ComparisonFile.RowEntry row in file.Rows)
        {
            bool isShort = row.Group == ProgramGroup.Short;
            foreach ((string peer, ComparisonFile.RatioEntry ratio) in row.Ratios.Where(ratio => !isShort || ratio.Key != Peer.Native))
            {
                Add(row.Program, Wall, peer, ratio.Wall);
                Add(row.Program, Cpu, peer, isShort ? null : ratio.Cpu);
            }
        }

        return ratios;

        void Add(string subject, string measure, string peer, double? ratio)
        {
            if (ratio is { } value)
                ratios[(subject, measure, peer)] = value;
        }
    }

    private static string Describe(string name, IReadOnlyList<string> arguments) =>
        arguments.Count == 0 ? name : $"{name} ({string.Join(' ', arguments)})";
}
