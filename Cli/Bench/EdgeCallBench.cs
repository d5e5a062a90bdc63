using RvJit.Cli.Output;

namespace RvJit.Cli.Bench;

/// <summary>
/// Runs the plan in rounds: each cell once, then each cell again. What else the machine does, and how warm the process is,
/// meets all cells alike.
/// </summary>
public static class EdgeCallBench
{
    /// <summary>Payloads and batches that the bare library is counted with.</summary>
    private static readonly (int Payload, int Batch)[] _costs = [(0, 1), (64, 1), (64, 32)];

    public static EdgeCallReport Run(EdgeCallPlan plan)
    {
        using var guest = new EdgeCallGuest();
        using var progress = new Progress("measuring edge calls");
        EdgeCallResult[] results = [.. plan.Cells().Select(cell => new EdgeCallResult(cell))];
        EdgeCallRound[] rounds = [EdgeCallRound.Counting, EdgeCallRound.Latency, .. Enumerable.Repeat(EdgeCallRound.Timing, plan.Runs)];
        CallCost[] costs = [.. _costs.Select(cost => guest.CostOf(cost.Payload, cost.Batch, plan.Tier))];
        long done = 0;
        foreach (EdgeCallRound round in rounds)
        {
            foreach (EdgeCallResult result in results)
            {
                if (result.Failure is null && result.NotOffered is null)
                {
                    string? failure = guest.TryRun(result.Cell, plan, round, out EdgeCallSample? sample);
                    result.Add(failure, sample, round);
                }

                progress.Report(++done, (long)rounds.Length * results.Length);
            }
        }

        return new EdgeCallReport(plan, results, costs);
    }
}

/// <summary>All that one run of the command found out.</summary>
/// <param name="Plan">What was asked for.</param>
/// <param name="Results">In the order of the plan's cells.</param>
/// <param name="Costs">Instructions of the bare library.</param>
public sealed record EdgeCallReport(EdgeCallPlan Plan, IReadOnlyList<EdgeCallResult> Results, IReadOnlyList<CallCost> Costs)
{
    public IReadOnlyList<EdgeCallClaim> Claims { get; } = EdgeCallClaims.Judge(Results, Costs);

    /// <summary>A cell went wrong, or a count is not what it must be.</summary>
    public bool Failed => Results.Any(result => result.Failure is not null)
        || Claims.Any(claim => claim is { IsExact: true, Verdict: Verdict.NotMet });

    /// <summary>The machine, in one line.</summary>
    public static string Machine =>
        $"rvjit {CommandLine.Version}, {Environment.ProcessorCount} processors, {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}";
}
