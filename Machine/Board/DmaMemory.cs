using System.Runtime.CompilerServices;

namespace RvJit.Machine.Board;

/// <summary>Hears of RAM that somebody other than a hart has written, to drop the code decoded from it.</summary>
public interface IDmaObserver
{
    void NoteWritten(ulong address, ulong bytes);
}

/// <summary>
/// How devices reach RAM: every access is checked, because addresses and lengths come from the guest, and every write
/// is told to whoever keeps translated code.
/// </summary>
public sealed unsafe class DmaMemory(PhysicalMemory memory)
{
    /// <summary>Set by the owner of translated code before the first hart runs.</summary>
    public IDmaObserver? Observer { get; set; }

    public bool Contains(ulong address, ulong bytes) => memory.Contains(address, bytes);

    /// <summary>Copies out of RAM; false when part of the range is not RAM.</summary>
    public bool TryRead(ulong address, Span<byte> bytes)
    {
        if (!memory.Contains(address, (ulong)bytes.Length))
            return false;
        memory.Span(address, bytes.Length).CopyTo(bytes);
        return true;
    }

    /// <summary>Copies into RAM; false, with nothing written, when part of the range is not RAM.</summary>
    public bool TryWrite(ulong address, ReadOnlySpan<byte> bytes)
    {
        if (!memory.Contains(address, (ulong)bytes.Length))
            return false;
        bytes.CopyTo(memory.Span(address, bytes.Length));
        Observer?.NoteWritten(address, (ulong)bytes.Length);
        return true;
    }

    /// <summary>Reads a naturally aligned value at once, with acquire order; false when it is not RAM or not aligned.</summary>
    public bool TryReadValue<T>(ulong address, out T value)
        where T : unmanaged
    {
        value = default;
        if (!IsValue<T>(address))
            return false;
        value = Unsafe.Read<T>(memory.Pointer(address, (ulong)sizeof(T)));
        Thread.MemoryBarrier();
        return true;
    }

    /// <summary>Writes a naturally aligned value at once, after everything written before it.</summary>
    public bool TryWriteValue<T>(ulong address, T value)
        where T : unmanaged
    {
        if (!IsValue<T>(address))
            return false;
        Thread.MemoryBarrier();
        Unsafe.Write(memory.Pointer(address, (ulong)sizeof(T)), value);
        Observer?.NoteWritten(address, (ulong)sizeof(T));
        return true;
    }

    private bool IsValue<T>(ulong address)
        where T : unmanaged => (address & ((ulong)sizeof(T) - 1)) == 0 && memory.Contains(address, (ulong)sizeof(T));
}
