using RvJit.Guest.Linux.Mapping;

namespace RvJit.Guest.Linux.Files;

/// <summary>
/// A process's descriptors. Look-ups take no lock: they read the array, then reference the file, which fails once the
/// file is closed. Changes take the lock and publish whole entries.
/// </summary>
public sealed class FileTable : IMappableFiles
{
    private const int Most = 1 << 20; // fs.nr_open
    private const int FirstEntries = 64;

    private readonly Lock _lock = new();
    private GuestFile?[] _files = new GuestFile?[FirstEntries];
    private bool[] _closeOnExec = new bool[FirstEntries];
    private int _lowestFree;

    /// <summary>RLIMIT_NOFILE: descriptors below this number can be made.</summary>
    public int Limit { get; set; } = Most;

    public static int LimitOf(ulong resourceLimit) => (int)Math.Min(resourceLimit, Most);

    /// <summary>The file behind a descriptor, held until the reference is disposed; empty when there is none.</summary>
    public FileReference Acquire(ulong descriptor)
    {
        GuestFile?[] files = Volatile.Read(ref _files);
        uint fd = (uint)descriptor; // the kernel takes descriptors as 32-bit numbers
        GuestFile? file = fd < (uint)files.Length ? Volatile.Read(ref files[fd]) : null;
        return file is not null && file.TryReference() ? new FileReference(file) : default;
    }

    /// <summary>Gives a file the lowest free descriptor; takes over the caller's reference unless it fails with EMFILE.</summary>
    public long Add(GuestFile file, bool closeOnExec, int lowest = 0)
    {
        lock (_lock)
        {
            int fd = Math.Max(lowest, _lowestFree);
            while (fd < _files.Length && _files[fd] is not null)
                fd++;
            if (fd >= Limit)
                return -Errno.EMFILE;
            if (lowest <= _lowestFree)
                _lowestFree = fd + 1;
            Put(fd, file, closeOnExec);
            return fd;
        }
    }

    /// <summary>Adds a file and drops it when there is no descriptor for it.</summary>
    public long AddOrClose(GuestFile file, bool closeOnExec)
    {
        long fd = Add(file, closeOnExec);
        if (fd < 0)
            file.Release();
        return fd;
    }

    /// <summary>dup, fcntl(F_DUPFD): another descriptor for the same description.</summary>
    public long Duplicate(ulong descriptor, bool closeOnExec, ulong lowest = 0)
    {
        if (lowest >= (ulong)Limit)
            return -Errno.EINVAL;
        using FileReference reference = Acquire(descriptor);
        if (reference.File is not { } file || !file.TryReference())
            return -Errno.EBADF;
        long fd = Add(file, closeOnExec, (int)lowest);
        if (fd < 0)
            file.Release();
        return fd;
    }

    /// <summary>dup3: makes a given descriptor name the description, closing what it named before.</summary>
    public long DuplicateTo(ulong descriptor, ulong target, bool closeOnExec)
    {
        if ((uint)target >= (uint)Limit)
            return -Errno.EBADF;
        using FileReference reference = Acquire(descriptor);
        if (reference.File is not { } file || !file.TryReference())
            return -Errno.EBADF;
        GuestFile? old;
        lock (_lock)
        {
            int fd = (int)target;
            old = fd < _files.Length ? _files[fd] : null;
            Put(fd, file, closeOnExec);
        }

        old?.Release();
        return (uint)target;
    }

    /// <summary>Makes a descriptor name a file: standard input and its like, before the guest runs.</summary>
    public void Set(int fd, GuestFile file)
    {
        GuestFile? old;
        lock (_lock)
        {
            old = fd < _files.Length ? _files[fd] : null;
            Put(fd, file, closeOnExec: false);
        }

        old?.Release();
    }

    public long Close(ulong descriptor)
    {
        GuestFile? file = Take((uint)descriptor);
        if (file is null)
            return -Errno.EBADF;
        file.Release();
        return 0;
    }

    /// <summary>close_range: closes, or only marks, all descriptors from first to last.</summary>
    public void CloseRange(uint first, uint last, bool markOnly)
    {
        for (uint fd = first; fd <= last && fd < (uint)Volatile.Read(ref _files).Length; fd++)
        {
            if (markOnly)
                SetCloseOnExec(fd, true);
            else
                Take(fd)?.Release();
        }
    }

    /// <summary>execve: closes what is marked so.</summary>
    public void CloseOnExec()
    {
        for (uint fd = 0; fd < (uint)_files.Length; fd++)
        {
            if (GetCloseOnExec(fd) > 0)
                Take(fd)?.Release();
        }
    }

    public void CloseAll() => CloseRange(0, uint.MaxValue, markOnly: false);

    /// <summary>FD_CLOEXEC: 1 or 0, or EBADF.</summary>
    public long GetCloseOnExec(ulong descriptor)
    {
        uint fd = (uint)descriptor;
        lock (_lock)
            return fd >= (uint)_files.Length || _files[fd] is null ? -Errno.EBADF : _closeOnExec[fd] ? 1 : 0;
    }

    public long SetCloseOnExec(ulong descriptor, bool value)
    {
        uint fd = (uint)descriptor;
        lock (_lock)
        {
            if (fd >= (uint)_files.Length || _files[fd] is null)
                return -Errno.EBADF;
            _closeOnExec[fd] = value;
            return 0;
        }
    }

    /// <summary>fork: the same descriptions under the same descriptors.</summary>
    public FileTable Clone()
    {
        lock (_lock)
        {
            var copy = new FileTable
            {
                Limit = Limit,
                _files = (GuestFile?[])_files.Clone(),
                _closeOnExec = (bool[])_closeOnExec.Clone(),
                _lowestFree = _lowestFree,
            };
            foreach (GuestFile? file in copy._files)
                _ = file?.TryReference(); // cannot fail: this table's own reference is alive under the lock
            return copy;
        }
    }

    /// <summary>The descriptors in use, lowest first.</summary>
    public IReadOnlyList<int> Descriptors()
    {
        var used = new List<int>();
        lock (_lock)
        {
            for (int fd = 0; fd < _files.Length; fd++)
            {
                if (_files[fd] is not null)
                    used.Add(fd);
            }
        }

        return used;
    }

    /// <inheritdoc/>
    public long TryOpen(int descriptor, bool forSharedWrite, out IMappableFile? file)
    {
        using FileReference reference = Acquire((ulong)descriptor);
        file = null;
        return reference.File switch
        {
            null => -Errno.EBADF,
            HostFile host => MappableHostFile.TryOpen(host, forSharedWrite, out file),
            _ => -Errno.ENODEV,
        };
    }

    private GuestFile? Take(uint fd)
    {
        lock (_lock)
        {
            if (fd >= (uint)_files.Length || _files[fd] is not { } file)
                return null;
            Volatile.Write(ref _files[fd], null);
            _closeOnExec[fd] = false;
            _lowestFree = Math.Min(_lowestFree, (int)fd);
            return file;
        }
    }

    private void Put(int fd, GuestFile file, bool closeOnExec)
    {
        if (fd >= _files.Length)
        {
            int length = Math.Max(fd + 1, _files.Length * 2);
            Array.Resize(ref _closeOnExec, length);
            var larger = new GuestFile?[length];
            _files.CopyTo(larger, 0);
            Volatile.Write(ref _files, larger);
        }

        _closeOnExec[fd] = closeOnExec;
        Volatile.Write(ref _files[fd], file);
    }
}
