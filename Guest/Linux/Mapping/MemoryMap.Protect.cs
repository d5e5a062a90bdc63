using RvJit.Machine;

namespace RvJit.Guest.Linux.Mapping;

/// <summary>Changing what may be done with mapped areas, and what is in them.</summary>
public sealed partial class MemoryMap
{
    /// <summary>mprotect(2).</summary>
    public long Protect(ulong address, ulong length, Access access)
    {
        if (!UserLayout.IsAligned(address))
            return -Errno.EINVAL;
        if (length == 0)
            return 0;
        if (address >= UserLayout.Limit || length > UserLayout.Limit - address)
            return -Errno.ENOMEM;
        ulong end = address + UserLayout.RoundUp(length);
        lock (_lock)
        {
            // Linux changes what lies before the first hole, then fails.
            ulong at = address;
            foreach (Vma area in _areas.Within(address, end))
            {
                if (area.Start != at)
                    return -Errno.ENOMEM;
                if ((area.Flags & VmaFlags.MayNotWrite) != 0 && (access & Access.Write) != 0)
                    return -Errno.EACCES;
                if (area.Backing is DeviceBacking device && (access & ~device.MostAccess) != 0)
                    return -Errno.EACCES;
                if (Change(area, access) is < 0 and var error)
                    return error;
                at = area.End;
            }

            return at == end ? 0 : -Errno.ENOMEM;
        }
    }

    /// <summary>msync(2).</summary>
    public long Sync(ulong address, ulong length)
    {
        if (!UserLayout.IsAligned(address))
            return -Errno.EINVAL;
        if (address >= UserLayout.Limit || length > UserLayout.Limit - address)
            return -Errno.ENOMEM;
        ulong end = address + UserLayout.RoundUp(length);
        lock (_lock)
        {
            foreach (Vma area in _areas.Within(address, end))
            {
                if (WriteBack(area) is < 0 and var error)
                    return error;
            }

            return _areas.Covers(address, end) ? 0 : -Errno.ENOMEM;
        }
    }

    /// <summary>madvise(2) MADV_DONTNEED: private pages read as new: zero, or the file's.</summary>
    public long DropContents(ulong address, ulong length)
    {
        if (!UserLayout.IsAligned(address))
            return -Errno.EINVAL;
        if (address >= UserLayout.Limit || length > UserLayout.Limit - address)
            return -Errno.ENOMEM;
        ulong end = address + UserLayout.RoundUp(length);
        lock (_lock)
        {
            foreach (Vma area in _areas.Within(address, end))
            {
                if (!area.HasPhysical || (area.Flags & VmaFlags.Shared) != 0)
                    continue;
                _memory.Zero(area.Physical, area.Length);
                if (area.Backing is PrivateFile file
                    && FilePages.Read(file.File, _memory, area.FileOffset, area.Physical, area.Length) is < 0 and var error)
                    return error;

                // Mapping anew tells the engine that instructions changed.
                if (area.Mapped && (area.Access & Access.Execute) != 0
                    && !_world.TryMap(area.Start, area.Length, area.Physical, area.Access))
                    return -Errno.ENOMEM;
            }

            return _areas.Covers(address, end) ? 0 : -Errno.ENOMEM;
        }
    }

    /// <summary>Whether a range has no hole (mincore, mlock, madvise).</summary>
    public bool Covers(ulong address, ulong length)
    {
        if (address >= UserLayout.Limit || length > UserLayout.Limit - address)
            return false;
        lock (_lock)
            return _areas.Covers(UserLayout.RoundDown(address), UserLayout.RoundUp(address + length));
    }

    private long Change(Vma area, Access access)
    {
        if (area.Access == access)
            return 0;
        if (access != Access.None && !area.HasPhysical && (area.Flags & VmaFlags.PastEnd) == 0)
        {
            long error = Materialise(area.Start, area.End);
            if (error < 0)
                return error;
            foreach (Vma piece in _areas.Within(area.Start, area.End))
            {
                if (Change(piece, access) is < 0 and var failed)
                    return failed;
            }

            return 0;
        }

        Vma changed = area with { Access = access };
        if (area.Mapped)
            _world.Protect(area.Start, area.Length, access);
        else if (Show(ref changed) is < 0 and var error)
            return error;
        Replace(changed);
        return 0;
    }

    /// <summary>
    /// Takes extents for the part of a large reservation around [start, end), in whole chunks so that neighbouring
    /// pieces stay contiguous.
    /// </summary>
    private long Materialise(ulong start, ulong end)
    {
        while (start < end)
        {
            ulong chunk = start & ~(ReservationChunk - 1);
            _ = _areas.TryFind(start, out Vma whole);
            Vma piece = whole.Clip(chunk, Math.Max(chunk + ReservationChunk, end & ~(ReservationChunk - 1)));
            if (!_memory.TryAllocate(piece.Length, UserLayout.Page, out ulong physical))
            {
                piece = whole.Clip(start, end);
                if (!_memory.TryAllocate(piece.Length, UserLayout.Page, out physical))
                    return -Errno.ENOMEM;
            }

            Replace(piece with { Physical = physical });
            start = piece.End;
        }

        return 0;
    }

    /// <summary>Puts an area in the place of what covered its range; extents pass over.</summary>
    private void Replace(in Vma area)
    {
        area.Backing?.Hold(); // cutting the old area must not close the file
        _areas.Remove(area.Start, area.End);
        _areas.Add(area);
        area.Backing?.Release();
    }
}
