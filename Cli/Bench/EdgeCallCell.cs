using RvJit.Cli.Commands;

namespace RvJit.Cli.Bench;

/// <summary>Who calls whom.</summary>
public enum EdgeCallDirection
{
    /// <summary>The enclave calls the host program.</summary>
    Ocall,

    /// <summary>The host program calls the enclave.</summary>
    Ecall,
}

/// <summary>One cell of the matrix: everything that one row of the report was measured with.</summary>
/// <param name="Runtime">Who is S-mode of the enclave.</param>
/// <param name="Backend">How calls cross, by the name that the guest programs give it.</param>
/// <param name="Direction">Who calls.</param>
/// <param name="Payload">Bytes of argument.</param>
/// <param name="Batch">Calls that are shown to the other side at once, and waited for together.</param>
/// <param name="Cost">Turns of the handler's empty loop.</param>
/// <param name="OneProcessor">Both harts share one processor of the machine.</param>
public sealed record EdgeCallCell(
    RuntimeChoice Runtime, string Backend, EdgeCallDirection Direction, int Payload, int Batch, long Cost, bool OneProcessor)
{
    public const string Sync = "sync";
    public const string Polled = "async-poll";
    public const string Adaptive = "async-adaptive";
    public const string Interrupting = "async-uipi";

    /// <summary>The largest argument that the synchronous way carries (Guest/Sdk/aec_sync.h, AEC_SYNC_MAX).</summary>
    private const int MostSynchronous = 0x10000;

    /// <summary>Ways to call, by the names that the guest programs give them (Guest/Sdk/aec.h, enum aec_backend).</summary>
    public static readonly IReadOnlyList<string> Backends = [Sync, "spin", "workers", Polled, Adaptive, Interrupting];

    public const string Echoed = "echo";

    /// <summary>What answers carry: nothing, or the argument.</summary>
    public static readonly IReadOnlyList<string> Replies = ["none", Echoed];

    /// <summary>Why there is nothing to measure, or null.</summary>
    public string? NotOffered => Backend is Sync or "workers" && Payload > MostSynchronous
        ? $"a synchronous call carries at most {MostSynchronous} bytes"
        : null;

    /// <summary>Neither side may sleep or fall back: no call makes a privilege transition.</summary>
    public bool NeverLeavesUserMode => Backend is "spin" or Polled;

    /// <summary>Who serves works on something of its own and is interrupted, instead of waiting.</summary>
    public bool BusyServer { get; init; }

    /// <summary>The answer brings the argument back, so that both ways carry it; otherwise it carries a number alone.</summary>
    public bool Echo { get; init; }

    /// <summary>Sleepers are told by user interrupts, so the harts have extensions n and xaec.</summary>
    public bool HasUserInterrupts => Backend is Adaptive or Interrupting;

    /// <summary>Bytes that a call carries, there and back.</summary>
    public int BothWays => Echo ? 2 * Payload : Payload;

    public string Reply => Replies[Echo ? 1 : 0];

    public string RuntimeName => NameOf(Runtime);

    public string DirectionName => NameOf(Direction);

    /// <summary>Whether a way of calling has batches: those with rings whose callers poll.</summary>
    public static bool HasBatches(string backend) => backend.StartsWith("async-", StringComparison.Ordinal);

    public static string NameOf(RuntimeChoice runtime) => runtime.ToString().ToLowerInvariant();

    public static string NameOf(EdgeCallDirection direction) => direction.ToString().ToLowerInvariant();

    /// <summary>One line for messages.</summary>
    public override string ToString() =>
        $"{RuntimeName} {Backend} {DirectionName}, {Payload} bytes, batch {Batch}, cost {Cost}{(OneProcessor ? ", one processor" : "")}{(BusyServer ? ", busy server" : "")}{(Echo ? ", echoed" : "")}";
}
