using RvJit.Machine;

namespace RvJit.Cli.Bench;

/// <summary>A figure that every measured cell has, or has not.</summary>
/// <param name="Key">Its name in JSON and CSV.</param>
/// <param name="Head">Over the column of a table.</param>
/// <param name="Meaning">Meaning and unit.</param>
/// <param name="Format">Of a number in a table.</param>
/// <param name="Of">The figure; null where it was not counted.</param>
public sealed record EdgeCallColumn(string Key, string Head, string Meaning, string Format, Func<EdgeCallResult, double?> Of)
{
    public string Text(EdgeCallResult result) => Of(result)?.ToString(Format) ?? "-";
}

/// <summary>The figures of the report, in one order for the terminal, HTML, JSON and CSV.</summary>
public static class EdgeCallColumns
{
    /// <summary>With fewer calls the highest percentile is the worst call.</summary>
    private const int EnoughForPerMille = 1000;

    public static readonly IReadOnlyList<EdgeCallColumn> All =
    [
        new("transitions", "trans", "privilege transitions of all harts, a call", "0.####", r => r.Transitions),
        new("callerInstructions", "caller", "guest instructions on the caller's hart, a call, waiting included; a synchronous call runs both sides there", "0", r => r.CallerInstructions),
        new("serverInstructions", "server", "guest instructions on the server's hart, a call, waiting included", "0", r => r.ServerInstructions),
        new("modelledInstructions", "model", "instructions that native services stand for, a call", "0", r => r.ModelledInstructions),
        new("pmpWrites", "PMP", "PMP registers written, a call", "0.##", r => r.PmpWrites),
        new("nanoseconds", "ns", "nanoseconds a call, median of the runs", "0", r => r.Nanoseconds),
        new("spread", "+-%", "half the distance of the fastest and slowest run, of the median", "0%", r => r.Spread),
        new("callsPerSecond", "calls/s", "calls a second", "0", r => r.CallsPerSecond),
        new("mebibytesPerSecond", "MiB/s", "of argument, and of answer where it is echoed", "0.#", r => r.MebibytesPerSecond),
        new("p50", "p50", "latency, nanoseconds; of a batch, the whole batch's", "0", r => r.Latency["p50"]),
        new("p90", "p90", "latency", "0", r => r.Latency["p90"]),
        new("p99", "p99", "latency", "0", r => r.Latency["p99"]),
        new("p999", "p99.9", "latency; only of a thousand calls and more", "0", r => r.Latency.Calls >= EnoughForPerMille * r.Cell.Batch ? r.Latency["p999"] : null),
        new("worst", "worst", "latency of the slowest call", "0", r => r.Latency["worst"]),
        new("doorbells", "rings", "doorbells rung, both ways, a call", "0.###", r => r.Doorbells),
        new("interrupts", "uipi", "user interrupts sent, both ways, a call", "0.###", r => r.Interrupts),
        new("suppressed", "unrung", "doorbells that the other side did not need, a call", "0.###", r => r.Suppressed),
        new("idleTurns", "idle", "looks at an empty ring while waiting, a call", "0.#", r => r.IdleTurns),
        new("fallbacks", "fallb", "calls that went the synchronous way for want of a worker, a call", "0.###", r => r.Fallbacks),
    ];

    /// <summary>What names a cell, in the same order everywhere.</summary>
    public static readonly IReadOnlyList<(string Key, string Head, Func<EdgeCallCell, string> Of)> Names =
    [
        ("runtime", "runtime", cell => cell.RuntimeName),
        ("direction", "dir", cell => cell.DirectionName),
        ("backend", "backend", cell => cell.Backend),
        ("payload", "bytes", cell => $"{cell.Payload}"),
        ("reply", "reply", cell => cell.Reply),
        ("batch", "batch", cell => $"{cell.Batch}"),
        ("cost", "cost", cell => $"{cell.Cost}"),
        ("server", "peer", cell => cell.BusyServer ? "busy" : "waits"),
        ("processors", "cpus", cell => cell.OneProcessor ? "1" : "all"),
    ];

    public static readonly IReadOnlyList<TransitionKind> Kinds = Enum.GetValues<TransitionKind>();

    /// <summary>What stands in the place of figures where there are none.</summary>
    public static string? Absence(EdgeCallResult result) => result.Failure is { } failure
        ? $"FAILED: {failure}"
        : result.NotOffered is { } reason ? $"not offered: {reason}" : null;
}
