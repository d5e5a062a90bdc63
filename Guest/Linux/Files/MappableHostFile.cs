using RvJit.Guest.Linux.Files.Host;
using RvJit.Guest.Linux.Mapping;

namespace RvJit.Guest.Linux.Files;

/// <summary>A host file as the memory map reads it: holds the open file description alive.</summary>
internal sealed unsafe class MappableHostFile : IMappableFile
{
    private const int AccessMode = 3;
    private const int WriteOnly = 1;
    private const int ReadWrite = 2;

    private readonly HostFile _file;
    private int _disposed;

    private MappableHostFile(HostFile file) => _file = file;

    public string Path => _file.Path;

    public FileIdentity Identity => _file.Identity;

    public static long TryOpen(HostFile file, bool forSharedWrite, out IMappableFile? mappable)
    {
        mappable = null;
        int mode = file.StatusFlags & AccessMode;
        if ((file.StatusFlags & OpenFlags.PathOnly) != 0)
            return -Errno.EBADF;
        if (mode == WriteOnly || (forSharedWrite && mode != ReadWrite))
            return -Errno.EACCES;
        if (!file.HasPages || !file.TryReference())
            return -Errno.ENODEV;
        mappable = new MappableHostFile(file);
        return 0;
    }

    public long ReadAt(long offset, Span<byte> destination)
    {
        int done = 0;
        fixed (byte* p = destination)
        {
            while (done < destination.Length)
            {
                long n = HostCalls.ReadAt(_file.HostDescriptor, p + done, (nuint)(destination.Length - done), offset + done);
                if (n == -Errno.EINTR)
                    continue;
                if (n < 0)
                    return done > 0 ? done : n;
                if (n == 0)
                    break;
                done += (int)n;
            }
        }

        return done;
    }

    public long WriteAt(long offset, ReadOnlySpan<byte> source)
    {
        long end = _file.Status().Size;
        long length = Math.Min(source.Length, end - offset);
        long done = 0;
        fixed (byte* p = source)
        {
            while (done < length)
            {
                long n = HostCalls.WriteAt(_file.HostDescriptor, p + done, (nuint)(length - done), offset + done);
                if (n == -Errno.EINTR)
                    continue;
                if (n <= 0)
                    return done > 0 ? done : n;
                done += n;
            }
        }

        return done;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _file.Release();
    }
}
