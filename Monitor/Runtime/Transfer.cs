namespace RvJit.Monitor.Runtime;

/// <summary>
/// A read, write, readv or writev on its way: as many single reads or writes as it has pieces (Keystone
/// runtime/call/io_wrap.c) and as the shared buffer makes necessary. Its vector was read once.
/// </summary>
/// <param name="Number">read or write.</param>
/// <param name="Fd">The descriptor.</param>
/// <param name="Pieces">Where the bytes are.</param>
internal sealed record Transfer(ulong Number, ulong Fd, (ulong Address, ulong Length)[] Pieces)
{
    private int _index;
    private ulong _done;

    /// <summary>Bytes that went through.</summary>
    public long Total { get; private set; }

    /// <summary>Whether there is more to do.</summary>
    public bool IsUnfinished => _index < Pieces.Length;

    /// <summary>The next call, for at most <paramref name="room"/> bytes.</summary>
    public ForwardedSyscall Next(int room)
    {
        (ulong address, ulong length) = Pieces[_index];
        return new ForwardedSyscall(Number, Fd, address + _done, Math.Min(length - _done, (ulong)room), 0, 0, 0);
    }

    /// <summary>The last call transferred that many bytes of what it was asked for; false when the transfer ends with it.</summary>
    public bool Advance(long bytes, long asked)
    {
        Total += bytes;
        _done += (ulong)bytes;
        if (_done == Pieces[_index].Length)
        {
            _index++;
            _done = 0;
        }

        return bytes == asked && IsUnfinished;
    }
}
