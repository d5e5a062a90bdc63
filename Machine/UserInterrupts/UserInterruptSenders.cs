namespace RvJit.Machine;

/// <summary>A right to set one bit of one receiver of one generation.</summary>
internal readonly record struct SenderEntry(bool IsValid, byte Vector, ushort Receiver, ushort Generation);

/// <summary>
/// The table of senders of a process or an enclave: what SEND's index means. Its owner writes it, from any thread; guest
/// code can only send by it.
/// </summary>
public sealed class UserInterruptSenders
{
    /// <summary>Entries of a full table.</summary>
    public const int MostEntries = 512;

    private readonly Lock _lock = new();
    private SenderEntry[] _entries = [];

    /// <summary>Entries that there are, valid or not.</summary>
    public int Count => Volatile.Read(ref _entries).Length;

    /// <summary>Adds a right to send; the result is SEND's index, or -1 when the table is full.</summary>
    /// <param name="receiver">Where it goes.</param>
    /// <param name="vector">The bit that it sets, 0 to 63.</param>
    public int Add(UserInterruptReceiver receiver, int vector)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(vector);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(vector, UserInterruptController.Vectors);
        lock (_lock)
        {
            SenderEntry[] old = _entries;
            int index = Array.FindIndex(old, entry => !entry.IsValid);
            if (index < 0)
                index = old.Length;
            if (index == MostEntries)
                return -1;
            SenderEntry[] entries = [.. old, .. index == old.Length ? [default(SenderEntry)] : ReadOnlySpan<SenderEntry>.Empty];
            entries[index] = new SenderEntry(true, (byte)vector, (ushort)receiver.Index, receiver.Generation);
            Volatile.Write(ref _entries, entries);
            return index;
        }
    }

    /// <summary>Takes the right back; the index may come to mean something else.</summary>
    public void Remove(int index)
    {
        lock (_lock)
        {
            SenderEntry[] entries = [.. _entries];
            entries[index] = default;
            Volatile.Write(ref _entries, entries);
        }
    }

    internal bool TryFind(ulong index, out SenderEntry entry)
    {
        SenderEntry[] entries = Volatile.Read(ref _entries);
        entry = index < (ulong)entries.Length ? entries[index] : default;
        return entry.IsValid;
    }
}
