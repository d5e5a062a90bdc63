using RvJit.Machine;

namespace RvJit.Guest.Linux.Mapping;

/// <summary>
/// The address space of a process: which areas there are, the physical extents behind them, and what of that the world
/// shows to guest code. Every area owns its extent; physical memory is sparse, so an extent is taken for the whole
/// area at once and costs nothing until touched. Results are Linux results: an address or 0, or a negated errno.
/// </summary>
public sealed partial class MemoryMap
{
    /// <summary>An inaccessible reservation larger than this gets extents only piece by piece, as pieces become accessible.</summary>
    private const ulong LargestEagerReservation = 1UL << 30;

    /// <summary>Unit in which such a reservation takes extents.</summary>
    private const ulong ReservationChunk = 64UL << 20;

    private readonly Lock _lock = new();
    private readonly VmaTable _areas = new();
    private readonly World _world;
    private readonly PhysicalMemory _memory;

    public MemoryMap(World world, PhysicalMemory memory)
    {
        _world = world;
        _memory = memory;
    }

    /// <summary>The areas now, by address.</summary>
    public IReadOnlyList<Vma> Snapshot()
    {
        lock (_lock)
            return _areas.Within(0, UserLayout.Limit);
    }

    public bool TryFind(ulong address, out Vma area)
    {
        lock (_lock)
            return _areas.TryFind(address, out area);
    }

    /// <summary>mmap(2) of memory that starts as zero.</summary>
    public long Map(ulong address, ulong length, Access access, MapFlags flags)
    {
        VmaFlags kind = (flags & MapFlags.TypeMask) == MapFlags.Private ? VmaFlags.None : VmaFlags.Shared;
        lock (_lock)
            return MapLocked(address, length, access, flags, kind, null, 0);
    }

    /// <summary>munmap(2).</summary>
    public long Unmap(ulong address, ulong length)
    {
        if (!UserLayout.IsAligned(address) || length == 0 || address >= UserLayout.Limit || length > UserLayout.Limit - address)
            return -Errno.EINVAL;
        lock (_lock)
            Discard(address, address + UserLayout.RoundUp(length));
        return 0;
    }

    /// <summary>Writes shared mappings back and gives everything up; the process is over.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            Discard(0, UserLayout.Limit);
            ReleaseHeapReserve();
        }
    }

    private long MapLocked(ulong address, ulong length, Access access, MapFlags flags, VmaFlags kind, AreaBacking? backing, long offset)
    {
        if (length == 0)
            return -Errno.EINVAL;
        if (length > UserLayout.Limit)
            return -Errno.ENOMEM;
        length = UserLayout.RoundUp(length);
        if (backing is not null && (offset < 0 || offset > long.MaxValue - (long)length))
            return -Errno.EOVERFLOW;
        if ((kind & VmaFlags.Shared) != 0)
            _world.Share();
        long placed = Place(address, length, flags);
        if (placed < 0)
            return placed;
        ulong start = (ulong)placed;
        if ((flags & MapFlags.Fixed) != 0)
            Discard(start, start + length);
        long error = Install(new Vma(start, start + length, access, kind, Vma.NoPhysical, false, backing, offset));
        return error < 0 ? error : placed;
    }

    /// <summary>The address to map at, or a negated errno.</summary>
    private long Place(ulong address, ulong length, MapFlags flags)
    {
        bool noReplace = (flags & MapFlags.FixedNoReplace) != 0;
        if (noReplace || (flags & MapFlags.Fixed) != 0)
        {
            if (!UserLayout.IsAligned(address))
                return -Errno.EINVAL;
            if (address >= UserLayout.Limit || length > UserLayout.Limit - address)
                return -Errno.ENOMEM;
            if (address < UserLayout.Lowest)
                return -Errno.EPERM;
            if (noReplace && !_areas.IsFree(address, address + length))
                return -Errno.EEXIST;
            return (long)address;
        }

        ulong hint = UserLayout.RoundDown(address);
        if (hint != 0 && hint < UserLayout.Lowest)
            hint = UserLayout.Lowest;
        if (hint != 0 && hint < UserLayout.Limit && length <= UserLayout.Limit - hint && _areas.IsFree(hint, hint + length))
            return (long)hint;
        ulong hole = _areas.HighestHole(length, UserLayout.Lowest, UserLayout.MapTop);
        if (hole == 0)
            hole = _areas.LowestHole(length, UserLayout.Lowest, UserLayout.StackTop);
        return hole == 0 ? -Errno.ENOMEM : (long)hole;
    }

    /// <summary>Gives an area in a hole its extent and contents and shows it to the guest; 0 or a negated errno.</summary>
    private long Install(Vma area)
    {
        switch (area.Backing)
        {
            case SharedFile shared:
                return InstallSharedFile(area, shared);
            case PrivateFile file:
                return InstallPrivateFile(area, file);
        }

        bool reservation = area.Access == Access.None;
        if (!reservation || area.Length <= LargestEagerReservation)
        {
            if (_memory.TryAllocate(area.Length, UserLayout.Page, out ulong physical))
                area = area with { Physical = physical };
            else if (!reservation)
                return -Errno.ENOMEM;
        }

        if (Show(ref area) is < 0 and var error)
        {
            FreePhysical(area);
            return error;
        }

        _areas.Add(area);
        return 0;
    }

    /// <summary>Maps an accessible area in the world, if that is not done yet.</summary>
    private long Show(ref Vma area)
    {
        if (area.Mapped || area.Access == Access.None || !area.HasPhysical)
            return 0;
        if (!_world.TryMap(area.Start, area.Length, area.Physical, area.Access))
            return -Errno.ENOMEM;
        area = area with { Mapped = true };
        return 0;
    }

    /// <summary>Ends everything in a range: write-back, rights, extents.</summary>
    private void Discard(ulong start, ulong end)
    {
        List<Vma> gone = _areas.Within(start, end);
        foreach (Vma area in gone)
        {
            _ = WriteBack(area);
            if (area.Mapped)
                _world.Unmap(area.Start, area.Length);
        }

        _areas.Remove(start, end);
        foreach (Vma area in gone)
            FreePhysical(area);
    }

    private void FreePhysical(in Vma area)
    {
        if (area.OwnsPhysical)
            _memory.Free(area.Physical, area.Length);
    }
}
