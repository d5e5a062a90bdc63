using System.Runtime.CompilerServices;
using System.Text;
using RvJit.Guest.Linux.Files.Host;

namespace RvJit.Guest.Linux.Files;

/// <summary>System calls that make, copy and close descriptors.</summary>
public sealed unsafe class OpenClose : ISyscallGroup
{
    private const uint MemoryCloseOnExec = 1;

    public void Register(SyscallTable table)
    {
        table.Add(23, "dup", static (LinuxThread t, in SyscallArguments a) => t.Process.Files.Table.Duplicate(a.A0, false));
        table.Add(24, "dup3", Duplicate3);
        table.Add(56, "openat", Open);
        table.Add(57, "close", static (LinuxThread t, in SyscallArguments a) => t.Process.Files.Table.Close(a.A0));
        table.Add(59, "pipe2", Pipe);
        table.Add(279, "memfd_create", MemoryFile);
        table.Add(436, "close_range", CloseRange);
        table.Add(437, "openat2", static (LinuxThread _, in SyscallArguments _) => -Errno.ENOSYS);
    }

    [SkipLocalsInit]
    private static long Open(LinuxThread thread, in SyscallArguments args)
    {
        byte* buffer = stackalloc byte[PathResolver.Longest];
        ProcessFiles files = thread.Process.Files;
        int flags = (int)args.A2;
        int length = GuestText.Read(thread.World, args.A1, buffer, PathResolver.Longest);
        if (length < 0)
            return length;
        if (length > 0 && buffer[0] == '/')
        {
            if (TryOpenSpecial(thread, new ReadOnlySpan<byte>(buffer, length), flags, out GuestFile? special, out long error))
                return special is null ? error : Install(files, special, flags);
        }

        // O_NOFOLLOW, and O_CREAT with O_EXCL, want the link itself (to fail on it); everything else its target.
        const int CreateExclusive = OpenFlags.Create | OpenFlags.Exclusive;
        bool follow = (flags & OpenFlags.NoFollow) == 0 && (flags & CreateExclusive) != CreateExclusive;
        using ResolvedPath path = files.Paths.Resolve(thread, args.A0, buffer, length, follow ? Lookup.Follow : Lookup.None);
        if (path.Error != 0)
            return path.Error;
        uint mode = (flags & (OpenFlags.Create | OpenFlags.TemporaryBit)) != 0 ? files.MaskMode(args.A3 & 0xfff) : 0;
        int hostFlags = OpenFlags.ToHost(flags | OpenFlags.CloseOnExec);
        long fd = path.IsRedirected
            ? HostCalls.Open(path.Directory, path.Path, hostFlags, mode)
            : HostCalls.OpenWithoutMagic(path.Directory, path.Path, hostFlags, mode);
        if (fd < 0)
            return fd;
        HostFile file = HostFile.Opened((int)fd);
        if (EmulatorGuard.Allows(file))
            return Install(files, file, flags);
        file.Release();
        return -Errno.EACCES;
    }

    private static long Install(ProcessFiles files, GuestFile file, int flags) =>
        files.Table.AddOrClose(file, (flags & OpenFlags.CloseOnExec) != 0);

    /// <summary>Devices that exist only for guests, and what /proc would otherwise tell about the emulator.</summary>
    private static bool TryOpenSpecial(LinuxThread thread, ReadOnlySpan<byte> path, int flags, out GuestFile? file, out long error)
    {
        file = null;
        error = 0;
        if (!path.StartsWith("/proc/"u8) && !path.StartsWith("/dev/"u8))
            return false;
        string name = Encoding.UTF8.GetString(path);
        foreach (IDeviceProvider provider in thread.Process.Files.Devices)
        {
            if (!provider.Provides(name) || !provider.TryOpen(name, flags, thread, out file, out error))
                continue;
            if (file is not null)
                file.StatusFlags = flags & ~(OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.CloseOnExec);
            return true;
        }

        if ((flags & OpenFlags.PathOnly) != 0)
            return false;
        if (ProcPaths.IsDescriptorDirectory(thread, path))
            file = DescriptorDirectory.Of(thread.Process.Files.Table);
        else if (ProcPaths.Contents(thread, path) is { } contents)
            error = TryMakeFile(contents, out file);
        return file is not null || error != 0;
    }

    /// <summary>A file in host memory with given contents, to be read.</summary>
    private static long TryMakeFile(ReadOnlySpan<byte> contents, out GuestFile? file)
    {
        file = null;
        byte* name = stackalloc byte[] { (byte)'p', (byte)'r', (byte)'o', (byte)'c', 0 };
        long fd = HostCalls.MemoryDescriptor(name, MemoryCloseOnExec);
        if (fd < 0)
            return fd;
        fixed (byte* bytes = contents)
        {
            if (contents.Length > 0)
                _ = HostCalls.WriteAt((int)fd, bytes, (nuint)contents.Length, 0);
        }

        file = HostFile.Opened((int)fd);
        return 0;
    }

    private static long Duplicate3(LinuxThread thread, in SyscallArguments args)
    {
        if ((args.A2 & ~(ulong)OpenFlags.CloseOnExec) != 0 || (uint)args.A0 == (uint)args.A1)
            return -Errno.EINVAL;
        return thread.Process.Files.Table.DuplicateTo(args.A0, args.A1, args.A2 != 0);
    }

    private static long CloseRange(LinuxThread thread, in SyscallArguments args)
    {
        const ulong Unshare = 2; // a table is never shared between processes here
        const ulong MarkOnly = 4;
        if ((uint)args.A0 > (uint)args.A1 || (args.A2 & ~(Unshare | MarkOnly)) != 0)
            return -Errno.EINVAL;
        thread.Process.Files.Table.CloseRange((uint)args.A0, (uint)args.A1, (args.A2 & MarkOnly) != 0);
        return 0;
    }

    private static long Pipe(LinuxThread thread, in SyscallArguments args)
    {
        int flags = (int)args.A1;
        if ((flags & ~(OpenFlags.CloseOnExec | OpenFlags.NonBlocking | OpenFlags.Direct)) != 0)
            return -Errno.EINVAL;
        int* pair = stackalloc int[2];
        long error = HostCalls.Pipe(pair, OpenFlags.ToHost(flags | OpenFlags.CloseOnExec | OpenFlags.NonBlocking));
        if (error < 0)
            return error;
        return InstallPair(thread, pair, flags, args.A0);
    }

    /// <summary>Two new streams of the host become two descriptors, whose numbers go to the guest.</summary>
    internal static long InstallPair(LinuxThread thread, int* pair, int flags, ulong address)
    {
        FileTable table = thread.Process.Files.Table;
        bool nonBlocking = (flags & OpenFlags.NonBlocking) != 0;
        bool closeOnExec = (flags & OpenFlags.CloseOnExec) != 0;
        HostFile first = HostFile.Stream(pair[0], nonBlocking);
        HostFile second = HostFile.Stream(pair[1], nonBlocking);
        long fd0 = table.AddOrClose(first, closeOnExec);
        long fd1 = fd0 < 0 ? fd0 : table.Add(second, closeOnExec);
        if (fd1 < 0)
        {
            second.Release();
            if (fd0 >= 0)
                _ = table.Close((ulong)fd0);
            return fd1;
        }

        if (thread.World.TryWrite(address, (fd1 << 32) | fd0))
            return 0;
        _ = table.Close((ulong)fd0);
        _ = table.Close((ulong)fd1);
        return -Errno.EFAULT;
    }

    [SkipLocalsInit]
    private static long MemoryFile(LinuxThread thread, in SyscallArguments args)
    {
        const int LongestName = 250;
        byte* name = stackalloc byte[LongestName];
        int length = GuestText.Read(thread.World, args.A0, name, LongestName);
        if (length < 0)
            return length == -Errno.ENAMETOOLONG ? -Errno.EINVAL : length;
        long fd = HostCalls.MemoryDescriptor(name, (uint)args.A1 | MemoryCloseOnExec);
        return fd < 0
            ? fd
            : thread.Process.Files.Table.AddOrClose(HostFile.Opened((int)fd), (args.A1 & MemoryCloseOnExec) != 0);
    }
}
