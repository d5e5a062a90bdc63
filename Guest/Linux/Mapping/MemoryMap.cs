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

    /// <summary>File contents are copied in pieces of this size.</summary>
    private const ulong CopyChunk = 1UL << 28;

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

    /// <summary>mmap(2). The file, when given, is held by the areas made; the caller still owns its own reference.</summary>
    public long Map(ulong address, ulong length, Access access, MapFlags flags, MappedFile? file = null, long offset = 0)
    {
        if (length == 0)
            return -Errno.EINVAL;
        if (length > UserLayout.Limit)
            return -Errno.ENOMEM;
        length = UserLayout.RoundUp(length);
        lock (_lock)
        {
            long placed = Place(address, length, flags);
            if (placed < 0)
                return placed;
            ulong start = (ulong)placed;
            if ((flags & MapFlags.Fixed) != 0)
                Discard(start, start + length);
            VmaFlags kind = (flags & MapFlags.TypeMask) == MapFlags.Private ? VmaFlags.None : VmaFlags.Shared;
            long error = Install(new Vma(start, start + length, access, kind, Vma.NoPhysical, false, file, offset));
            return error < 0 ? error : placed;
        }
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

    /// <summary>Lets go of a file that <see cref="MappedFile.Hold"/> kept open.</summary>
    internal void Release(MappedFile file)
    {
        lock (_lock)
            file.Release();
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
        bool reservation = area.Access == Access.None && area.File is null;
        if (!area.HasPhysical && !(reservation && area.Length > LargestEagerReservation))
        {
            if (_memory.TryAllocate(area.Length, UserLayout.Page, out ulong physical))
                area = area with { Physical = physical };
            else if (!reservation)
                return -Errno.ENOMEM;
        }

        long error = area.File is null ? 0 : ReadFile(area);
        if (error >= 0)
            error = Show(ref area);
        if (error < 0)
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
        if (area.HasPhysical && (area.Flags & VmaFlags.Device) == 0)
            _memory.Free(area.Physical, area.Length);
    }

    /// <summary>Copies file contents into an area's extent, which reads as zero past the end of the file.</summary>
    private long ReadFile(in Vma area)
    {
        for (ulong done = 0; done < area.Length;)
        {
            int want = (int)Math.Min(CopyChunk, area.Length - done);
            Span<byte> pages = _memory.Span(area.Physical + done, want);
            long got = area.File!.File.ReadAt(area.FileOffset + (long)done, pages);
            if (got < 0)
                return got;
            if ((area.Flags & VmaFlags.Shared) != 0)
                area.File.Digests.Agree(area.FileOffset + (long)done, pages);
            if (got < want)
                break;
            done += (ulong)want;
        }

        return 0;
    }

    private long WriteBack(in Vma area)
    {
        if (area.File is not { Writable: true } file || (area.Flags & (VmaFlags.Shared | VmaFlags.Device)) != VmaFlags.Shared || !area.Mapped)
            return 0;
        for (ulong done = 0; done < area.Length; done += CopyChunk)
        {
            int bytes = (int)Math.Min(CopyChunk, area.Length - done);
            long error = file.Digests.WriteBack(file.File, area.FileOffset + (long)done, _memory.Span(area.Physical + done, bytes));
            if (error < 0)
                return error;
        }

        return 0;
    }
}
