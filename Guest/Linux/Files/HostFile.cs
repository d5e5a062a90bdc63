using System.Text;
using RvJit.Guest.Linux.Files.Host;
using RvJit.Guest.Linux.Mapping;

namespace RvJit.Guest.Linux.Files;

/// <summary>
/// A file of the host under its own descriptor. How it waits depends on whose it is: files and directories never wait;
/// a pipe or socket that the guest made is non-blocking in the host and waits here, where a signal can end the wait;
/// what others share (a terminal, standard input) keeps its mode, so a reader polls first.
/// </summary>
internal sealed unsafe class HostFile : GuestFile
{
    private const int GetStatusFlags = 3;
    private const int SetStatusFlags = 4;
    private const int EmptyPath = 0x1000;

    private readonly int _descriptor;
    private readonly bool _owned;
    private FileIdentity? _identity;
    private readonly HostWait _wait;

    private HostFile(int descriptor, HostWait wait, bool owned, int statusFlags, ulong device = 0)
    {
        Device = device;
        _descriptor = descriptor;
        _wait = wait;
        _owned = owned;
        StatusFlags = statusFlags;
    }

    private enum HostWait
    {
        /// <summary>Transfers end by themselves.</summary>
        Never,

        /// <summary>The host descriptor is non-blocking; the guest's idea of blocking is kept here.</summary>
        Here,

        /// <summary>The host descriptor blocks as its other users want it.</summary>
        InHost,
    }

    public override int HostDescriptor => _descriptor;

    public override string Path => LinkTarget();

    /// <summary>st_dev of a file opened by path.</summary>
    public ulong Device { get; }

    /// <summary>Whether mmap can show it.</summary>
    public bool HasPages => _wait == HostWait.Never && Status().Type != FileStatus.Directory;

    /// <summary>Non-blocking in the host whatever the guest asked for.</summary>
    public bool WaitsHere => _wait == HostWait.Here;

    /// <summary>SO_RCVTIMEO and SO_SNDTIMEO in nanoseconds; the host ignores them on a non-blocking socket.</summary>
    public long ReceiveTimeout { get; set; } = ThreadWaker.Forever;

    public long SendTimeout { get; set; } = ThreadWaker.Forever;

    internal override bool Blocks => _wait != HostWait.Never && (StatusFlags & OpenFlags.NonBlocking) == 0;

    internal override bool WaitsBeforeReading => _wait == HostWait.InHost && Blocks;

    /// <summary>A descriptor that the host process was given, 0 to 2; it is not closed.</summary>
    public static HostFile Borrow(int descriptor) => Wrap(descriptor, owned: false);

    /// <summary>A descriptor just got from opening a path.</summary>
    public static HostFile Opened(int descriptor) => Wrap(descriptor, owned: true);

    /// <summary>A pipe, socket or event descriptor that only the guest has, opened non-blocking in the host.</summary>
    public static HostFile Stream(int descriptor, bool guestNonBlocking)
    {
        int flags = OpenFlags.FromHost((int)HostCalls.Fcntl(descriptor, GetStatusFlags, 0));
        flags = guestNonBlocking ? flags | OpenFlags.NonBlocking : flags & ~OpenFlags.NonBlocking;
        return new HostFile(descriptor, HostWait.Here, owned: true, flags);
    }

    public override long Read(LinuxThread thread, byte* buffer, nuint count)
    {
        MappedFileAccess.BeforeRead(thread, this, -1, count);
        return HostCalls.Read(_descriptor, buffer, count);
    }

    public override long Write(LinuxThread thread, byte* buffer, nuint count)
    {
        long at = MappedFileAccess.BeforeWrite(thread, this, -1, count);
        return MappedFileAccess.AfterWrite(thread, this, at, HostCalls.Write(_descriptor, buffer, count));
    }

    public override long Seek(long offset, int whence) => HostCalls.Seek(_descriptor, offset, whence);

    public override FileStatus Status() => StatusOf(_descriptor);

    /// <summary>Which file it is; asked for once.</summary>
    public FileIdentity Identity => _identity ??= Status() is var status ? new FileIdentity(status.Device, status.Inode) : default;

    private static FileStatus StatusOf(int descriptor)
    {
        byte* buffer = stackalloc byte[FileStatus.StatxSize];
        byte nothing = 0;
        return HostCalls.Statx(descriptor, &nothing, EmptyPath, FileStatus.BasicMask, buffer) < 0
            ? default
            : FileStatus.FromStatx(new ReadOnlySpan<byte>(buffer, FileStatus.StatxSize));
    }

    public override short Poll(short events)
    {
        var entry = new PollEntry(_descriptor, events, 0);
        TimeSpec none = default;
        return HostCalls.Poll(&entry, 1, &none) > 0 ? entry.Returned : (short)0;
    }

    /// <summary>fcntl(F_SETFL).</summary>
    public long SetStatus(int flags)
    {
        int host = OpenFlags.ToHost(flags & ~OpenFlags.Asynchronous); // its SIGIO would go to the emulator
        long result = HostCalls.Fcntl(_descriptor, SetStatusFlags, _wait == HostWait.Here ? host | OpenFlags.NonBlocking : host);
        if (result < 0)
            return result;
        int now = OpenFlags.FromHost((int)HostCalls.Fcntl(_descriptor, GetStatusFlags, 0));
        StatusFlags = _wait == HostWait.Here ? (now & ~OpenFlags.NonBlocking) | (flags & OpenFlags.NonBlocking) : now;
        return 0;
    }

    internal override long Read(LinuxThread thread, HostVector* vectors, int count, long offset)
    {
        MappedFileAccess.BeforeRead(thread, this, offset, HostVector.Total(vectors, count));
        return ReadHost(vectors, count, offset);
    }

    internal override long Write(LinuxThread thread, HostVector* vectors, int count, long offset)
    {
        long at = MappedFileAccess.BeforeWrite(thread, this, offset, HostVector.Total(vectors, count));
        return MappedFileAccess.AfterWrite(thread, this, at, WriteHost(vectors, count, offset));
    }

    private long ReadHost(HostVector* vectors, int count, long offset) => (count, offset) switch
    {
        (1, < 0) => HostCalls.Read(_descriptor, vectors->Base, vectors->Length),
        (1, _) => HostCalls.ReadAt(_descriptor, vectors->Base, vectors->Length, offset),
        (_, < 0) => HostCalls.ReadVector(_descriptor, vectors, count),
        _ => HostCalls.ReadVectorAt(_descriptor, vectors, count, offset),
    };

    private long WriteHost(HostVector* vectors, int count, long offset) => (count, offset) switch
    {
        (1, < 0) => HostCalls.Write(_descriptor, vectors->Base, vectors->Length),
        (1, _) => HostCalls.WriteAt(_descriptor, vectors->Base, vectors->Length, offset),
        (_, < 0) => HostCalls.WriteVector(_descriptor, vectors, count),
        _ => HostCalls.WriteVectorAt(_descriptor, vectors, count, offset),
    };

    internal override long Await(LinuxThread thread, short events)
    {
        long limit = (events & PollEvents.In) != 0 ? ReceiveTimeout : SendTimeout;
        long deadline = limit == ThreadWaker.Forever ? ThreadWaker.Forever : ThreadWaker.After(limit);
        return thread.Waker.Wait(thread, _descriptor, events, deadline) switch
        {
            > 0 => 0,
            0 => -Errno.EAGAIN,
            -Errno.EINTR => -Errno.ERESTARTSYS,
            long error => error,
        };
    }

    protected override void Close()
    {
        if (_owned)
            _ = HostCalls.Close(_descriptor);
    }

    private static HostFile Wrap(int descriptor, bool owned)
    {
        int flags = OpenFlags.FromHost((int)Math.Max(0, HostCalls.Fcntl(descriptor, GetStatusFlags, 0)));
        FileStatus status = StatusOf(descriptor);
        bool waits = (flags & OpenFlags.PathOnly) == 0 && status.Type switch
        {
            FileStatus.Fifo or FileStatus.Socket => true,
            FileStatus.CharacterDevice => !IsMemoryDevice(status.SpecialDevice),
            _ => false,
        };
        return new HostFile(descriptor, waits ? HostWait.InHost : HostWait.Never, owned, flags, status.Device);
    }

    /// <summary>/dev/null, zero, full, random and urandom answer at once (major 1; minor 11 is the kernel's log).</summary>
    private static bool IsMemoryDevice(ulong device) => device >> 8 == 1 && (byte)device is 3 or 5 or 7 or 8 or 9;

    private string LinkTarget()
    {
        const int Longest = 4096;
        byte* buffer = stackalloc byte[Longest];
        fixed (byte* link = Encoding.ASCII.GetBytes($"/proc/self/fd/{_descriptor}\0"))
        {
            long length = HostCalls.ReadLink(HostCalls.CurrentDirectory, link, buffer, Longest);
            return length < 0 ? "" : Encoding.UTF8.GetString(buffer, (int)length);
        }
    }
}
