using System.Runtime.CompilerServices;
using System.Text;
using RvJit.Guest.Linux.Files.Host;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Files;

/// <summary>System calls that list directories and change what names stand in them.</summary>
public sealed unsafe class Directories : ISyscallGroup
{
    private const int FollowLink = 0x400; // AT_SYMLINK_FOLLOW
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const uint ModeBits = 0xfff;

    public void Register(SyscallTable table)
    {
        table.Add(17, "getcwd", GetWorkingDirectory);
        table.Add(33, "mknodat", MakeNode);
        table.Add(34, "mkdirat", MakeDirectory);
        table.Add(35, "unlinkat", Unlink);
        table.Add(36, "symlinkat", SymbolicLink);
        table.Add(37, "linkat", Link);
        table.Add(38, "renameat", static (LinuxThread t, in SyscallArguments a) => Rename(t, a, 0));
        table.Add(49, "chdir", ChangeDirectory);
        table.Add(50, "fchdir", ChangeDirectoryToDescriptor);
        table.Add(61, "getdents64", List);
        table.Add(166, "umask", SetModeMask);
        table.Add(276, "renameat2", static (LinuxThread t, in SyscallArguments a) => Rename(t, a, (uint)a.A4));
    }

    private static long GetWorkingDirectory(LinuxThread thread, in SyscallArguments args)
    {
        long error = thread.Process.Files.Paths.GetWorkingDirectory(out string path);
        if (error < 0)
            return error;
        byte[] bytes = Encoding.UTF8.GetBytes(path + "\0");
        if ((ulong)bytes.Length > args.A1)
            return -Errno.ERANGE;
        return thread.World.TryWrite(args.A0, bytes) ? bytes.Length : -Errno.EFAULT;
    }

    [SkipLocalsInit]
    private static long ChangeDirectory(LinuxThread thread, in SyscallArguments args)
    {
        byte* buffer = stackalloc byte[PathResolver.Longest];
        PathResolver paths = thread.Process.Files.Paths;
        using ResolvedPath path = paths.Resolve(thread, PathResolver.Here, args.A0, Lookup.Follow, buffer);
        return path.Error != 0 ? path.Error : paths.ChangeDirectory(path.Directory, path.Path);
    }

    private static long ChangeDirectoryToDescriptor(LinuxThread thread, in SyscallArguments args)
    {
        byte* self = stackalloc byte[2] { (byte)'.', 0 };
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        return file.HostDescriptor < 0 ? -Errno.ENOTDIR : thread.Process.Files.Paths.ChangeDirectory(file.HostDescriptor, self);
    }

    /// <summary>struct linux_dirent64 is the same on every machine.</summary>
    private static long List(LinuxThread thread, in SyscallArguments args)
    {
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        byte* p = GuestVectors.Clip(thread.World, args.A1, Math.Min(args.A2, int.MaxValue), Access.Write, out nuint valid);
        if (p == null)
            return -Errno.EFAULT;
        if (file is DescriptorDirectory descriptors)
            return descriptors.List(new Span<byte>(p, (int)valid));
        return file.HostDescriptor < 0 ? -Errno.ENOTDIR : HostCalls.Directory(file.HostDescriptor, p, valid);
    }

    [SkipLocalsInit]
    private static long MakeNode(LinuxThread thread, in SyscallArguments args)
    {
        byte* buffer = stackalloc byte[PathResolver.Longest];
        ProcessFiles files = thread.Process.Files;
        using ResolvedPath path = files.Paths.Resolve(thread, args.A0, args.A1, Lookup.None, buffer);
        if (path.Error != 0)
            return path.Error;
        uint type = (uint)args.A2 & FileStatus.FileTypeMask;
        return HostCalls.MakeNode(path.Directory, path.Path, files.MaskMode(args.A2 & ModeBits) | type, args.A3);
    }

    [SkipLocalsInit]
    private static long MakeDirectory(LinuxThread thread, in SyscallArguments args)
    {
        byte* buffer = stackalloc byte[PathResolver.Longest];
        ProcessFiles files = thread.Process.Files;
        using ResolvedPath path = files.Paths.Resolve(thread, args.A0, args.A1, Lookup.None, buffer);
        return path.Error != 0
            ? path.Error
            : HostCalls.MakeDirectory(path.Directory, path.Path, files.MaskMode(args.A2 & ModeBits));
    }

    [SkipLocalsInit]
    private static long Unlink(LinuxThread thread, in SyscallArguments args)
    {
        byte* buffer = stackalloc byte[PathResolver.Longest];
        using ResolvedPath path = thread.Process.Files.Paths.Resolve(thread, args.A0, args.A1, Lookup.None, buffer);
        return path.Error != 0 ? path.Error : HostCalls.Unlink(path.Directory, path.Path, (int)args.A2);
    }

    /// <summary>The target is text; it is looked up when the link is followed.</summary>
    [SkipLocalsInit]
    private static long SymbolicLink(LinuxThread thread, in SyscallArguments args)
    {
        byte* target = stackalloc byte[PathResolver.Longest];
        byte* buffer = stackalloc byte[PathResolver.Longest];
        int length = GuestText.Read(thread.World, args.A0, target, PathResolver.Longest);
        if (length < 0)
            return length;
        using ResolvedPath path = thread.Process.Files.Paths.Resolve(thread, args.A1, args.A2, Lookup.None, buffer);
        return path.Error != 0 ? path.Error : HostCalls.SymbolicLink(target, path.Directory, path.Path);
    }

    [SkipLocalsInit]
    private static long Link(LinuxThread thread, in SyscallArguments args)
    {
        byte* oldBuffer = stackalloc byte[PathResolver.Longest];
        byte* newBuffer = stackalloc byte[PathResolver.Longest];
        int flags = (int)args.A4;
        if ((flags & ~(FollowLink | EmptyPath)) != 0)
            return -Errno.EINVAL;
        Lookup lookup = ((flags & FollowLink) != 0 ? Lookup.Follow : Lookup.None)
            | ((flags & EmptyPath) != 0 ? Lookup.AllowEmpty : Lookup.None);
        PathResolver paths = thread.Process.Files.Paths;
        using ResolvedPath from = paths.Resolve(thread, args.A0, args.A1, lookup, oldBuffer);
        if (from.Error != 0)
            return from.Error;
        using ResolvedPath to = paths.Resolve(thread, args.A2, args.A3, Lookup.None, newBuffer);
        return to.Error != 0 ? to.Error : HostCalls.Link(from.Directory, from.Path, to.Directory, to.Path, flags);
    }

    [SkipLocalsInit]
    private static long Rename(LinuxThread thread, in SyscallArguments args, uint flags)
    {
        byte* oldBuffer = stackalloc byte[PathResolver.Longest];
        byte* newBuffer = stackalloc byte[PathResolver.Longest];
        PathResolver paths = thread.Process.Files.Paths;
        using ResolvedPath from = paths.Resolve(thread, args.A0, args.A1, Lookup.None, oldBuffer);
        if (from.Error != 0)
            return from.Error;
        using ResolvedPath to = paths.Resolve(thread, args.A2, args.A3, Lookup.None, newBuffer);
        return to.Error != 0 ? to.Error : HostCalls.Rename(from.Directory, from.Path, to.Directory, to.Path, flags);
    }

    private static long SetModeMask(LinuxThread thread, in SyscallArguments args)
    {
        ProcessFiles files = thread.Process.Files;
        uint before = files.ModeMask;
        files.ModeMask = (uint)args.A0 & 0x1ff;
        return before;
    }
}
