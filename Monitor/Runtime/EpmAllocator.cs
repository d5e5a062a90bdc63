using RvJit.Machine;

namespace RvJit.Monitor.Runtime;

/// <summary>
/// The enclave's free memory: pages of the EPM behind the eapp file (Keystone runtime/mm/freemem.c). Hands out runs as
/// long as it can, so that the enclave's address space needs few host mappings.
/// </summary>
public sealed class EpmAllocator
{
    private readonly SortedList<ulong, ulong> _free = [];

    public EpmAllocator(ulong start, ulong end)
    {
        start = (start + KeystoneAbi.PageSize - 1) & ~(ulong)(KeystoneAbi.PageSize - 1);
        end &= ~(ulong)(KeystoneAbi.PageSize - 1);
        if (start < end)
            Put(start, (end - start) / KeystoneAbi.PageSize);
    }

    /// <summary>Free pages.</summary>
    public ulong Available { get; private set; }

    /// <summary>Takes a run of 1 to <paramref name="wanted"/> pages: the first that holds all of them, else the longest. Not zeroed.</summary>
    public bool TryTake(ulong wanted, out ulong address, out ulong pages)
    {
        int best = -1;
        for (int i = 0; i < _free.Count; i++)
        {
            if (best < 0 || _free.GetValueAtIndex(i) > _free.GetValueAtIndex(best))
                best = i;
            if (_free.GetValueAtIndex(i) >= wanted)
            {
                best = i;
                break;
            }
        }

        if (best < 0)
        {
            address = pages = 0;
            return false;
        }

        address = _free.GetKeyAtIndex(best);
        ulong length = _free.GetValueAtIndex(best);
        pages = Math.Min(wanted, length);
        _free.RemoveAt(best);
        if (length > pages)
            _free.Add(address + (pages * KeystoneAbi.PageSize), length - pages);
        Available -= pages;
        return true;
    }

    /// <summary>Uses up pages that nothing will ever give back (page tables).</summary>
    public bool TryConsume(ulong pages)
    {
        if (pages > Available)
            return false;
        while (pages != 0 && TryTake(pages, out _, out ulong taken))
            pages -= taken;
        return true;
    }

    public void Put(ulong address, ulong pages)
    {
        Available += pages;
        ulong end = address + (pages * KeystoneAbi.PageSize);
        if (_free.Remove(end, out ulong after))
            pages += after;
        int i = IndexBefore(address);
        if (i >= 0)
        {
            ulong before = _free.GetKeyAtIndex(i);
            if (before + (_free.GetValueAtIndex(i) * KeystoneAbi.PageSize) == address)
            {
                _free[before] += pages;
                return;
            }
        }

        _free.Add(address, pages);
    }

    private int IndexBefore(ulong address)
    {
        int lo = 0, hi = _free.Count;
        while (lo < hi)
        {
            int mid = (lo + hi) / 2;
            if (_free.GetKeyAtIndex(mid) < address)
                lo = mid + 1;
            else
                hi = mid;
        }

        return lo - 1;
    }
}

/// <summary>
/// Which page tables of an Sv39 address space exist. The native runtime has none, but each would cost the enclave a
/// page of its free memory, and programs see that (Keystone runtime/mm/mm.c, __walk_create).
/// </summary>
public sealed class PageTableCensus
{
    private const int LeafTableShift = 21;
    private const int MiddleTableShift = 30;
    private const ulong MiddleMark = 1UL << 63;

    private readonly HashSet<ulong> _tables = [];

    /// <summary>Tables that mapping [start, end) would have to add.</summary>
    public ulong Missing(ulong start, ulong end)
    {
        ulong missing = 0;
        ForEachTable(start, end, key => missing += _tables.Contains(key) ? 0u : 1u);
        return missing;
    }

    public void Add(ulong start, ulong end) => ForEachTable(start, end, key => _tables.Add(key));

    private static void ForEachTable(ulong start, ulong end, Action<ulong> visit)
    {
        if (start == end)
            return;
        ulong last = end - 1;
        for (ulong t = start >> MiddleTableShift; t <= last >> MiddleTableShift; t++)
            visit(t | MiddleMark);
        for (ulong t = start >> LeafTableShift; t <= last >> LeafTableShift; t++)
            visit(t);
    }
}
