using System.Runtime.CompilerServices;
using RvJit.Guest.Linux.Files.Host;

namespace RvJit.Guest.Linux.Files;

/// <summary>System calls that change mode, owner, times or length of files, or write them out.</summary>
public sealed unsafe class FileChanges : ISyscallGroup
{
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const uint ModeBits = 0xfff;

    private delegate long DescriptorCall(int descriptor, in SyscallArguments args);

    public void Register(SyscallTable table)
    {
        // Extended attributes exist on no file, as on a file system without them.
        string[] attributes =
        [
            "setxattr", "lsetxattr", "fsetxattr", "getxattr", "lgetxattr", "fgetxattr",
            "listxattr", "llistxattr", "flistxattr", "removexattr", "lremovexattr", "fremovexattr",
        ];
        for (int i = 0; i < attributes.Length; i++)
            table.Add(5 + i, attributes[i], static (LinuxThread _, in SyscallArguments _) => -Errno.EOPNOTSUPP);

        table.Add(45, "truncate", Truncate);
        table.Add(46, "ftruncate", On(static (int fd, in SyscallArguments a) => HostCalls.Truncate(fd, (long)a.A1)));
        table.Add(47, "fallocate", On(static (int fd, in SyscallArguments a) => HostCalls.Allocate(fd, (int)a.A1, (long)a.A2, (long)a.A3)));
        table.Add(52, "fchmod", On(static (int fd, in SyscallArguments a) => HostCalls.ChangeMode(fd, (uint)a.A1 & ModeBits)));
        table.Add(53, "fchmodat", ChangeMode);
        table.Add(54, "fchownat", ChangeOwner);
        table.Add(55, "fchown", On(static (int fd, in SyscallArguments a) => HostCalls.ChangeOwner(fd, (uint)a.A1, (uint)a.A2)));
        table.Add(81, "sync", Synchronise);
        table.Add(82, "fsync", On(static (int fd, in SyscallArguments _) => HostCalls.Synchronise(fd)));
        table.Add(83, "fdatasync", On(static (int fd, in SyscallArguments _) => HostCalls.SynchroniseData(fd)));
        table.Add(84, "sync_file_range", On(static (int _, in SyscallArguments _) => 0));
        table.Add(88, "utimensat", SetTimes);
        table.Add(213, "readahead", On(static (int _, in SyscallArguments _) => 0));
        table.Add(223, "fadvise64", On(static (int fd, in SyscallArguments a) => HostCalls.Advise(fd, (long)a.A1, (long)a.A2, (int)a.A3)));
        table.Add(267, "syncfs", On(static (int fd, in SyscallArguments _) => HostCalls.SynchroniseFileSystem(fd)));
    }

    /// <summary>A call on an open file of the host; what only guests know answers EINVAL.</summary>
    private static SyscallHandler On(DescriptorCall call) => (LinuxThread thread, in SyscallArguments args) =>
    {
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        return file.HostDescriptor < 0 ? -Errno.EINVAL : call(file.HostDescriptor, args);
    };

    private static long Synchronise(LinuxThread thread, in SyscallArguments args)
    {
        HostCalls.SynchroniseAll();
        return 0;
    }

    [SkipLocalsInit]
    private static long Truncate(LinuxThread thread, in SyscallArguments args)
    {
        byte* buffer = stackalloc byte[PathResolver.Longest];
        if ((long)args.A1 < 0)
            return -Errno.EINVAL;
        using ResolvedPath path = thread.Process.Files.Paths.Resolve(thread, PathResolver.Here, args.A0, Lookup.Follow, buffer);
        if (path.Error != 0)
            return path.Error;
        long fd = HostCalls.Open(path.Directory, path.Path, OpenFlags.WriteOnly | OpenFlags.NonBlocking | OpenFlags.CloseOnExec, 0);
        if (fd < 0)
            return fd;
        long error = HostCalls.Truncate((int)fd, (long)args.A1);
        _ = HostCalls.Close((int)fd);
        return error;
    }

    [SkipLocalsInit]
    private static long ChangeMode(LinuxThread thread, in SyscallArguments args)
    {
        byte* buffer = stackalloc byte[PathResolver.Longest];
        using ResolvedPath path = thread.Process.Files.Paths.Resolve(thread, args.A0, args.A1, Lookup.Follow, buffer);
        return path.Error != 0 ? path.Error : HostCalls.ChangeMode(path.Directory, path.Path, (uint)args.A2 & ModeBits, 0);
    }

    [SkipLocalsInit]
    private static long ChangeOwner(LinuxThread thread, in SyscallArguments args)
    {
        byte* buffer = stackalloc byte[PathResolver.Longest];
        int flags = (int)args.A4;
        if ((flags & ~(NoFollow | EmptyPath)) != 0)
            return -Errno.EINVAL;
        using ResolvedPath path = thread.Process.Files.Paths.Resolve(thread, args.A0, args.A1, LookupOf(flags), buffer);
        return path.Error != 0
            ? path.Error
            : HostCalls.ChangeOwner(path.Directory, path.Path, (uint)args.A2, (uint)args.A3, flags);
    }

    [SkipLocalsInit]
    private static long SetTimes(LinuxThread thread, in SyscallArguments args)
    {
        byte* buffer = stackalloc byte[PathResolver.Longest];
        TimeSpec* times = stackalloc TimeSpec[2];
        int flags = (int)args.A3;
        if (args.A2 == 0)
            times = null;
        else if (!thread.World.TryRead(args.A2, new Span<byte>(times, 2 * sizeof(TimeSpec))))
            return -Errno.EFAULT;
        if ((flags & ~(NoFollow | EmptyPath)) != 0)
            return -Errno.EINVAL;
        if (args.A1 == 0)
        {
            using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
            if (reference.File is not { } file)
                return (int)args.A0 == HostCalls.CurrentDirectory ? -Errno.EFAULT : -Errno.EBADF;
            return file.HostDescriptor < 0 ? -Errno.EINVAL : HostCalls.SetTimes(file.HostDescriptor, times);
        }

        using ResolvedPath path = thread.Process.Files.Paths.Resolve(thread, args.A0, args.A1, LookupOf(flags), buffer);
        return path.Error != 0 ? path.Error : HostCalls.SetTimes(path.Directory, path.Path, times, flags);
    }

    private static Lookup LookupOf(int flags) =>
        ((flags & NoFollow) == 0 ? Lookup.Follow : Lookup.None) | ((flags & EmptyPath) != 0 ? Lookup.AllowEmpty : Lookup.None);
}
