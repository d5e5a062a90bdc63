using RvJit.Machine;

namespace RvJit.Monitor.Runtime;

/// <summary>
/// The eapp's virtual memory: pages of the EPM at the addresses where Keystone's runtime puts them (Keystone
/// runtime/mm/mm.c, call/linux_wrap.c, include/mm/vm_defs.h). Whatever is mapped comes out of the EPM, so an enclave's
/// memory ends where a real one's ends.
/// </summary>
public sealed class EnclaveAddressSpace
{
    public const ulong StackTop = 0x4000_0000;
    public const ulong StackSize = 0x2_0000;
    public const ulong AnonymousStart = 0x20_0000_0000;
    public const ulong InitialBreak = 0x20_4000_0000;

    private const ulong PageMask = KeystoneAbi.PageSize - 1;

    private readonly MappedRuns _runs = new();
    private readonly PageTableCensus _tables = new();

    public EnclaveAddressSpace(World world, EpmAllocator free)
    {
        World = world;
        Free = free;
    }

    public World World { get; }

    public EpmAllocator Free { get; }

    public ulong Break { get; private set; } = InitialBreak;

    /// <summary>The page mapped at an address.</summary>
    public bool TryFindPage(ulong address, out ulong physical)
    {
        bool found = _runs.TryFind(address, out MappedRun run);
        physical = found ? run.PhysicalAt(address & ~PageMask) : 0;
        return found;
    }

    /// <summary>
    /// Backs every page of a range that has none with a zeroed page of free memory; pages that are there stay as they
    /// are. All or nothing.
    /// </summary>
    public bool TryAllocate(ulong address, ulong pages, Access access)
    {
        if (!Fits(address, pages))
            return false;
        ulong end = address + (pages * KeystoneAbi.PageSize);
        List<(ulong Start, ulong End)> holes = Holes(address, end);
        ulong needed = 0;
        foreach ((ulong start, ulong stop) in holes)
            needed += (stop - start) / KeystoneAbi.PageSize;
        if (needed > Free.Available || needed + _tables.Missing(address, end) > Free.Available)
            return false;
        Free.TryConsume(_tables.Missing(address, end));
        _tables.Add(address, end);

        foreach ((ulong start, ulong stop) in holes)
        {
            for (ulong at = start; at < stop;)
            {
                Free.TryTake((stop - at) / KeystoneAbi.PageSize, out ulong physical, out ulong got);
                ulong bytes = got * KeystoneAbi.PageSize;
                World.Memory.Zero(physical, bytes);
                if (!World.TryMap(at, bytes, physical, access))
                {
                    Free.Put(physical, got);
                    Undo(holes, at);
                    return false;
                }

                _runs.Add(new MappedRun(at, at + bytes, physical, access));
                at += bytes;
            }
        }

        return true;
    }

    /// <summary>Maps pages of the eapp file where they lie. Pages that are there already stay.</summary>
    public bool TryMapInPlace(ulong address, ulong pages, ulong physical, Access access)
    {
        if (!Fits(address, pages))
            return false;
        ulong end = address + (pages * KeystoneAbi.PageSize);
        if (!Free.TryConsume(_tables.Missing(address, end)))
            return false;
        _tables.Add(address, end);
        foreach ((ulong start, ulong stop) in Holes(address, end))
        {
            if (!World.TryMap(start, stop - start, physical + (start - address), access))
                return false;
            _runs.Add(new MappedRun(start, stop, physical + (start - address), access));
        }

        return true;
    }

    /// <summary>Unmaps what is mapped in a range; its pages are free memory again.</summary>
    public void Release(ulong address, ulong pages)
    {
        address &= ~PageMask;
        if (address >= World.AddressLimit)
            return;
        ulong end = address + (Math.Min(pages, (World.AddressLimit - address) / KeystoneAbi.PageSize) * KeystoneAbi.PageSize);
        foreach (MappedRun run in _runs.Within(address, end).ToArray())
        {
            World.Unmap(run.Start, run.End - run.Start);
            Free.Put(run.Physical, (run.End - run.Start) / KeystoneAbi.PageSize);
        }

        _runs.Remove(address, end);
    }

    /// <summary>Changes rights up to the first page that is not mapped; false when there is one.</summary>
    public bool TryProtect(ulong address, ulong pages, Access access)
    {
        address &= ~PageMask;
        if (!Fits(address, pages))
            return false;
        ulong end = address + (pages * KeystoneAbi.PageSize);
        ulong at = address;
        foreach (MappedRun run in _runs.Within(address, end).ToArray())
        {
            if (run.Start != at)
                break;
            World.Protect(run.Start, run.End - run.Start, access);
            _runs.Remove(run.Start, run.End);
            _runs.Add(run with { Access = access });
            at = run.End;
        }

        return at == end;
    }

    /// <summary>First fit from the anonymous region's start.</summary>
    public bool TryFindHole(ulong pages, out ulong address)
    {
        address = AnonymousStart;
        if (pages > (World.AddressLimit - AnonymousStart) / KeystoneAbi.PageSize)
            return false;
        ulong bytes = pages * KeystoneAbi.PageSize;
        foreach (MappedRun run in _runs.Within(AnonymousStart, World.AddressLimit))
        {
            if (run.Start - address >= bytes)
                return true;
            address = run.End;
        }

        return World.AddressLimit - address >= bytes;
    }

    /// <summary>
    /// brk: 0 asks; a lower value is granted and frees nothing; a higher one takes whole pages, or fails (Keystone
    /// runtime/call/linux_wrap.c, syscall_brk).
    /// </summary>
    public bool TrySetBreak(ulong wanted, out ulong result)
    {
        result = wanted == 0 ? Break : wanted;
        if (wanted <= Break)
            return true;
        if (wanted > World.AddressLimit)
            return false;
        ulong end = (wanted + PageMask) & ~PageMask;
        if (!TryAllocate(Break, (end - Break) / KeystoneAbi.PageSize, Access.ReadWrite))
            return false;
        Break = end;
        return true;
    }

    private static bool Fits(ulong address, ulong pages) =>
        address <= World.AddressLimit && pages <= (World.AddressLimit - address) / KeystoneAbi.PageSize;

    private List<(ulong Start, ulong End)> Holes(ulong start, ulong end)
    {
        var holes = new List<(ulong, ulong)>();
        ulong at = start;
        foreach (MappedRun run in _runs.Within(start, end))
        {
            if (run.Start > at)
                holes.Add((at, run.Start));
            at = run.End;
        }

        if (at < end)
            holes.Add((at, end));
        return holes;
    }

    private void Undo(List<(ulong Start, ulong End)> holes, ulong limit)
    {
        foreach ((ulong start, ulong end) in holes)
        {
            if (start < limit)
                Release(start, (Math.Min(end, limit) - start) / KeystoneAbi.PageSize);
        }
    }
}
