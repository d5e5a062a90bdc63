namespace RvJit.Perf.Compare;

/// <summary>What one run cost: seconds, and the largest resident set in KiB.</summary>
public sealed record Sample(double Wall, double User, double System, long PeakKiB)
{
    public double Cpu => User + System;
}

/// <summary>One run of one program under one peer.</summary>
/// <param name="Failure">Why it counts as failed, or null: killed, timed out, or a non-zero exit code.</param>
public sealed record Run(Sample Sample, byte[] Output, string? Failure);

/// <summary>Whether peers did the same work: nothing is compared between programs that print different things.</summary>
public static class Agreement
{
    private const int MostShown = 60;

    /// <summary>Null when every run ended well with the same output; otherwise what is wrong, in one line.</summary>
    public static string? Check(IReadOnlyList<(string Peer, Run Run)> runs)
    {
        foreach ((string peer, Run run) in runs)
        {
            if (run.Failure is not null)
                return $"{peer}: {run.Failure}";
        }

        foreach ((string peer, Run run) in runs)
        {
            if (!run.Output.AsSpan().SequenceEqual(runs[0].Run.Output))
                return $"outputs differ: {runs[0].Peer} printed {Show(runs[0].Run.Output)}, {peer} {Show(run.Output)}";
        }

        return null;
    }

    private static string Show(byte[] output)
    {
        string text = Cli.Output.Terminal.OneLine(System.Text.Encoding.UTF8.GetString(output));
        return text.Length == 0 ? "nothing" : $"'{(text.Length > MostShown ? text[..MostShown] + "..." : text)}'";
    }
}
