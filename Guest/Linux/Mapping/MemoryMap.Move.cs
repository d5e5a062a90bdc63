using RvJit.Machine;

namespace RvJit.Guest.Linux.Mapping;

/// <summary>mremap(2): pages move by mapping their extents elsewhere; nothing is copied.</summary>
public sealed partial class MemoryMap
{
    public long Move(ulong oldAddress, ulong oldLength, ulong newLength, MoveFlags flags, ulong newAddress)
    {
        if ((flags & ~(MoveFlags.MayMove | MoveFlags.Fixed | MoveFlags.DontUnmap)) != 0
            || ((flags & (MoveFlags.Fixed | MoveFlags.DontUnmap)) != 0 && (flags & MoveFlags.MayMove) == 0)
            || !UserLayout.IsAligned(oldAddress) || newLength == 0 || oldLength == 0
            || ((flags & MoveFlags.DontUnmap) != 0 && UserLayout.RoundUp(oldLength) != UserLayout.RoundUp(newLength)))
            return -Errno.EINVAL;
        if (oldAddress >= UserLayout.Limit || oldLength > UserLayout.Limit - oldAddress)
            return -Errno.EFAULT;
        if (newLength > UserLayout.Limit)
            return -Errno.ENOMEM;
        oldLength = UserLayout.RoundUp(oldLength);
        newLength = UserLayout.RoundUp(newLength);
        lock (_lock)
        {
            if ((flags & MoveFlags.Fixed) != 0)
                return MoveTo(oldAddress, oldLength, newLength, flags, newAddress);
            if (!SameKind(oldAddress, oldAddress + oldLength))
                return -Errno.EFAULT;
            if ((flags & MoveFlags.DontUnmap) != 0)
                return Relocate(oldAddress, oldLength, newLength, flags, 0);
            if (newLength <= oldLength)
            {
                if (newLength < oldLength)
                    Discard(oldAddress + newLength, oldAddress + oldLength);
                return (long)oldAddress;
            }

            ulong newEnd = oldAddress + newLength;
            if (newEnd <= UserLayout.Limit && _areas.IsFree(oldAddress + oldLength, newEnd))
            {
                long error = Extend(oldAddress + oldLength, oldAddress + oldLength, newEnd);
                return error < 0 ? error : (long)oldAddress;
            }

            return (flags & MoveFlags.MayMove) == 0 ? -Errno.ENOMEM : Relocate(oldAddress, oldLength, newLength, flags, 0);
        }
    }

    private long MoveTo(ulong oldAddress, ulong oldLength, ulong newLength, MoveFlags flags, ulong newAddress)
    {
        if (!UserLayout.IsAligned(newAddress) || newAddress >= UserLayout.Limit || newLength > UserLayout.Limit - newAddress
            || (newAddress < oldAddress + oldLength && oldAddress < newAddress + newLength))
            return -Errno.EINVAL;
        if (newAddress < UserLayout.Lowest)
            return -Errno.EPERM;
        if (!SameKind(oldAddress, oldAddress + oldLength))
            return -Errno.EFAULT;
        Discard(newAddress, newAddress + newLength);
        if (newLength < oldLength)
        {
            Discard(oldAddress + newLength, oldAddress + oldLength);
            oldLength = newLength;
        }

        return Relocate(oldAddress, oldLength, newLength, flags, newAddress);
    }

    /// <summary>Moves [from, from + length) to a hole (found when <paramref name="to"/> is 0) and lengthens it there.</summary>
    private long Relocate(ulong from, ulong length, ulong newLength, MoveFlags flags, ulong to)
    {
        if (to == 0)
        {
            long placed = Place(0, newLength, MapFlags.Private);
            if (placed < 0)
                return placed;
            to = (ulong)placed;
        }

        List<Vma> pieces = _areas.Within(from, from + length);
        foreach (Vma piece in pieces)
        {
            Vma moved = piece with { Start = piece.Start - from + to, End = piece.End - from + to, Flags = piece.Flags & ~(VmaFlags.Heap | VmaFlags.Stack), Mapped = false };
            if (Show(ref moved) is < 0 and var error)
                return error;
            _areas.Add(moved);
            if (piece.Mapped)
                _world.Unmap(piece.Start, piece.Length);
        }

        Vma old = pieces[0];
        _areas.Remove(from, from + length);
        if ((flags & MoveFlags.DontUnmap) != 0
            && Install(new Vma(from, from + length, old.Access, VmaFlags.None, Vma.NoPhysical, false)) is < 0 and var left)
            return left;
        if (newLength > length && Extend(to + length, to + length, to + newLength) is < 0 and var failed)
            return failed;
        return (long)to;
    }

    /// <summary>Adds [start, end) in a hole, as more of the area that ends at <paramref name="tail"/>.</summary>
    private long Extend(ulong tail, ulong start, ulong end)
    {
        _ = _areas.TryFind(tail - 1, out Vma area);
        return Install(new Vma(
            start, end, area.Access, area.Flags & ~(VmaFlags.Heap | VmaFlags.Stack | VmaFlags.PastEnd), Vma.NoPhysical, false,
            area.Backing, area.Backing is null ? 0 : area.FileOffset + (long)area.Length));
    }

    /// <summary>Whether a range is what Linux would keep as one area.</summary>
    private bool SameKind(ulong start, ulong end)
    {
        List<Vma> pieces = _areas.Within(start, end);
        return pieces.Count != 0 && _areas.Covers(start, end) && pieces[0].Backing is not DeviceBacking
            && pieces.TrueForAll(p =>
                p.Access == pieces[0].Access && p.Backing == pieces[0].Backing
                && (p.Flags & ~VmaFlags.PastEnd) == (pieces[0].Flags & ~VmaFlags.PastEnd));
    }
}
