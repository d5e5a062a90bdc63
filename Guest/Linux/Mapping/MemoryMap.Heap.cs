using RvJit.Machine;

namespace RvJit.Guest.Linux.Mapping;

/// <summary>brk(2).</summary>
public sealed partial class MemoryMap
{
    private const ulong HeapReserveBytes = 1UL << 30;
    private const ulong SmallHeapReserveBytes = 16UL << 20;

    private ulong _heapStart;
    private ulong _heapEnd;

    // The physical extent that the heap grows into, so that growing stays one run.
    private ulong _reserve;
    private ulong _reserveBytes;

    /// <summary>Where the heap starts, set by the loader.</summary>
    public void SetHeapStart(ulong address) => _heapStart = _heapEnd = UserLayout.RoundUp(address);

    /// <summary>Moves the end of the heap; returns where it then is, as the system call does.</summary>
    public long Break(ulong address)
    {
        lock (_lock)
        {
            if (address < _heapStart || address >= UserLayout.Limit)
                return (long)_heapEnd;
            ulong from = UserLayout.RoundUp(_heapEnd);
            ulong to = UserLayout.RoundUp(address);
            if (to < from)
                Discard(to, from);
            else if (to > from && !Grow(from, to))
                return (long)_heapEnd;
            _heapEnd = address;
            return (long)address;
        }
    }

    private bool Grow(ulong from, ulong to)
    {
        // A page stays free between the heap and what is above it.
        if (!_areas.IsFree(from, to + UserLayout.Page))
            return false;
        while (from < to)
        {
            if (_reserveBytes == 0 && !TakeHeapReserve(to - from))
                return false;
            ulong bytes = Math.Min(to - from, _reserveBytes);
            var area = new Vma(from, from + bytes, Access.ReadWrite, VmaFlags.Heap, _reserve, false);
            if (Show(ref area) < 0)
                return false;
            _areas.Add(area);
            _reserve += bytes;
            _reserveBytes -= bytes;
            from += bytes;
        }

        return true;
    }

    private bool TakeHeapReserve(ulong atLeast)
    {
        foreach (ulong bytes in (ReadOnlySpan<ulong>)[HeapReserveBytes, SmallHeapReserveBytes, 0])
        {
            ulong take = Math.Max(bytes, atLeast);
            if (bytes != 0 && take > _memory.Size / 8)
                continue;
            if (_memory.TryAllocate(take, UserLayout.Page, out _reserve))
            {
                _reserveBytes = take;
                return true;
            }
        }

        return false;
    }

    private void ReleaseHeapReserve()
    {
        if (_reserveBytes != 0)
            _memory.Free(_reserve, _reserveBytes);
        _reserveBytes = 0;
    }
}
