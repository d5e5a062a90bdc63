using RvJit.Guest.Linux.Files.Host;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Files;

/// <summary>
/// An open file description: what descriptors, duplicated or inherited, share. It lives as long as a descriptor, a
/// mapping or a running system call refers to it. Methods return a result or a negated errno.
/// </summary>
public abstract unsafe class GuestFile
{
    private int _references = 1;

    /// <summary>Flags of open(2) as the guest sees them: access mode and status flags.</summary>
    public int StatusFlags { get; set; }

    /// <summary>The host's descriptor of the same file, or -1 for what only this process knows.</summary>
    public virtual int HostDescriptor => -1;

    /// <summary>For /proc/self/maps and traces.</summary>
    public virtual string Path => "anon_inode:[device]";

    /// <summary>A transfer that finds nothing to do waits, instead of failing with EAGAIN.</summary>
    internal virtual bool Blocks => false;

    /// <summary>The host descriptor itself blocks, so a reader waits for data before it reads.</summary>
    internal virtual bool WaitsBeforeReading => false;

    public virtual long Read(LinuxThread thread, byte* buffer, nuint count) => -Errno.EINVAL;

    public virtual long Write(LinuxThread thread, byte* buffer, nuint count) => -Errno.EINVAL;

    public virtual long Seek(long offset, int whence) => -Errno.ESPIPE;

    /// <summary>The argument is a guest address or a number, as the request says.</summary>
    public virtual long Ioctl(LinuxThread thread, uint request, ulong argument) => -Errno.ENOTTY;

    /// <summary>What a mapping of a device may be, however it is asked for: mmap and mprotect fail with EACCES beyond it.</summary>
    public virtual Access MostMapAccess => Access.All;

    /// <summary>
    /// mmap of a device: 0 and the physical address of <c>request.Length</c> contiguous bytes that become visible at
    /// <c>request.Address</c>, or a negated errno. The caller holds a reference to the file until it unmaps the range.
    /// </summary>
    public virtual long TryMap(LinuxThread thread, in DeviceMapRequest request, out ulong physical)
    {
        physical = 0;
        return -Errno.ENODEV;
    }

    /// <summary>The last page of a range got with <see cref="TryMap"/> is gone.</summary>
    public virtual void Unmapped(in DeviceMapRequest request)
    {
    }

    public virtual FileStatus Status() => new() { Mode = FileStatus.CharacterDevice | 0x1b6, Links = 1, BlockSize = 4096 };

    /// <summary>Which of the <see cref="PollEvents"/> asked for are there now.</summary>
    public virtual short Poll(short events) => (short)(events & (PollEvents.In | PollEvents.Out));

    /// <summary>Takes a reference unless the file is already closed.</summary>
    public bool TryReference()
    {
        int references = Volatile.Read(ref _references);
        while (references > 0)
        {
            int seen = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (seen == references)
                return true;
            references = seen;
        }

        return false;
    }

    /// <summary>Gives a reference up; the last one closes.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            Close();
    }

    /// <summary>Transfers to consecutive buffers; an offset of -1 is the file position.</summary>
    internal virtual long Read(LinuxThread thread, HostVector* vectors, int count, long offset) =>
        offset >= 0 ? -Errno.ESPIPE : EachVector(thread, vectors, count, write: false);

    internal virtual long Write(LinuxThread thread, HostVector* vectors, int count, long offset) =>
        offset >= 0 ? -Errno.ESPIPE : EachVector(thread, vectors, count, write: true);

    /// <summary>Waits for an event: 0, or ERESTARTSYS when the thread is interrupted.</summary>
    internal virtual long Await(LinuxThread thread, short events) => 0;

    /// <summary>Called once, when nothing refers to the file any more.</summary>
    protected virtual void Close()
    {
    }

    private long EachVector(LinuxThread thread, HostVector* vectors, int count, bool write)
    {
        long total = 0;
        for (int i = 0; i < count; i++)
        {
            long done = write
                ? Write(thread, vectors[i].Base, vectors[i].Length)
                : Read(thread, vectors[i].Base, vectors[i].Length);
            if (done < 0)
                return total > 0 ? total : done;
            total += done;
            if ((nuint)done < vectors[i].Length)
                break;
        }

        return total;
    }
}

/// <summary>What a guest asks when it maps a device: where, how much, PROT_* and MAP_* bits, and the file offset.</summary>
public readonly record struct DeviceMapRequest(ulong Address, ulong Length, int Protection, int Flags, ulong Offset);

/// <summary>Files that exist only for guests.</summary>
public interface IDeviceProvider
{
    /// <summary>Whether an absolute guest path is one of this provider's.</summary>
    bool Provides(string path);

    /// <summary>Opens a path this provider has; false hands the path on to the host. <paramref name="error"/> is a negated errno or 0.</summary>
    bool TryOpen(string path, int flags, LinuxThread thread, out GuestFile? file, out long error);
}

/// <summary>A counted reference for the length of a system call.</summary>
public readonly ref struct FileReference(GuestFile? file)
{
    public GuestFile? File { get; } = file;

    public void Dispose() => File?.Release();
}
