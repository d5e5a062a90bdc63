using RvJit.Machine;

namespace RvJit.Guest.Linux.Mapping;

/// <summary>
/// A file under shared mappings. Its pages are copies that all mappings of the process share; what the guest changed
/// goes to the file before anybody reads it through a descriptor, and at msync, munmap and exit; what is written
/// through a descriptor comes back. (The host's own page cache cannot be mapped: a file that somebody truncates would
/// kill the emulator with SIGBUS.)
/// </summary>
internal sealed class SharedFile(IMappableFile file, PhysicalMemory memory, Action<SharedFile> closed) : AreaBacking
{
    private readonly SortedList<long, Extent> _extents = [];
    private readonly SharedFilePages _digests = new();
    private IMappableFile _reader = file;
    private IMappableFile? _writer;

    public FileIdentity Identity { get; } = file.Identity;

    public override string Path => _reader.Path;

    /// <summary>Another mapping of the same file came with a reference of its own.</summary>
    public void Adopt(IMappableFile file, bool writable)
    {
        if (writable && _writer is null)
        {
            if (_reader != file)
                _reader.Dispose();
            _reader = _writer = file;
        }
        else if (_reader != file)
        {
            file.Dispose();
        }
    }

    /// <summary>
    /// The physical pages for a piece of the file that starts at a page; the piece may be shorter than wanted, and is
    /// empty past the end of the file. A negated errno on failure.
    /// </summary>
    public long TryProvide(long offset, ulong wanted, out ulong physical, out ulong bytes)
    {
        physical = Vma.NoPhysical;
        bytes = 0;
        foreach ((long start, Extent extent) in _extents)
        {
            if (start + (long)extent.Bytes <= offset)
                continue;
            if (start <= offset)
            {
                physical = extent.Physical + (ulong)(offset - start);
                bytes = Math.Min(wanted, extent.Bytes - (ulong)(offset - start));
                return 0;
            }

            wanted = Math.Min(wanted, (ulong)(start - offset));
            break;
        }

        if (!memory.TryAllocate(wanted, UserLayout.Page, out ulong taken))
            return -Errno.ENOMEM;
        long got = FilePages.Read(_reader, memory, offset, taken, wanted);
        ulong valid = got < 0 ? 0 : UserLayout.RoundUp((ulong)got);
        if (valid < wanted)
            memory.Free(taken + valid, wanted - valid);
        if (valid == 0)
            return got;
        physical = taken;
        bytes = valid;
        _extents.Add(offset, new Extent(taken, valid));
        ForPieces(offset, valid, (at, pages) => _digests.Agree(at, pages));
        return 0;
    }

    /// <summary>Writes what the guest changed in a range of the file; 0 or a negated errno.</summary>
    public long Flush(long offset, ulong bytes)
    {
        long error = 0;
        if (_writer is { } writer)
        {
            ForPieces(offset, bytes, (at, pages) =>
            {
                if (error == 0)
                    error = _digests.WriteBack(writer, at, pages);
            });
        }

        return error;
    }

    /// <summary>The file was written in a range: the copies follow.</summary>
    public void Reload(long offset, ulong bytes) => ForPieces(offset, bytes, (at, pages) =>
    {
        if (_reader.ReadAt(at, pages) is > 0 and var got)
        {
            pages[(int)got..].Clear();
            _digests.Agree(at, pages);
        }
    });

    protected override void Close()
    {
        foreach (Extent extent in _extents.Values)
            memory.Free(extent.Physical, extent.Bytes);
        _extents.Clear();
        closed(this);
        _reader.Dispose();
    }

    private delegate void PieceAction(long offset, Span<byte> pages);

    /// <summary>The copies of whole pages that touch a range of the file.</summary>
    private void ForPieces(long offset, ulong bytes, PieceAction action)
    {
        long from = offset & ~(long)(UserLayout.Page - 1);
        long to = bytes >= long.MaxValue - (ulong)offset ? long.MaxValue : offset + (long)bytes;
        foreach ((long start, Extent extent) in _extents)
        {
            long first = Math.Max(from, start);
            long last = Math.Min(to, start + (long)extent.Bytes);
            while (first < last)
            {
                ulong length = Math.Min(UserLayout.RoundUp((ulong)(last - first)), FilePages.ChunkBytes);
                action(first, memory.Span(extent.Physical + (ulong)(first - start), (int)length));
                first += (long)length;
            }
        }
    }

    private readonly record struct Extent(ulong Physical, ulong Bytes);
}

/// <summary>Copies file contents into physical memory.</summary>
internal static class FilePages
{
    public const ulong ChunkBytes = 1UL << 28;

    /// <summary>How many bytes the file had there, at most what was asked for, or a negated errno.</summary>
    public static long Read(IMappableFile file, PhysicalMemory memory, long offset, ulong physical, ulong bytes)
    {
        ulong done = 0;
        while (done < bytes)
        {
            int want = (int)Math.Min(ChunkBytes, bytes - done);
            long got = file.ReadAt(offset + (long)done, memory.Span(physical + done, want));
            if (got < 0)
                return done > 0 ? (long)done : got;
            done += (ulong)got;
            if (got < want)
                break;
        }

        return (long)done;
    }
}
