namespace RvJit.Machine;

/// <summary>How a user interrupt reached its receiver.</summary>
internal enum Posting
{
    /// <summary>The hart that runs the receiver was told.</summary>
    Delivered,

    /// <summary>Something was pending already.</summary>
    Coalesced,

    /// <summary>Nobody runs the receiver, or it is not active.</summary>
    Posted,
}

/// <summary>
/// Who can be sent user interrupts: a word of pending bits, which raises USIP of the hart that runs the receiver while it
/// is not zero. Made by <see cref="UserInterruptController.RegisterReceiver"/>.
/// </summary>
/// <remarks>
/// A sender sets its bit, then looks who runs the receiver; whoever starts to run it says so, then looks at the bits;
/// each with a full barrier in between. So whoever comes second sees the other.
/// </remarks>
public sealed class UserInterruptReceiver
{
    private ulong _pending;
    private Hart? _hart;
    private volatile bool _active = true;

    internal UserInterruptReceiver(int index, ushort generation)
    {
        Index = index;
        Generation = generation;
        HasPending = () => Pending != 0;
    }

    /// <summary>Its number at the controller.</summary>
    public int Index { get; }

    /// <summary>Tells it from those that had the number before.</summary>
    public ushort Generation { get; }

    /// <summary>One bit for each vector.</summary>
    public ulong Pending => Volatile.Read(ref _pending);

    /// <summary>What its hart waits for.</summary>
    internal Func<bool> HasPending { get; }

    /// <summary>What it adds to USIP.</summary>
    public bool IsRaised => _active && Pending != 0;

    /// <summary>Whether it wants to be told; what is sent is kept either way.</summary>
    internal bool IsActive
    {
        get => _active;
        set
        {
            _active = value;
            Interlocked.MemoryBarrier();
        }
    }

    /// <summary>Takes all that is pending.</summary>
    public ulong Take() => Interlocked.Exchange(ref _pending, 0);

    internal Posting Post(int vector)
    {
        if (Interlocked.Or(ref _pending, 1UL << vector) != 0)
            return Posting.Coalesced; // whoever set the first bit tells the hart
        if (Volatile.Read(ref _hart) is not { } hart)
            return Posting.Posted;
        hart.Nudge(); // also one that waits without being active
        return _active ? Posting.Delivered : Posting.Posted;
    }

    internal void Attach(Hart hart)
    {
        Volatile.Write(ref _hart, hart);
        Interlocked.MemoryBarrier();
    }

    internal void Detach() => Volatile.Write(ref _hart, null);
}
