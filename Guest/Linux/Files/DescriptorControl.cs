using RvJit.Guest.Linux.Files.Host;

namespace RvJit.Guest.Linux.Files;

/// <summary>fcntl and flock.</summary>
public sealed unsafe class DescriptorControl : ISyscallGroup
{
    /// <summary>How long a blocked lock request sleeps before it asks again; doubles up to the longest.</summary>
    private const long ShortestRetry = 1_000_000;
    private const long LongestRetry = 50_000_000;

    public void Register(SyscallTable table)
    {
        table.Add(25, "fcntl", Control);
        table.Add(32, "flock", LockFile);
    }

    /// <summary>F_SETFL for any file.</summary>
    internal static long SetStatus(GuestFile file, int flags)
    {
        if (file is HostFile host)
            return host.SetStatus(flags);
        const int Changeable = OpenFlags.Append | OpenFlags.NonBlocking;
        file.StatusFlags = (file.StatusFlags & ~Changeable) | (flags & Changeable);
        return 0;
    }

    // F_* of asm-generic/fcntl.h; 64-bit hosts have the same numbers and the same struct flock (32 bytes).
    private static long Control(LinuxThread thread, in SyscallArguments args)
    {
        FileTable table = thread.Process.Files.Table;
        using FileReference reference = table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        int command = (int)args.A1;
        switch (command)
        {
            case 0: // F_DUPFD
                return table.Duplicate(args.A0, closeOnExec: false, args.A2);
            case 1030: // F_DUPFD_CLOEXEC
                return table.Duplicate(args.A0, closeOnExec: true, args.A2);
            case 1: // F_GETFD
                return table.GetCloseOnExec(args.A0);
            case 2: // F_SETFD
                return table.SetCloseOnExec(args.A0, (args.A2 & 1) != 0);
            case 3: // F_GETFL
                return file.StatusFlags;
            case 4: // F_SETFL
                return SetStatus(file, (int)args.A2);
        }

        if (file.HostDescriptor < 0)
            return -Errno.EINVAL;
        return command switch
        {
            5 or 36 => GetLock(thread, file, command, args.A2), // F_GETLK, F_OFD_GETLK
            6 or 37 => SetLock(thread, file, command, args.A2, waits: false), // F_SETLK, F_OFD_SETLK
            7 or 38 => SetLock(thread, file, command - 1, args.A2, waits: true), // F_SETLKW, F_OFD_SETLKW
            1031 or 1032 // F_SETPIPE_SZ, F_GETPIPE_SZ
                or 1033 or 1034 => // F_ADD_SEALS, F_GET_SEALS
                HostCalls.Fcntl(file.HostDescriptor, command, (nint)args.A2),
            _ => -Errno.EINVAL, // leases and owners would have the host signal the emulator
        };
    }

    private static long GetLock(LinuxThread thread, GuestFile file, int command, ulong address)
    {
        if (!thread.World.TryRead(address, out RecordLock record))
            return -Errno.EFAULT;
        long result = HostCalls.Fcntl(file.HostDescriptor, command, (nint)(&record));
        return result < 0 || thread.World.TryWrite(address, record) ? result : -Errno.EFAULT;
    }

    /// <summary>
    /// Record locks are the host process's: guest processes that run in one host process do not exclude each other.
    /// </summary>
    private static long SetLock(LinuxThread thread, GuestFile file, int command, ulong address, bool waits)
    {
        if (!thread.World.TryRead(address, out RecordLock record))
            return -Errno.EFAULT;
        for (long pause = ShortestRetry; ; pause = Math.Min(pause * 2, LongestRetry))
        {
            long result = HostCalls.Fcntl(file.HostDescriptor, command, (nint)(&record));
            if (!waits || result is not (-Errno.EAGAIN or -Errno.EACCES))
                return result;
            if (thread.Waker.Sleep(thread, ThreadWaker.After(pause)) < 0)
                return -Errno.ERESTARTSYS;
        }
    }

    private static long LockFile(LinuxThread thread, in SyscallArguments args)
    {
        const int DoNotBlock = 4; // LOCK_NB
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        if (file.HostDescriptor < 0)
            return -Errno.EINVAL;
        int operation = (int)args.A1;
        for (long pause = ShortestRetry; ; pause = Math.Min(pause * 2, LongestRetry))
        {
            long result = HostCalls.Lock(file.HostDescriptor, operation | DoNotBlock);
            if (result != -Errno.EWOULDBLOCK || (operation & DoNotBlock) != 0)
                return result;
            if (thread.Waker.Sleep(thread, ThreadWaker.After(pause)) < 0)
                return -Errno.ERESTARTSYS;
        }
    }

    /// <summary>struct flock, 32 bytes.</summary>
    private struct RecordLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Process;
    }
}
