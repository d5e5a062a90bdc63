namespace RvJit.Perf.Compare;

/// <summary>All counted samples of one program under one peer.</summary>
public sealed record Measurement(string Peer, IReadOnlyList<Sample> Samples)
{
    public double Wall => Statistics.Median(Samples.Select(s => s.Wall));

    public double Cpu => Statistics.Median(Samples.Select(s => s.Cpu));

    public double PeakMiB => Statistics.Median(Samples.Select(s => s.PeakKiB / 1024.0));

    public double WallSpread => Statistics.Spread([.. Samples.Select(s => s.Wall)]);
}

/// <summary>One program under all peers, or why there is nothing to say about it.</summary>
public sealed record Row(GuestProgram Program, IReadOnlyList<Measurement> Measurements, string? Error)
{
    public Measurement? Of(string peer) => Measurements.FirstOrDefault(m => m.Peer == peer);

    /// <summary>rvjit's median over a peer's: below 1 rvjit is faster. Null without both.</summary>
    public double? Ratio(string peer, Func<Measurement, double> of) =>
        Error is null && Of(Peer.RvJit) is { } own && Of(peer) is { } other && of(own) > 0 && of(other) > 0
            ? of(own) / of(other)
            : null;
}

/// <summary>Runs every program under every peer in turns, so that what the machine does meanwhile meets all alike.</summary>
public static class Comparison
{
    /// <summary>One round that is checked and not counted, then rounds that are both: A B C, A B C, ...</summary>
    public static Row Measure(GuestProgram program, IReadOnlyList<Peer> peers, int runs, Func<Peer, GuestProgram, int, Run> run)
    {
        var samples = peers.Select(_ => new List<Sample>()).ToArray();
        byte[]? first = null;
        for (int round = 0; round <= runs; round++)
        {
            (string Peer, Run Run)[] results = [.. peers.Select(peer => (peer.Name, run(peer, program, round)))];
            first ??= results[0].Run.Output;
            string? error = Agreement.Check(results);
            if (error is null && !first.AsSpan().SequenceEqual(results[0].Run.Output))
                error = $"outputs differ between round 0 and round {round}";
            if (error is not null)
                return new Row(program, [], error);
            if (round == 0)
                continue;
            for (int i = 0; i < results.Length; i++)
                samples[i].Add(results[i].Run.Sample);
        }

        return new Row(program, [.. peers.Select((peer, i) => new Measurement(peer.Name, samples[i]))], null);
    }
}
