using System.Numerics;

namespace RvJit.Guest.Linux.Signals;

/// <summary>
/// Signals that were sent and not yet taken: one of each standard signal, any number of each real-time one. The
/// process's signal lock guards changes; the mask may be read without it.
/// </summary>
public sealed class PendingSignals
{
    private const int QueueLimit = 4096;

    private readonly LinkedList<SigInfo> _queue = [];
    private ulong _mask;

    public ulong Mask => Volatile.Read(ref _mask);

    /// <summary>False when the queue is full (RLIMIT_SIGPENDING).</summary>
    public bool Add(in SigInfo info)
    {
        ulong bit = Signal.Bit(info.Signal);
        if (info.Signal < Signal.FirstRealTime && (_mask & bit) != 0)
            return true;
        if (_queue.Count >= QueueLimit)
            return false;
        _queue.AddLast(info);
        Volatile.Write(ref _mask, _mask | bit);
        return true;
    }

    /// <summary>Takes the next signal of a set: failures of the instruction itself first, then by number.</summary>
    public bool TryTake(ulong set, out SigInfo info)
    {
        ulong candidates = _mask & set;
        if ((candidates & Signal.Synchronous) != 0)
            candidates &= Signal.Synchronous;
        if (candidates == 0)
        {
            info = default;
            return false;
        }

        int signal = BitOperations.TrailingZeroCount(candidates) + 1;
        LinkedListNode<SigInfo> node = First(signal)!;
        info = node.Value;
        _queue.Remove(node);
        if (First(signal) is null)
            Volatile.Write(ref _mask, _mask & ~Signal.Bit(signal));
        return true;
    }

    /// <summary>Forgets a signal (it became ignored).</summary>
    public void Discard(int signal)
    {
        while (First(signal) is { } node)
            _queue.Remove(node);
        Volatile.Write(ref _mask, _mask & ~Signal.Bit(signal));
    }

    private LinkedListNode<SigInfo>? First(int signal)
    {
        for (LinkedListNode<SigInfo>? n = _queue.First; n is not null; n = n.Next)
        {
            if (n.ValueRef.Signal == signal)
                return n;
        }

        return null;
    }
}
