namespace RvJit.Guest.Linux.Mapping;

/// <summary>Which file of the host it is, however many descriptors and paths lead to it.</summary>
public readonly record struct FileIdentity(ulong Device, ulong Inode);

/// <summary>An open file as mmap sees it. It outlives the descriptor it came from, until <see cref="IDisposable.Dispose"/>.</summary>
public interface IMappableFile : IDisposable
{
    /// <summary>For /proc/self/maps and traces.</summary>
    string Path { get; }

    FileIdentity Identity { get; }

    /// <summary>Reads at a file offset; the number of bytes is short only at the end of the file; negated errno on failure.</summary>
    long ReadAt(long offset, Span<byte> destination);

    /// <summary>Writes back a shared mapping; negated errno on failure. Never extends the file.</summary>
    long WriteAt(long offset, ReadOnlySpan<byte> source);
}

/// <summary>Turns descriptors into files that can be mapped; the file table implements it.</summary>
public interface IMappableFiles
{
    /// <summary>
    /// 0 and an independent reference to the file (a duplicate), or a negated errno: EBADF, EACCES when the file is not
    /// open for reading or <paramref name="forSharedWrite"/> asks for more than it was opened for, ENODEV for what has no pages.
    /// </summary>
    long TryOpen(int descriptor, bool forSharedWrite, out IMappableFile? file);
}
