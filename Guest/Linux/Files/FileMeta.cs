using System.Runtime.CompilerServices;
using System.Text;
using RvJit.Guest.Linux.Files.Host;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Files;

/// <summary>System calls that ask about files by name or descriptor.</summary>
public sealed unsafe class FileMeta : ISyscallGroup
{
    private const int SymbolicLinkNoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int NoAutomount = 0x800; // AT_NO_AUTOMOUNT
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const int StatxSync = 0x6000; // AT_STATX_SYNC_TYPE

    public void Register(SyscallTable table)
    {
        table.Add(43, "statfs", FileSystem);
        table.Add(44, "fstatfs", FileSystemOfDescriptor);
        table.Add(48, "faccessat", static (LinuxThread t, in SyscallArguments a) => Access(t, a, 0));
        table.Add(78, "readlinkat", ReadLink);
        table.Add(79, "newfstatat", Status);
        table.Add(80, "fstat", StatusOfDescriptor);
        table.Add(291, "statx", ExtendedStatus);
        table.Add(439, "faccessat2", static (LinuxThread t, in SyscallArguments a) => Access(t, a, (int)a.A3));
    }

    private static long StatusOfDescriptor(LinuxThread thread, in SyscallArguments args)
    {
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        return reference.File is { } file ? WriteStatus(thread.World, args.A1, file.Status()) : -Errno.EBADF;
    }

    [SkipLocalsInit]
    private static long Status(LinuxThread thread, in SyscallArguments args)
    {
        byte* statx = stackalloc byte[FileStatus.StatxSize];
        int flags = (int)args.A3;
        if ((flags & ~(SymbolicLinkNoFollow | NoAutomount | EmptyPath)) != 0)
            return -Errno.EINVAL;
        long error = Query(thread, args.A0, args.A1, flags, FileStatus.BasicMask, statx);
        return error < 0
            ? error
            : WriteStatus(thread.World, args.A2, FileStatus.FromStatx(new ReadOnlySpan<byte>(statx, FileStatus.StatxSize)));
    }

    [SkipLocalsInit]
    private static long ExtendedStatus(LinuxThread thread, in SyscallArguments args)
    {
        byte* statx = stackalloc byte[FileStatus.StatxSize];
        int flags = (int)args.A2;
        if ((flags & ~(SymbolicLinkNoFollow | NoAutomount | EmptyPath | StatxSync)) != 0)
            return -Errno.EINVAL;
        long error = Query(thread, args.A0, args.A1, flags, (uint)args.A3, statx);
        if (error < 0)
            return error;
        return thread.World.TryWrite(args.A4, new ReadOnlySpan<byte>(statx, FileStatus.StatxSize)) ? 0 : -Errno.EFAULT;
    }

    /// <summary>struct statx of a path, or of the descriptor itself when the path is empty; the layout is every machine's.</summary>
    [SkipLocalsInit]
    private static long Query(LinuxThread thread, ulong directory, ulong address, int flags, uint mask, byte* statx)
    {
        byte* buffer = stackalloc byte[PathResolver.Longest];
        var result = new Span<byte>(statx, FileStatus.StatxSize);
        Lookup lookup = (flags & SymbolicLinkNoFollow) == 0 ? Lookup.Follow : Lookup.None;
        if ((flags & EmptyPath) != 0)
        {
            lookup |= Lookup.AllowEmpty;
            if (address == 0) // Linux 6.11 takes no path for an empty one
                return QueryDescriptor(thread, directory, mask, statx);
        }

        using ResolvedPath path = thread.Process.Files.Paths.Resolve(thread, directory, address, lookup, buffer);
        if (path.Error != 0)
            return path.Error;
        if (path.IsEmpty && path.DirectoryFile is { HostDescriptor: < 0 } device)
        {
            device.Status().WriteStatx(result);
            return 0;
        }

        long error = HostCalls.Statx(path.Directory, path.Path, flags, mask, statx);
        if (error == -Errno.ENOENT && IsDevice(thread, path.Path))
        {
            new FileStatus { Mode = FileStatus.CharacterDevice | 0x1b6, Links = 1, BlockSize = 4096 }.WriteStatx(result);
            return 0;
        }

        return error;
    }

    private static long QueryDescriptor(LinuxThread thread, ulong descriptor, uint mask, byte* statx)
    {
        byte nothing = 0;
        using FileReference reference = thread.Process.Files.Table.Acquire(descriptor);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        if (file.HostDescriptor >= 0)
            return HostCalls.Statx(file.HostDescriptor, &nothing, EmptyPath, mask, statx);
        file.Status().WriteStatx(new Span<byte>(statx, FileStatus.StatxSize));
        return 0;
    }

    private static long WriteStatus(World world, ulong address, in FileStatus status)
    {
        Span<byte> stat = stackalloc byte[FileStatus.GuestSize];
        status.WriteGuest(stat);
        return world.TryWrite(address, stat) ? 0 : -Errno.EFAULT;
    }

    [SkipLocalsInit]
    private static long Access(LinuxThread thread, in SyscallArguments args, int flags)
    {
        const int EffectiveIds = 0x200; // AT_EACCESS
        byte* buffer = stackalloc byte[PathResolver.Longest];
        if ((args.A2 & ~7UL) != 0 || (flags & ~(SymbolicLinkNoFollow | EmptyPath | EffectiveIds)) != 0)
            return -Errno.EINVAL;
        Lookup lookup = (flags & SymbolicLinkNoFollow) == 0 ? Lookup.Follow : Lookup.None;
        if ((flags & EmptyPath) != 0)
            lookup |= Lookup.AllowEmpty;
        using ResolvedPath path = thread.Process.Files.Paths.Resolve(thread, args.A0, args.A1, lookup, buffer);
        if (path.Error != 0)
            return path.Error;
        if (path.IsEmpty && path.DirectoryFile is { HostDescriptor: < 0 })
            return (args.A2 & 1) != 0 ? -Errno.EACCES : 0;
        long error = HostCalls.Access(path.Directory, path.Path, (int)args.A2, flags);
        return error == -Errno.ENOENT && IsDevice(thread, path.Path) && (args.A2 & 1) == 0 ? 0 : error;
    }

    private static bool IsDevice(LinuxThread thread, byte* path)
    {
        IReadOnlyList<IDeviceProvider> devices = thread.Process.Files.Devices;
        if (devices.Count == 0 || *path != '/')
            return false;
        ReadOnlySpan<byte> bytes = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(path);
        string name = Encoding.UTF8.GetString(bytes);
        return devices.Any(d => d.Provides(name));
    }

    [SkipLocalsInit]
    private static long ReadLink(LinuxThread thread, in SyscallArguments args)
    {
        byte* buffer = stackalloc byte[PathResolver.Longest];
        byte* target = stackalloc byte[PathResolver.Longest];
        if ((int)args.A3 <= 0)
            return -Errno.EINVAL;
        int length = GuestText.Read(thread.World, args.A1, buffer, PathResolver.Longest);
        if (length < 0)
            return length;
        if (ProcPaths.LinkTarget(thread, new ReadOnlySpan<byte>(buffer, length)) is { } own)
            return Deliver(thread.World, args, Encoding.UTF8.GetBytes(own));
        using ResolvedPath path = thread.Process.Files.Paths.Resolve(thread, args.A0, buffer, length, Lookup.AllowEmpty);
        if (path.Error != 0)
            return path.Error;
        long size = HostCalls.ReadLink(path.Directory, path.Path, target, PathResolver.Longest);
        return size < 0 ? size : Deliver(thread.World, args, new ReadOnlySpan<byte>(target, (int)size));
    }

    private static long Deliver(World world, in SyscallArguments args, ReadOnlySpan<byte> target)
    {
        target = target[..Math.Min(target.Length, (int)args.A3)];
        return world.TryWrite(args.A2, target) ? target.Length : -Errno.EFAULT;
    }

    /// <summary>struct statfs is asm-generic's on every 64-bit host: 120 bytes.</summary>
    [SkipLocalsInit]
    private static long FileSystem(LinuxThread thread, in SyscallArguments args)
    {
        byte* buffer = stackalloc byte[PathResolver.Longest];
        byte* result = stackalloc byte[FileSystemBytes];
        using ResolvedPath path = thread.Process.Files.Paths.Resolve(
            thread, PathResolver.Here, args.A0, Lookup.Follow, buffer);
        if (path.Error != 0)
            return path.Error;
        long error;
        if (path.Directory == HostCalls.CurrentDirectory || *path.Path == '/')
        {
            error = HostCalls.FileSystem(path.Path, result);
        }
        else
        {
            long fd = HostCalls.Open(path.Directory, path.Path, OpenFlags.ToHost(OpenFlags.PathOnly | OpenFlags.CloseOnExec), 0);
            error = fd < 0 ? fd : HostCalls.FileSystem((int)fd, result);
            if (fd >= 0)
                _ = HostCalls.Close((int)fd);
        }

        if (error < 0)
            return error;
        return thread.World.TryWrite(args.A1, new ReadOnlySpan<byte>(result, FileSystemBytes)) ? 0 : -Errno.EFAULT;
    }

    private const int FileSystemBytes = 120;

    [SkipLocalsInit]
    private static long FileSystemOfDescriptor(LinuxThread thread, in SyscallArguments args)
    {
        byte* result = stackalloc byte[FileSystemBytes];
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        if (file.HostDescriptor < 0)
            return -Errno.ENOSYS;
        long error = HostCalls.FileSystem(file.HostDescriptor, result);
        if (error < 0)
            return error;
        return thread.World.TryWrite(args.A1, new ReadOnlySpan<byte>(result, FileSystemBytes)) ? 0 : -Errno.EFAULT;
    }
}
