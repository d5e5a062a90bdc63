using RvJit.Machine;

namespace RvJit.Guest.Linux.Mapping;

/// <summary>Areas that the kernel itself puts in place before the program starts.</summary>
public sealed partial class MemoryMap
{
    /// <summary>The highest hole below the mmap area's top, for what may lie anywhere; 0 when there is none.</summary>
    internal ulong FindHole(ulong bytes)
    {
        lock (_lock)
            return _areas.HighestHole(bytes, UserLayout.Lowest, UserLayout.MapTop);
    }

    /// <summary>
    /// Puts one contiguous piece of memory at a fixed, free place: filled first, then shown page by page as
    /// <paramref name="grants"/> says (pages with <see cref="Access.None"/> become inaccessible). False when the place
    /// is taken or memory is short.
    /// </summary>
    internal bool TryPlace(ulong start, ReadOnlySpan<Access> grants, VmaFlags flags, Action<ulong> fill)
    {
        ulong bytes = (ulong)grants.Length * UserLayout.Page;
        lock (_lock)
        {
            if (!_areas.IsFree(start, start + bytes) || !_memory.TryAllocate(bytes, UserLayout.Page, out ulong physical))
                return false;
            fill(physical);
            for (int first = 0; first < grants.Length;)
            {
                int last = first;
                while (last < grants.Length && grants[last] == grants[first])
                    last++;
                ulong offset = (ulong)first * UserLayout.Page;
                var area = new Vma(start + offset, start + ((ulong)last * UserLayout.Page), grants[first], flags, physical + offset, false);
                if (Show(ref area) < 0)
                    return false;
                _areas.Add(area);
                first = last;
            }

            return true;
        }
    }
}
