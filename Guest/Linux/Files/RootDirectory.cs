using System.Runtime.CompilerServices;
using System.Text;
using RvJit.Guest.Linux.Files.Host;

namespace RvJit.Guest.Linux.Files;

/// <summary>A host directory that a guest sees as "/".</summary>
internal sealed unsafe class RootDirectory
{
    /// <summary>MAXSYMLINKS of Linux.</summary>
    private const int MostLinks = 40;

    private readonly string _host;
    private readonly byte[] _prefix;

    /// <param name="host">Absolute, without a slash at the end.</param>
    public RootDirectory(string host)
    {
        // Links in the root's own path are resolved once, so that what the host calls a descriptor starts with it.
        string real = Directory.ResolveLinkTarget(host, returnFinalTarget: true)?.FullName ?? host;
        _host = RealPath(real);
        _prefix = Encoding.UTF8.GetBytes(_host);
    }

    /// <summary>A host path as the guest sees it; null outside the root. The host's own /proc, /sys and /dev stay.</summary>
    public string? ToGuest(string host)
    {
        if (host == _host)
            return "/";
        if (host.StartsWith(_host, StringComparison.Ordinal) && host[_host.Length] == '/')
            return host[_host.Length..];
        return IsHosts(Encoding.UTF8.GetBytes(host)) ? host : null;
    }

    /// <summary>
    /// Resolves an absolute or root-relative guest path to a zero-terminated host path: 0 or a negated errno. The last
    /// component need not exist.
    /// </summary>
    [SkipLocalsInit]
    public long TryMap(ReadOnlySpan<byte> guest, bool follow, Span<byte> host, out int length)
    {
        length = 0;
        bool slash = guest.Length > 0 && guest[^1] == '/';
        follow |= slash;
        byte[] pending = guest.ToArray();
        int at = 0;
        var done = new List<byte>(guest.Length + 16); // guest path without links, without a slash at the end
        int links = 0;
        Span<byte> target = stackalloc byte[PathResolver.Longest];
        while (true)
        {
            while (at < pending.Length && pending[at] == '/')
                at++;
            if (at == pending.Length)
                break;
            int end = pending.AsSpan(at).IndexOf((byte)'/');
            end = end < 0 ? pending.Length : at + end;
            ReadOnlySpan<byte> name = pending.AsSpan(at, end - at);
            at = end;
            if (name is [(byte)'.'])
                continue;
            if (name is [(byte)'.', (byte)'.'])
            {
                int parent = done.LastIndexOf((byte)'/');
                done.RemoveRange(Math.Max(0, parent), done.Count - Math.Max(0, parent));
                continue;
            }

            int before = done.Count;
            done.Add((byte)'/');
            done.AddRange(name);
            bool last = pending.AsSpan(at).IndexOfAnyExcept((byte)'/') < 0;
            if ((last && !follow) || IsHosts(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(done)))
                continue;
            long read = ReadLink(done, target);
            if (read == -Errno.ENAMETOOLONG)
                return read;
            if (read < 0)
                continue; // not a link, or not there: the call itself will say so
            if (++links > MostLinks)
                return -Errno.ELOOP;
            ReadOnlySpan<byte> rest = pending.AsSpan(at);
            byte[] next = [.. target[..(int)read], .. rest];
            done.RemoveRange(before, done.Count - before);
            if (target[0] == '/')
                done.Clear();
            pending = next;
            at = 0;
        }

        return LeavesThroughProc(done) ? -Errno.EACCES : Compose(done, slash, host, out length);
    }

    /// <summary>/proc/PID/root and its like are links that only the host can follow, out of the root.</summary>
    private static bool LeavesThroughProc(List<byte> guest)
    {
        ReadOnlySpan<byte> path = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(guest);
        return IsUnder(path, "/proc"u8)
            && (path.IndexOf("/root/"u8) >= 0 || path.IndexOf("/cwd/"u8) >= 0 || path.IndexOf("/fd/"u8) >= 0 || path.IndexOf("/map_files/"u8) >= 0);
    }

    private static bool IsHosts(ReadOnlySpan<byte> guest) => IsUnder(guest, "/proc"u8) || IsUnder(guest, "/sys"u8) || IsUnder(guest, "/dev"u8);

    private static bool IsUnder(ReadOnlySpan<byte> path, ReadOnlySpan<byte> directory) =>
        path.StartsWith(directory) && (path.Length == directory.Length || path[directory.Length] == '/');

    private static string RealPath(string path)
    {
        fixed (byte* zero = Encoding.UTF8.GetBytes(path + "\0"))
        {
            long fd = HostCalls.Open(HostCalls.CurrentDirectory, zero, OpenFlags.ToHost(OpenFlags.PathOnly | OpenFlags.CloseOnExec), 0);
            if (fd < 0)
                return path;
            string? real = PathResolver.HostPathOf((int)fd);
            _ = HostCalls.Close((int)fd);
            return real ?? path;
        }
    }

    private long Compose(List<byte> guest, bool slash, Span<byte> host, out int length)
    {
        ReadOnlySpan<byte> path = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(guest);
        ReadOnlySpan<byte> prefix = IsHosts(path) ? default : _prefix;
        length = prefix.Length + path.Length;
        if (length + 2 > host.Length)
            return -Errno.ENAMETOOLONG;
        prefix.CopyTo(host);
        path.CopyTo(host[prefix.Length..]);
        if (slash || length == 0)
            host[length++] = (byte)'/';
        host[length] = 0;
        return 0;
    }

    [SkipLocalsInit]
    private long ReadLink(List<byte> guest, Span<byte> target)
    {
        Span<byte> host = stackalloc byte[PathResolver.Longest];
        long error = Compose(guest, slash: false, host, out _);
        if (error < 0)
            return error;
        fixed (byte* path = host, to = target)
        {
            long read = HostCalls.ReadLink(HostCalls.CurrentDirectory, path, to, (nuint)target.Length);
            return read == 0 ? -Errno.ENOENT : read;
        }
    }
}
