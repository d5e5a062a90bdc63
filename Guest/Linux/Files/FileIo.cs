using System.Runtime.CompilerServices;
using RvJit.Guest.Linux.Files.Host;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Files;

/// <summary>System calls that move bytes between guest memory and files.</summary>
public sealed unsafe class FileIo : ISyscallGroup
{
    public void Register(SyscallTable table)
    {
        table.Add(62, "lseek", Seek);
        table.Add(63, "read", Read);
        table.Add(64, "write", Write);
        table.Add(65, "readv", ReadVector);
        table.Add(66, "writev", WriteVector);
        table.Add(67, "pread64", ReadAt);
        table.Add(68, "pwrite64", WriteAt);
        table.Add(69, "preadv", ReadVectorAt);
        table.Add(70, "pwritev", WriteVectorAt);
        table.Add(286, "preadv2", ReadVectorAt2);
        table.Add(287, "pwritev2", WriteVectorAt2);
    }

    private static long Seek(LinuxThread thread, in SyscallArguments args)
    {
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        return reference.File?.Seek((long)args.A1, (int)args.A2) ?? -Errno.EBADF;
    }

    private static long Read(LinuxThread thread, in SyscallArguments args)
    {
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        if (file.Blocks)
            return Transfers.Read(thread, file, [new GuestVector(args.A1, args.A2)], -1);
        byte* p = GuestVectors.Clip(thread.World, args.A1, Math.Min(args.A2, GuestVectors.MostBytes), Access.Write, out nuint valid);
        if (p == null)
            return -Errno.EFAULT;
        long result = file.Read(thread, p, valid);
        GuestVectors.NoteWritten(thread.World, [new GuestVector(args.A1, args.A2)], result);
        return result;
    }

    private static long Write(LinuxThread thread, in SyscallArguments args)
    {
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        if (file.Blocks)
            return Transfers.Write(thread, file, [new GuestVector(args.A1, args.A2)], -1);
        byte* p = GuestVectors.Clip(thread.World, args.A1, Math.Min(args.A2, GuestVectors.MostBytes), Access.Read, out nuint valid);
        if (p == null)
            return -Errno.EFAULT;
        long result = file.Write(thread, p, valid);
        if (result == -Errno.EPIPE)
            SignalBridge.BrokenPipe(thread);
        return result;
    }

    private static long ReadAt(LinuxThread thread, in SyscallArguments args) => (long)args.A3 < 0
        ? -Errno.EINVAL
        : Positioned(thread, args.A0, [new GuestVector(args.A1, args.A2)], (long)args.A3, write: false);

    private static long WriteAt(LinuxThread thread, in SyscallArguments args) => (long)args.A3 < 0
        ? -Errno.EINVAL
        : Positioned(thread, args.A0, [new GuestVector(args.A1, args.A2)], (long)args.A3, write: true);

    private static long ReadVector(LinuxThread thread, in SyscallArguments args) => Vector(thread, args, -1, write: false);

    private static long WriteVector(LinuxThread thread, in SyscallArguments args) => Vector(thread, args, -1, write: true);

    // The offset comes in two registers for the sake of 32-bit machines; on 64-bit ones the first holds all of it.
    private static long ReadVectorAt(LinuxThread thread, in SyscallArguments args) =>
        (long)args.A3 < 0 ? -Errno.EINVAL : Vector(thread, args, (long)args.A3, write: false);

    private static long WriteVectorAt(LinuxThread thread, in SyscallArguments args) =>
        (long)args.A3 < 0 ? -Errno.EINVAL : Vector(thread, args, (long)args.A3, write: true);

    private static long ReadVectorAt2(LinuxThread thread, in SyscallArguments args) => Vector2(thread, args, write: false);

    private static long WriteVectorAt2(LinuxThread thread, in SyscallArguments args) => Vector2(thread, args, write: true);

    /// <summary>The hints among the RWF_* flags may be ignored; without flags it is the older call, with -1 for the position.</summary>
    private static long Vector2(LinuxThread thread, in SyscallArguments args, bool write)
    {
        const ulong HighPriority = 1;
        if ((args.A5 & ~HighPriority) != 0)
            return -Errno.EOPNOTSUPP;
        return (long)args.A3 < -1 ? -Errno.EINVAL : Vector(thread, args, (long)args.A3, write);
    }

    [SkipLocalsInit]
    private static long Vector(LinuxThread thread, in SyscallArguments args, long offset, bool write)
    {
        Span<GuestVector> vectors = stackalloc GuestVector[(int)Math.Min(args.A2, GuestVectors.Most)];
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (reference.File is null)
            return -Errno.EBADF;
        long count = GuestVectors.Read(thread.World, args.A1, args.A2, vectors);
        return count < 0 ? count : Positioned(thread, args.A0, vectors[..(int)count], offset, write);
    }

    private static long Positioned(LinuxThread thread, ulong fd, ReadOnlySpan<GuestVector> vectors, long offset, bool write)
    {
        using FileReference reference = thread.Process.Files.Table.Acquire(fd);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        return write ? Transfers.Write(thread, file, vectors, offset) : Transfers.Read(thread, file, vectors, offset);
    }
}
