using RvJit.Cli.Commands;

namespace RvJit.Cli.Bench;

/// <summary>
/// What is measured. The matrix is not filled: from a base (64 bytes, no batch, a handler that does nothing) one axis is
/// moved at a time, which shows every shape in minutes instead of days.
/// </summary>
public sealed record EdgeCallPlan
{
    /// <summary>Bytes of argument of the base, where the list of payloads holds it.</summary>
    private const int BasePayload = 64;

    /// <summary>What the calls of one run may move or burn together; dear calls are measured less often.</summary>
    private const long MostBytes = 64L << 20;
    private const long MostTurns = 20_000_000;
    private const long FewestCalls = 20;

    /// <summary>Two sides that share a processor wait for its scheduler, some milliseconds a call.</summary>
    private const long CallsOnOneProcessor = 100;

    /// <summary>Counts are the same for each call; waiting is not, and is averaged.</summary>
    private const long CallsToCount = 10_000;

    /// <summary>Calls before the first that counts: until the code is translated, which takes some tenths of a second.</summary>
    private const long Warmup = 200_000;

    public required IReadOnlyList<RuntimeChoice> Runtimes { get; init; }

    public required IReadOnlyList<string> Backends { get; init; }

    public required IReadOnlyList<EdgeCallDirection> Directions { get; init; }

    public required IReadOnlyList<int> Payloads { get; init; }

    public required IReadOnlyList<int> Batches { get; init; }

    public required IReadOnlyList<int> Costs { get; init; }

    /// <summary>Whether answers bring the argument back: without, with, or one after the other.</summary>
    public IReadOnlyList<bool> Echoes { get; init; } = [false];

    /// <summary>Measure the base on one processor, too.</summary>
    public required bool OneProcessor { get; init; }

    /// <summary>
    /// Only what the claims are about leaves the base: calls of the enclave, by <c>sync</c> and by polled rings. Beside the
    /// native runtime, that of guest code has no other ways at all.
    /// </summary>
    public bool Sparse { get; init; }

    /// <summary>Timed runs of each cell.</summary>
    public required int Runs { get; init; }

    /// <summary>Calls of a run whose calls are cheap.</summary>
    public required long Calls { get; init; }

    public TierChoice Tier { get; init; }

    public IReadOnlyList<EdgeCallCell> Cells()
    {
        var cells = new List<EdgeCallCell>();
        int payload = Payloads.Contains(BasePayload) ? BasePayload : Payloads[0];
        foreach (RuntimeChoice runtime in Runtimes)
            foreach (EdgeCallDirection direction in Directions)
                foreach (string backend in Backends)
                {
                    IReadOnlyList<int> batches = EdgeCallCell.HasBatches(backend) ? Batches : [1];
                    var start = new EdgeCallCell(runtime, backend, direction, payload, batches[0], Costs[0], OneProcessor: false) { Echo = Echoes[0] };
                    bool isClaimed = backend is EdgeCallCell.Sync or EdgeCallCell.Polled;
                    if (backend == EdgeCallCell.Interrupting && direction == EdgeCallDirection.Ocall && !(Sparse && runtime == RuntimeChoice.Guest && Runtimes.Count > 1))
                        cells.Add(start with { BusyServer = true });
                    if (Sparse && !isClaimed && runtime == RuntimeChoice.Guest && Runtimes.Count > 1)
                        continue;
                    if (Sparse && (direction == EdgeCallDirection.Ecall || !isClaimed))
                    {
                        cells.Add(start);
                        if (OneProcessor)
                            cells.Add(start with { OneProcessor = true });
                        continue;
                    }

                    cells.AddRange(Payloads.Select(p => start with { Payload = p }));
                    cells.AddRange(batches.Skip(1).Select(b => start with { Batch = b }));
                    cells.AddRange(Costs.Skip(1).Select(c => start with { Cost = c }));
                    cells.AddRange(Echoes.Skip(1).SelectMany(e => Payloads.Where(p => p != 0).Select(p => start with { Payload = p, Echo = e })));
                    if (OneProcessor)
                        cells.Add(start with { OneProcessor = true });
                }

        return cells;
    }

    public long CallsOf(EdgeCallCell cell, EdgeCallRound round) =>
        round == EdgeCallRound.Counting ? Math.Min(CallsOf(cell), CallsToCount) : CallsOf(cell);

    /// <summary>Counts need no warm code.</summary>
    public long WarmupOf(EdgeCallCell cell, EdgeCallRound round) => round == EdgeCallRound.Counting ? FewestCalls : Math.Min(Warmup, CallsOf(cell));

    private long CallsOf(EdgeCallCell cell)
    {
        long calls = cell.OneProcessor ? Math.Min(Calls, CallsOnOneProcessor) : Calls;
        long afford = Math.Min(MostBytes / Math.Max(cell.BothWays, 1), MostTurns / Math.Max(cell.Cost, 1));
        return Math.Min(calls, Math.Max(afford, FewestCalls));
    }
}
