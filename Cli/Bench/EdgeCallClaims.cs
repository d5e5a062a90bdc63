using RvJit.Cli.Commands;

namespace RvJit.Cli.Bench;

public enum Verdict
{
    Met,
    NotMet,

    /// <summary>A cell that it is about was not asked for, or failed.</summary>
    NotMeasured,

    /// <summary>A figure that stands beside the claims and is none.</summary>
    NoClaim,
}

/// <param name="Text">What is claimed.</param>
/// <param name="Verdict">Whether this run shows it.</param>
/// <param name="Figures">What was measured.</param>
/// <param name="IsExact">About counts that no noise can move: when it is not met, something is broken.</param>
public sealed record EdgeCallClaim(string Text, Verdict Verdict, string Figures, bool IsExact = false);

/// <summary>
/// Judges the claims by what was measured. Configurations are never mixed: a ratio has both its sides from one runtime.
/// </summary>
public static class EdgeCallClaims
{
    private const int SynchronousTransitions = 8;
    private const double ClaimedRatio = 4;
    private const double HopedRatio = 10;
    private const double MostWaiting = 1.1;
    private const double FastestSynchronous = 2000;
    private const double RoundTrip = 600;
    private const double InterruptedRoundTrip = 2000;
    private const double BatchedCalls = 3e6;
    private const int BatchOfClaim = 32;
    private static readonly int[] _payloads = [0, 64];

    public static IReadOnlyList<EdgeCallClaim> Judge(IReadOnlyList<EdgeCallResult> results, IReadOnlyList<CallCost> costs)
    {
        var claims = new List<EdgeCallClaim>();
        foreach (RuntimeChoice runtime in Enum.GetValues<RuntimeChoice>())
        {
            EdgeCallResult[] measured = [.. results.Where(result => result.IsMeasured && result.Cell.Runtime == runtime)];
            string name = EdgeCallCell.NameOf(runtime);
            if (!results.Any(result => result.Cell.Runtime == runtime))
            {
                claims.AddRange(_payloads.Select(payload => Wall(runtime, payload, measured))); // that they are open is said in any case
                continue;
            }

            claims.Add(Count($"{name}: a synchronous call makes {SynchronousTransitions} privilege transitions, whatever it carries", SynchronousTransitions,
                [.. measured.Where(result => result.Cell.Backend == EdgeCallCell.Sync)]));
            claims.Add(Count($"{name}: a call through polled memory makes none", 0, [.. measured.Where(result => result.Cell.NeverLeavesUserMode)]));
            claims.Add(SleepersOnly(name, measured));
            claims.AddRange(_payloads.Select(payload => Instructions(name, payload, measured, costs)));
            claims.AddRange(_payloads.Select(payload => Wall(runtime, payload, measured)));
            claims.Add(Adaptive(name, measured, costs));
            claims.AddRange(Absolute(runtime, measured));
        }

        claims.Add(Batches(costs));
        return claims;
    }

    private static EdgeCallClaim Count(string text, int each, EdgeCallResult[] cells)
    {
        if (cells.Length == 0)
            return new EdgeCallClaim(text, Verdict.NotMeasured, "", IsExact: true);
        EdgeCallResult? wrong = Array.Find(cells, cell => !cell.AlwaysMade(each));
        return wrong is null
            ? new EdgeCallClaim(text, Verdict.Met, $"{cells.Sum(cell => cell.Calls):N0} calls in {cells.Length} cells", IsExact: true)
            : new EdgeCallClaim(text, Verdict.NotMet, $"{wrong.Transitions:0.######} a call, or more in another run, in {wrong.Cell}", IsExact: true);
    }

    /// <summary>Ways that may sleep make transitions for that and for nothing else.</summary>
    private static EdgeCallClaim SleepersOnly(string name, EdgeCallResult[] measured)
    {
        string text = $"{name}: other ways make transitions only to sleep, to ring and to fall back";
        EdgeCallResult[] cells = [.. measured.Where(result => result.Cell.Backend != EdgeCallCell.Sync && !result.Cell.NeverLeavesUserMode)];
        if (cells.Length == 0)
            return new EdgeCallClaim(text, Verdict.NotMeasured, "", IsExact: true);
        EdgeCallResult? wrong = Array.Find(cells, cell =>
            cell.Counted.Transitions.Sum() != 0
            && cell.Counted["doorbells"] + cell.Counted["caller_sleeps"] + cell.Counted["server_sleeps"] + cell.Counted["fallbacks"] == 0);
        return wrong is null
            ? new EdgeCallClaim(text, Verdict.Met, $"{cells.Count(cell => cell.Counted.Transitions.Sum() == 0)} of {cells.Length} cells made none", IsExact: true)
            : new EdgeCallClaim(text, Verdict.NotMet, $"{wrong.Transitions:0.###} a call in {wrong.Cell}", IsExact: true);
    }

    private static EdgeCallClaim Instructions(string name, int payload, EdgeCallResult[] measured, IReadOnlyList<CallCost> costs)
    {
        string text = $"{name}: {payload} bytes take {ClaimedRatio}x fewer guest and modelled instructions than sync (ocall)";
        if (Find(measured, EdgeCallCell.Sync, payload) is not { } sync || costs.FirstOrDefault(cost => cost.Payload == payload && cost.Batch == 1) is not { } cost)
            return new EdgeCallClaim(text, Verdict.NotMeasured, "");
        double all = sync.CallerInstructions + sync.ModelledInstructions, ratio = all / cost.Call;
        return new EdgeCallClaim(
            text, ratio >= ClaimedRatio ? Verdict.Met : Verdict.NotMet,
            $"{ratio:0.0}x: {sync.CallerInstructions:0} counted + {sync.ModelledInstructions:0} modelled to {cost.Call} (without waiting)");
    }

    /// <summary>Waiting is what a call executed beyond the bare library.</summary>
    private static EdgeCallClaim Adaptive(string name, EdgeCallResult[] measured, IReadOnlyList<CallCost> costs)
    {
        const int Payload = 64;
        string text = $"{name}: {EdgeCallCell.Adaptive} waits with at most {MostWaiting:0.0}x the instructions of the better of {EdgeCallCell.Polled} and {EdgeCallCell.Interrupting}";
        double?[] waiting = [.. new[] { EdgeCallCell.Adaptive, EdgeCallCell.Polled, EdgeCallCell.Interrupting }
            .Select(backend => Find(measured, backend, Payload) is { ServerInstructions: { } server } result
                ? result.CallerInstructions + server - costs.First(cost => cost is { Payload: Payload, Batch: 1 }).Call
                : (double?)null)];
        return waiting is [{ } adaptive, { } polled, { } interrupting]
            ? new EdgeCallClaim(text, adaptive <= MostWaiting * Math.Min(polled, interrupting) ? Verdict.Met : Verdict.NotMet, $"{adaptive:0} to {polled:0} and {interrupting:0} a call")
            : new EdgeCallClaim(text, Verdict.NotMeasured, "");
    }

    private static EdgeCallClaim Wall(RuntimeChoice runtime, int payload, EdgeCallResult[] measured)
    {
        string text = $"{EdgeCallCell.NameOf(runtime)}: {payload} bytes take {ClaimedRatio}x less time than sync (ocall)";
        EdgeCallResult? best = Best(measured, payload, batch: 1);
        if (Find(measured, EdgeCallCell.Sync, payload) is not { } sync || best is null)
            return new EdgeCallClaim(text, Verdict.NotMeasured, "");
        double ratio = sync.Nanoseconds / best.Nanoseconds;
        string figures = $"{ratio:0.0}x: {sync.Nanoseconds:0} ns to {best.Nanoseconds:0} ns by {best.Cell.Backend}";
        if (Best(measured, payload, BatchOfClaim) is { } batched)
            figures += $"; {sync.Nanoseconds / batched.Nanoseconds:0.0}x in batches of {BatchOfClaim} (goal {HopedRatio}x)";
        return runtime == RuntimeChoice.Native
            ? new EdgeCallClaim($"{text.Replace($"{ClaimedRatio}x less", "less", StringComparison.Ordinal)}, services being native", Verdict.NoClaim, figures)
            : new EdgeCallClaim(text, ratio >= ClaimedRatio ? Verdict.Met : Verdict.NotMet, figures);
    }

    private static IEnumerable<EdgeCallClaim> Absolute(RuntimeChoice runtime, EdgeCallResult[] measured)
    {
        string name = EdgeCallCell.NameOf(runtime);
        if (runtime == RuntimeChoice.Native)
        {
            EdgeCallResult? sync = Find(measured, EdgeCallCell.Sync, 0);
            yield return AtMost($"{name}: a synchronous null call takes at most {FastestSynchronous / 1000} us, so that nothing is won by a slow baseline",
                sync?.Nanoseconds, FastestSynchronous, "ns");
        }

        EdgeCallResult? polled = Find(measured, EdgeCallCell.Polled, 64);
        yield return AtMost($"{name}: an asynchronous round trip with both sides polling takes at most {RoundTrip / 1000} us (p50)",
            polled?.Latency["p50"], RoundTrip, "ns");
        EdgeCallResult? interrupted = Array.Find(measured, result => result.Cell.BusyServer);
        yield return AtMost($"{name}: one through user interrupts, the peer busy in its own code, takes at most {InterruptedRoundTrip / 1000} us (p50)",
            interrupted?.Latency["p50"], InterruptedRoundTrip, "ns");
        string text = $"{name}: {BatchedCalls / 1e6:0} million calls a second in batches of {BatchOfClaim}";
        yield return Best(measured, 64, BatchOfClaim) is { } best
            ? new EdgeCallClaim(text, best.CallsPerSecond >= BatchedCalls ? Verdict.Met : Verdict.NotMet, $"{best.CallsPerSecond / 1e6:0.00} million by {best.Cell.Backend}")
            : new EdgeCallClaim(text, Verdict.NotMeasured, "");
    }

    private static EdgeCallClaim AtMost(string text, double? value, double most, string unit) => value is { } measured
        ? new EdgeCallClaim(text, measured <= most ? Verdict.Met : Verdict.NotMet, $"{measured:0} {unit}")
        : new EdgeCallClaim(text, Verdict.NotMeasured, "");

    /// <summary>The library alone, counted in one thread: no time is in it.</summary>
    private static EdgeCallClaim Batches(IReadOnlyList<CallCost> costs)
    {
        CallCost alone = costs.First(cost => cost is { Payload: 64, Batch: 1 }), batch = costs.First(cost => cost is { Payload: 64, Batch: BatchOfClaim });
        return new EdgeCallClaim(
            $"a call in a batch of {BatchOfClaim} takes fewer instructions", batch.Call < alone.Call ? Verdict.Met : Verdict.NotMet, $"{alone.Call} to {batch.Call}", IsExact: true);
    }

    private static EdgeCallResult? Find(EdgeCallResult[] measured, string backend, int payload) => Array.Find(measured, result =>
        result.Cell is { Direction: EdgeCallDirection.Ocall, Batch: 1, Cost: 0, OneProcessor: false, BusyServer: false, Echo: false } cell && cell.Backend == backend && cell.Payload == payload);

    /// <summary>The fastest asynchronous way.</summary>
    private static EdgeCallResult? Best(EdgeCallResult[] measured, int payload, int batch) => measured
        .Where(result => result.Cell is { Direction: EdgeCallDirection.Ocall, Cost: 0, OneProcessor: false, BusyServer: false, Echo: false } cell
            && EdgeCallCell.HasBatches(cell.Backend) && cell.Payload == payload && cell.Batch == batch)
        .MinBy(result => result.Nanoseconds);
}
