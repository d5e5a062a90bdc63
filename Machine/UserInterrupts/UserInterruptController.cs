namespace RvJit.Machine;

/// <summary>What became of user interrupts, summed over all harts.</summary>
/// <param name="Sent">SENDs to a receiver that exists.</param>
/// <param name="Coalesced">Of them, those that found the receiver with something pending already: it is not told twice.</param>
/// <param name="Posted">Of them, those that found it not running, or not active: it learns of them when it runs again.</param>
/// <param name="Refused">SENDs by an index that means nothing, or no longer; nothing else happened.</param>
/// <param name="Taken">User software interrupts taken.</param>
/// <param name="Spurious">READs that found nothing.</param>
public sealed record UserInterruptStatistics(
    long Sent, long Coalesced, long Posted, long Refused, long Taken, long Spurious);

/// <summary>
/// Carries user software interrupts from hart to hart (the uipi instruction): receivers by number and generation, and
/// the tables of senders that lead to them. Who may send to whom is decided by those who own the tables, the native
/// kernel for its processes and the security monitor for enclaves; guest code only knows indices into its own table.
/// </summary>
public sealed class UserInterruptController
{
    /// <summary>Receivers that exist at once.</summary>
    public const int MostReceivers = 512;

    /// <summary>Bits of a receiver's pending word; a sender sets one of them.</summary>
    public const int Vectors = 64;

    /// <summary>Counters stand apart by hart, so that harts do not wait for each other's cache line.</summary>
    private const int Shards = 8;
    private const int ShardLongs = 8;

    private readonly Lock _lock = new();
    private readonly UserInterruptReceiver?[] _receivers = new UserInterruptReceiver?[MostReceivers];
    private readonly ushort[] _generations = new ushort[MostReceivers];
    private readonly long[] _counts = new long[Shards * ShardLongs];

    internal enum Count
    {
        Sent,
        Coalesced,
        Posted,
        Refused,
        Taken,
        Spurious,
    }

    public UserInterruptStatistics Statistics => new(
        Sum(Count.Sent), Sum(Count.Coalesced), Sum(Count.Posted), Sum(Count.Refused), Sum(Count.Taken), Sum(Count.Spurious));

    /// <summary>A new receiver, active, with nothing pending; null when there are too many. Give it to <see cref="UserInterruptPort.Receiver"/>.</summary>
    public UserInterruptReceiver? RegisterReceiver()
    {
        lock (_lock)
        {
            int index = Array.IndexOf(_receivers, null);
            if (index < 0)
                return null;
            var receiver = new UserInterruptReceiver(index, ++_generations[index]);
            Volatile.Write(ref _receivers[index], receiver);
            return receiver;
        }
    }

    /// <summary>The receiver is no more: what is sent to its generation from now on is refused, whoever gets its number next.</summary>
    public void Release(UserInterruptReceiver receiver)
    {
        lock (_lock)
        {
            if (_receivers[receiver.Index] == receiver)
                Volatile.Write(ref _receivers[receiver.Index], null);
        }

        receiver.Detach();
    }

    /// <summary>A hart's code, or native code in its place, sends by an entry of a table of senders.</summary>
    /// <param name="senders">The table.</param>
    /// <param name="index">Any number.</param>
    /// <param name="hartId">Whose counters to use.</param>
    public void Send(UserInterruptSenders? senders, ulong index, int hartId)
    {
        if (senders is null || !senders.TryFind(index, out SenderEntry entry)
            || Volatile.Read(ref _receivers[entry.Receiver]) is not { } receiver || receiver.Generation != entry.Generation)
        {
            Add(Count.Refused, hartId);
            return;
        }

        Add(Count.Sent, hartId);
        switch (receiver.Post(entry.Vector))
        {
            case Posting.Coalesced:
                Add(Count.Coalesced, hartId);
                break;
            case Posting.Posted:
                Add(Count.Posted, hartId);
                break;
        }
    }

    internal void Add(Count count, int hartId) =>
        Interlocked.Increment(ref _counts[((hartId & (Shards - 1)) * ShardLongs) + (int)count]);

    private long Sum(Count count)
    {
        long sum = 0;
        for (int shard = 0; shard < Shards; shard++)
            sum += Interlocked.Read(ref _counts[(shard * ShardLongs) + (int)count]);
        return sum;
    }
}
