using RvJit.Machine;

namespace RvJit.Monitor.Runtime;

/// <summary>
/// The eapp's virtual memory: pages of the EPM at the addresses where Keystone's runtime puts them (Keystone
/// runtime/mm/mm.c, call/linux_wrap.c, include/mm/vm_defs.h). Whatever is mapped comes out of the EPM, so an enclave's
/// memory ends where a real one's ends; with a <see cref="PageStore"/> it ends where both end, and pages come and go.
/// <para>
/// An address is in an area, and an area's page has a frame or it has none: no access was ever granted to it, or it was
/// never touched, or it is in the store.
/// </para>
/// </summary>
public sealed partial class EnclaveAddressSpace
{
    public const ulong StackTop = 0x4000_0000;
    public const ulong StackSize = 0x2_0000;
    public const ulong AnonymousStart = 0x20_0000_0000;
    public const ulong InitialBreak = 0x20_4000_0000;

    private const ulong PageSize = KeystoneAbi.PageSize;
    private const ulong PageMask = PageSize - 1;

    private readonly MappedRuns _areas = new();
    private readonly MappedRuns _frames = new();
    private readonly PageTableCensus _tables = new();

    public EnclaveAddressSpace(World world, EpmAllocator free)
    {
        World = world;
        Free = free;
    }

    public World World { get; }

    public EpmAllocator Free { get; }

    public ulong Break { get; private set; } = InitialBreak;

    /// <summary>The frame behind an address; one that is elsewhere is fetched.</summary>
    public bool TryFindPage(ulong address, out ulong physical)
    {
        bool found = IsResident(address, Access.None) && _frames.TryFind(address, out _);
        physical = found && _frames.TryFind(address, out MappedRun run) ? run.PhysicalAt(address & ~PageMask) : 0;
        return found;
    }

    /// <summary>
    /// Makes every page of a range that is in no area a zeroed page of one; pages that are there stay as they are. All
    /// or nothing. Pages without any right take no memory.
    /// </summary>
    public bool TryAllocate(ulong address, ulong pages, Access access)
    {
        if (!Fits(address, pages))
            return false;
        ulong end = address + (pages * PageSize);
        List<(ulong Start, ulong End)> holes = Holes(_areas, address, end);
        ulong needed = 0;
        foreach ((ulong start, ulong stop) in holes)
            needed += (stop - start) / PageSize;
        if (access == Access.None)
            needed = 0;
        ulong tables = access == Access.None ? 0 : _tables.Missing(address, end);
        if (!CanPromise(needed, tables))
            return false;
        if (access != Access.None && !TryTakeTables(address, end))
            return false;
        foreach ((ulong start, ulong stop) in holes)
            _areas.Add(Area(start, stop, access));
        if (Store is not null)
        {
            _promised += needed;
            return true;
        }

        if (access == Access.None || TryBack(holes, access))
            return true;
        foreach ((ulong start, ulong stop) in holes)
            Release(start, (stop - start) / PageSize);
        return false;
    }

    /// <summary>Maps pages of the eapp file where they lie. Pages that are there already stay.</summary>
    public bool TryMapInPlace(ulong address, ulong pages, ulong physical, Access access)
    {
        if (!Fits(address, pages))
            return false;
        ulong end = address + (pages * PageSize);
        if (!TryTakeTables(address, end))
            return false;
        foreach ((ulong start, ulong stop) in Holes(_areas, address, end))
        {
            if (!World.TryMap(start, stop - start, physical + (start - address), access))
                return false;
            _areas.Add(Area(start, stop, access));
            _frames.Add(new MappedRun(start, stop, physical + (start - address), access));
        }

        return true;
    }

    /// <summary>Unmaps what is mapped in a range; its pages are free memory again.</summary>
    public void Release(ulong address, ulong pages)
    {
        address &= ~PageMask;
        if (address >= World.AddressLimit)
            return;
        ulong end = address + (Math.Min(pages, (World.AddressLimit - address) / PageSize) * PageSize);
        ForgetUnbacked(address, end);
        foreach (MappedRun run in _frames.Within(address, end).ToArray())
        {
            World.Unmap(run.Start, run.End - run.Start);
            Free.Put(run.Physical, (run.End - run.Start) / PageSize);
        }

        _frames.Remove(address, end);
        _areas.Remove(address, end);
    }

    /// <summary>Changes rights up to the first page that is in no area; false when there is one, or memory is short.</summary>
    public bool TryProtect(ulong address, ulong pages, Access access)
    {
        address &= ~PageMask;
        if (!Fits(address, pages))
            return false;
        ulong end = address + (pages * PageSize);
        ulong at = address;
        foreach (MappedRun area in _areas.Within(address, end).ToArray())
        {
            if (area.Start != at || !TryProtect(area, access))
                break;
            at = area.End;
        }

        return at == end;
    }

    /// <summary>madvise(MADV_DONTNEED): private pages read as zero from now on.</summary>
    public void Clear(ulong address, ulong pages)
    {
        if ((address & PageMask) != 0 || !Fits(address, pages))
            return;
        ulong end = address + (pages * PageSize);
        if (Store is null)
        {
            foreach (MappedRun run in _frames.Within(address, end))
                World.Memory.Zero(run.Physical, run.End - run.Start);
            return;
        }

        foreach (MappedRun area in _areas.Within(address, end).ToArray())
        {
            ulong length = (area.End - area.Start) / PageSize;
            Release(area.Start, length);
            TryAllocate(area.Start, length, area.Access);
        }
    }

    /// <summary>First fit from the anonymous region's start.</summary>
    public bool TryFindHole(ulong pages, out ulong address)
    {
        address = AnonymousStart;
        if (pages > (World.AddressLimit - AnonymousStart) / PageSize)
            return false;
        ulong bytes = pages * PageSize;
        foreach (MappedRun area in _areas.Within(AnonymousStart, World.AddressLimit))
        {
            if (area.Start - address >= bytes)
                return true;
            address = area.End;
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
        if (!TryAllocate(Break, (end - Break) / PageSize, Access.ReadWrite))
            return false;
        Break = end;
        return true;
    }

    private static bool Fits(ulong address, ulong pages) =>
        address <= World.AddressLimit && pages <= (World.AddressLimit - address) / PageSize;

    /// <summary>Areas map to themselves, so that neighbours merge.</summary>
    private static MappedRun Area(ulong start, ulong end, Access access) => new(start, end, start, access);

    private static List<(ulong Start, ulong End)> Holes(MappedRuns runs, ulong start, ulong end)
    {
        var holes = new List<(ulong, ulong)>();
        ulong at = start;
        foreach (MappedRun run in runs.Within(start, end))
        {
            if (run.Start > at)
                holes.Add((at, run.Start));
            at = run.End;
        }

        if (at < end)
            holes.Add((at, end));
        return holes;
    }

    private bool TryProtect(MappedRun area, Access access)
    {
        if (area.Access == Access.None && access != Access.None && !TryOpen(area, access))
            return false;
        foreach (MappedRun run in _frames.Within(area.Start, area.End).ToArray())
        {
            World.Protect(run.Start, run.End - run.Start, access);
            _frames.Remove(run.Start, run.End);
            _frames.Add(run with { Access = access });
        }

        _areas.Remove(area.Start, area.End);
        _areas.Add(area with { Access = access });
        return true;
    }

    /// <summary>Pages that had no right get one: those without a frame need one, now or when they are touched.</summary>
    private bool TryOpen(MappedRun area, Access access)
    {
        List<(ulong Start, ulong End)> holes = Holes(_frames, area.Start, area.End);
        ulong needed = CountUntouched(holes);
        if (!CanPromise(needed, _tables.Missing(area.Start, area.End)) || !TryTakeTables(area.Start, area.End))
            return false;
        if (Store is null)
            return TryBack(holes, access);
        _promised += needed;
        return true;
    }

    /// <summary>Zeroed frames for pages that have none.</summary>
    private bool TryBack(List<(ulong Start, ulong End)> holes, Access access)
    {
        foreach ((ulong start, ulong stop) in holes)
        {
            for (ulong at = start; at < stop;)
            {
                Free.TryTake((stop - at) / PageSize, out ulong physical, out ulong got);
                ulong bytes = got * PageSize;
                World.Memory.Zero(physical, bytes);
                if (!World.TryMap(at, bytes, physical, access))
                {
                    Free.Put(physical, got);
                    return false;
                }

                _frames.Add(new MappedRun(at, at + bytes, physical, access));
                at += bytes;
            }
        }

        return true;
    }

    private bool TryTakeTables(ulong start, ulong end)
    {
        ulong missing = _tables.Missing(start, end);
        if (!TryMakeFree(missing) || !Free.TryConsume(missing))
            return false;
        _tables.Add(start, end);
        return true;
    }
}
