namespace RvJit.Machine;

/// <summary>
/// Guest physical RAM: one shared memory object that every world maps pieces of, plus a linear host view for native
/// code that works on physical addresses (security monitor, DMA). It is sparse: untouched pages cost nothing, and
/// freed extents are punched out, so physical address space may be handed out generously and contiguously.
/// </summary>
public sealed unsafe class PhysicalMemory : IDisposable
{
    /// <summary>Where RAM starts on every board this product models.</summary>
    public const ulong DefaultBase = 0x8000_0000;

    private readonly Lock _lock = new();
    private readonly SortedList<ulong, ulong> _free = [];
    private byte* _linear;

    public PhysicalMemory(ulong bytes, ulong baseAddress = DefaultBase)
    {
        if (bytes == 0 || (bytes & (HostMemory.PageSize - 1)) != 0 || (baseAddress & (HostMemory.PageSize - 1)) != 0)
            throw new ArgumentException("guest memory must be whole pages", nameof(bytes));
        Base = baseAddress;
        Size = bytes;
        Descriptor = HostMemory.CreateSharedObject("rvjit-ram", bytes);
        _linear = HostMemory.MapSharedAnywhere(Descriptor, bytes);
        _free.Add(baseAddress, bytes);
    }

    /// <summary>First guest physical address of RAM.</summary>
    public ulong Base { get; }

    /// <summary>Bytes of RAM.</summary>
    public ulong Size { get; }

    /// <summary>One past the last guest physical address of RAM.</summary>
    public ulong End => Base + Size;

    internal int Descriptor { get; }

    public bool Contains(ulong address, ulong bytes) => address >= Base && bytes <= Size && address - Base <= Size - bytes;

    /// <summary>Host view of a guest physical range. The caller is native code that has checked the range's owner.</summary>
    public Span<byte> Span(ulong address, int bytes) => new(Pointer(address, (ulong)bytes), bytes);

    public byte* Pointer(ulong address, ulong bytes) => Contains(address, bytes)
        ? _linear + (address - Base)
        : throw new ArgumentOutOfRangeException(nameof(address), $"0x{address:x}+0x{bytes:x} is not RAM");

    /// <summary>Takes a contiguous zeroed extent, aligned to <paramref name="alignment"/> bytes (a power of two).</summary>
    public bool TryAllocate(ulong bytes, ulong alignment, out ulong address)
    {
        bytes = RoundUp(bytes, HostMemory.PageSize);
        lock (_lock)
        {
            for (int i = 0; i < _free.Count; i++)
            {
                ulong start = _free.GetKeyAtIndex(i);
                ulong length = _free.GetValueAtIndex(i);
                ulong aligned = RoundUp(start, alignment);
                ulong skip = aligned - start;
                if (skip > length || length - skip < bytes)
                    continue;
                _free.RemoveAt(i);
                if (skip != 0)
                    _free.Add(start, skip);
                if (length - skip > bytes)
                    _free.Add(aligned + bytes, length - skip - bytes);
                address = aligned;
                return true;
            }
        }

        address = 0;
        return false;
    }

    /// <summary>Gives an extent back: its contents are dropped at once and read as zero for the next owner.</summary>
    public void Free(ulong address, ulong bytes)
    {
        bytes = RoundUp(bytes, HostMemory.PageSize);
        Zero(address, bytes);
        lock (_lock)
        {
            // Merge with the neighbours on both sides.
            int after = UpperBound(address);
            if (after < _free.Count && _free.GetKeyAtIndex(after) == address + bytes)
            {
                bytes += _free.GetValueAtIndex(after);
                _free.RemoveAt(after);
            }

            if (after > 0)
            {
                ulong before = _free.GetKeyAtIndex(after - 1);
                if (before + _free.GetValueAtIndex(after - 1) == address)
                {
                    _free[before] += bytes;
                    return;
                }
            }

            _free.Add(address, bytes);
        }
    }

    /// <summary>Zeroes whole pages by dropping them.</summary>
    public void Zero(ulong address, ulong bytes)
    {
        _ = Pointer(address, bytes);
        HostMemory.PunchHole(Descriptor, address - Base, bytes);
    }

    public void Dispose()
    {
        if (_linear == null)
            return;
        HostMemory.Release(_linear, Size);
        HostMemory.CloseObject(Descriptor);
        _linear = null;
    }

    private int UpperBound(ulong address)
    {
        int lo = 0, hi = _free.Count;
        while (lo < hi)
        {
            int mid = (lo + hi) / 2;
            if (_free.GetKeyAtIndex(mid) <= address)
                lo = mid + 1;
            else
                hi = mid;
        }

        return lo;
    }

    private static ulong RoundUp(ulong value, ulong alignment) => (value + alignment - 1) & ~(alignment - 1);
}
