using System.Runtime.InteropServices;

namespace RvJit.Guest.Linux.Files.Host;

/// <summary>Calls that take a path (a directory descriptor and zero-terminated bytes), and what belongs to inodes.</summary>
internal static unsafe partial class HostCalls
{
    public static long Open(int directory, byte* path, int flags, uint mode) => Result(openat(directory, path, flags, mode));

    /// <summary>
    /// Opens without following the magic links of /proc, which lead to descriptors of the emulator itself; where the
    /// host has no openat2, as any open.
    /// </summary>
    public static long OpenWithoutMagic(int directory, byte* path, int flags, uint mode)
    {
        if (!s_hasOpen2)
            return Open(directory, path, flags, mode);
        if ((flags & PathOnly) != 0)
            flags &= PathOnly | s_pathModifiers; // openat2 refuses what open ignores
        var how = new OpenHow { Flags = (uint)(flags & ValidFlags), Mode = mode, Resolve = NoMagicLinks };
        return Result(syscall(Open2Number, directory, path, &how, sizeof(OpenHow)));
    }

    public static long Statx(int directory, byte* path, int flags, uint mask, byte* buffer) =>
        Result(statx(directory, path, flags, mask, buffer));

    public static long Access(int directory, byte* path, int mode, int flags) => Result(faccessat(directory, path, mode, flags));

    public static long ReadLink(int directory, byte* path, byte* buffer, nuint size) =>
        Result(readlinkat(directory, path, buffer, size));

    public static long Directory(int fd, byte* buffer, nuint size) => Result(getdents64(fd, buffer, size));

    public static long WorkingDirectory(byte* buffer, nuint size) => getcwd(buffer, size) != null ? 0 : -Marshal.GetLastPInvokeError();

    public static long MakeDirectory(int directory, byte* path, uint mode) => Result(mkdirat(directory, path, mode));

    public static long MakeNode(int directory, byte* path, uint mode, ulong device) => Result(mknodat(directory, path, mode, device));

    public static long Unlink(int directory, byte* path, int flags) => Result(unlinkat(directory, path, flags));

    public static long Rename(int from, byte* oldPath, int to, byte* newPath, uint flags) =>
        Result(renameat2(from, oldPath, to, newPath, flags));

    public static long Link(int from, byte* oldPath, int to, byte* newPath, int flags) =>
        Result(linkat(from, oldPath, to, newPath, flags));

    public static long SymbolicLink(byte* target, int directory, byte* path) => Result(symlinkat(target, directory, path));

    public static long ChangeMode(int fd, uint mode) => Result(fchmod(fd, mode));

    public static long ChangeMode(int directory, byte* path, uint mode, int flags) => Result(fchmodat(directory, path, mode, flags));

    public static long ChangeOwner(int fd, uint user, uint group) => Result(fchown(fd, user, group));

    public static long ChangeOwner(int directory, byte* path, uint user, uint group, int flags) =>
        Result(fchownat(directory, path, user, group, flags));

    public static long SetTimes(int directory, byte* path, TimeSpec* times, int flags) =>
        Result(utimensat(directory, path, times, flags));

    /// <summary>glibc's utimensat refuses a null path; its futimens is the same system call.</summary>
    public static long SetTimes(int fd, TimeSpec* times) => Result(futimens(fd, times));

    public static long FileSystem(byte* path, byte* buffer) => Result(statfs(path, buffer));

    public static long FileSystem(int fd, byte* buffer) => Result(fstatfs(fd, buffer));

    public static uint FileModeMask(uint mask) => umask(mask);

    /// <summary>CLONE_FS: gives the calling host thread a mode mask of its own.</summary>
    public static long UnshareFileSystemState() => Result(unshare(0x200));

    private const int PathOnly = 0x200000;
    private const int ValidFlags = 0x7FFFC3; // VALID_OPEN_FLAGS of linux/fcntl.h
    private const ulong NoMagicLinks = 2; // RESOLVE_NO_MAGICLINKS
    private const nint Open2Number = 437; // the same on all machines
    private static readonly int s_pathModifiers = OpenFlags.ToHost(OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec);
    private static readonly bool s_hasOpen2 = ProbeOpen2();

    /// <summary>struct open_how.</summary>
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    private static bool ProbeOpen2()
    {
        byte* root = stackalloc byte[2] { (byte)'/', 0 };
        var how = new OpenHow { Flags = PathOnly | OpenFlags.CloseOnExec, Resolve = NoMagicLinks };
        long fd = Result(syscall(Open2Number, CurrentDirectory, root, &how, sizeof(OpenHow)));
        if (fd >= 0)
            _ = Close((int)fd);
        return fd >= 0;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint directory, byte* path, OpenHow* how, nint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int openat(int directory, byte* path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int directory, byte* path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int faccessat(int directory, byte* path, int mode, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint readlinkat(int directory, byte* path, byte* buffer, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint getdents64(int fd, byte* buffer, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial byte* getcwd(byte* buffer, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mkdirat(int directory, byte* path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mknodat(int directory, byte* path, uint mode, ulong device);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unlinkat(int directory, byte* path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int renameat2(int from, byte* oldPath, int to, byte* newPath, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int linkat(int from, byte* oldPath, int to, byte* newPath, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int symlinkat(byte* target, int directory, byte* path);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchmod(int fd, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchmodat(int directory, byte* path, uint mode, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchown(int fd, uint user, uint group);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchownat(int directory, byte* path, uint user, uint group, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int utimensat(int directory, byte* path, TimeSpec* times, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int futimens(int fd, TimeSpec* times);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statfs(byte* path, byte* buffer);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fstatfs(int fd, byte* buffer);

    [LibraryImport("libc")]
    private static partial uint umask(uint mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);
}
