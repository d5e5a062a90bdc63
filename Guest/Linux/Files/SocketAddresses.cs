using System.Runtime.CompilerServices;
using System.Text;
using RvJit.Guest.Linux.Files.Host;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Files;

/// <summary>
/// Socket addresses are the same on all Linux machines; only the path of a local socket is the guest's and is resolved
/// like any other path.
/// </summary>
internal static unsafe class SocketAddresses
{
    /// <summary>sizeof(struct sockaddr_storage): the kernel takes none longer.</summary>
    public const int Longest = 128;

    private const int Local = 1; // AF_UNIX
    private const int PathStart = 2;
    private const int LongestPath = 108;

    /// <summary>
    /// Copies an address in, into <see cref="Longest"/> bytes, with its path resolved: its host length, or a negated
    /// errno. <paramref name="directory"/> is a host descriptor to close after the call, or -1.
    /// </summary>
    public static long Import(LinuxThread thread, ulong address, uint length, byte* host, out int directory)
    {
        directory = -1;
        if (length > Longest)
            return -Errno.EINVAL;
        if (!thread.World.TryRead(address, new Span<byte>(host, (int)length)))
            return -Errno.EFAULT;
        bool named = length > PathStart && *(ushort*)host == Local && host[PathStart] != 0;
        return named ? ResolvePath(thread, host, (int)length, out directory) : length;
    }

    /// <summary>Closes what <see cref="Import"/> opened.</summary>
    public static void Close(int directory)
    {
        if (directory >= 0)
            _ = HostCalls.Close(directory);
    }

    /// <summary>
    /// Copies an address out as accept and its like do: as much as there is room for, and the true length. 0, EFAULT,
    /// or EINVAL for a negative room.
    /// </summary>
    public static long Export(World world, byte* host, uint length, ulong address, ulong lengthAddress)
    {
        if (address == 0)
            return 0;
        if (!world.TryRead(lengthAddress, out int room))
            return -Errno.EFAULT;
        if (room < 0)
            return -Errno.EINVAL;
        int copied = Math.Min(Math.Min(room, (int)length), Longest);
        return world.TryWrite(address, new ReadOnlySpan<byte>(host, copied)) && world.TryWrite(lengthAddress, length) ? 0 : -Errno.EFAULT;
    }

    /// <summary>A path too long for an address, or relative to a guest directory, is reached through a descriptor.</summary>
    [SkipLocalsInit]
    private static long ResolvePath(LinuxThread thread, byte* host, int length, out int directory)
    {
        directory = -1;
        byte* buffer = stackalloc byte[PathResolver.Longest];
        int size = new ReadOnlySpan<byte>(host + PathStart, length - PathStart) is var given && given.IndexOf((byte)0) is >= 0 and int zero
            ? zero
            : given.Length;
        given[..size].CopyTo(new Span<byte>(buffer, PathResolver.Longest));
        buffer[size] = 0;
        using ResolvedPath path = thread.Process.Files.Paths.Resolve(thread, PathResolver.Here, buffer, size, Lookup.Follow);
        if (path.Error != 0)
            return path.Error;
        var resolved = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(buffer);
        bool relative = path.Directory != HostCalls.CurrentDirectory && buffer[0] != '/';
        if (!relative && resolved.Length < LongestPath)
            return Store(host, "", resolved);

        int slash = relative ? -1 : resolved.LastIndexOf((byte)'/');
        long fd = relative ? HostCalls.Fcntl(path.Directory, 1030, 0) : OpenParent(resolved[..Math.Max(1, slash)]);
        if (fd < 0)
            return fd;
        directory = (int)fd;
        return Store(host, $"/proc/self/fd/{fd}/", resolved[(slash + 1)..]);
    }

    private static long Store(byte* host, string start, ReadOnlySpan<byte> path)
    {
        if (start.Length + path.Length >= LongestPath)
            return -Errno.ENAMETOOLONG;
        var to = new Span<byte>(host + PathStart, LongestPath);
        int length = Encoding.ASCII.GetBytes(start, to);
        path.CopyTo(to[length..]);
        length += path.Length;
        to[length] = 0;
        return PathStart + length + 1;
    }

    private static long OpenParent(ReadOnlySpan<byte> path)
    {
        fixed (byte* zero = (byte[])[.. path, 0])
        {
            const int Flags = OpenFlags.PathOnly | OpenFlags.Directory | OpenFlags.CloseOnExec;
            return HostCalls.Open(HostCalls.CurrentDirectory, zero, OpenFlags.ToHost(Flags), 0);
        }
    }
}
