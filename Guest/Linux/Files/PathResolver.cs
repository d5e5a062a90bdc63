using System.Runtime.CompilerServices;
using System.Text;
using RvJit.Guest.Linux.Files.Host;

namespace RvJit.Guest.Linux.Files;

/// <summary>How a system call looks a path up.</summary>
[Flags]
internal enum Lookup
{
    /// <summary>The last component names itself, even if it is a symbolic link.</summary>
    None = 0,

    /// <summary>A symbolic link at the end is followed.</summary>
    Follow = 1,

    /// <summary>AT_EMPTY_PATH: an empty path names the directory descriptor itself.</summary>
    AllowEmpty = 2,
}

/// <summary>
/// The only way from a guest path to a host path. Without a root the guest's paths are the host's; with one, absolute
/// paths and symbolic links are resolved inside it here, component by component, so that ".." and links lead nowhere
/// else (a directory renamed meanwhile is not defended against). /proc, /sys and /dev are the host's in both cases, and
/// the names by which a process finds itself there are redirected (<see cref="ProcPaths"/>).
/// </summary>
public sealed unsafe class PathResolver : IDisposable
{
    /// <summary>PATH_MAX, with the zero.</summary>
    public const int Longest = 4096;

    /// <summary>AT_FDCWD, as a system call's argument.</summary>
    internal const ulong Here = unchecked((ulong)HostCalls.CurrentDirectory);

    private const int OpenDirectoryPath = OpenFlags.PathOnly | OpenFlags.Directory | OpenFlags.CloseOnExec;

    private readonly RootDirectory? _root;
    private HostFile? _workingDirectory;

    public PathResolver(LinuxOptions options)
    {
        string root = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(options.Root));
        _root = root == "/" ? null : new RootDirectory(root);
        string? start = options.WorkingDirectory;
        if (_root is not null)
            start ??= _root.ToGuest(System.IO.Path.GetFullPath(".")) ?? "/";
        if (start is not null && ChangeDirectory(start) < 0)
            throw new DirectoryNotFoundException($"the guest's working directory {start} does not exist");
    }

    private PathResolver(RootDirectory? root, HostFile? workingDirectory)
    {
        _root = root;
        _workingDirectory = workingDirectory;
    }

    /// <summary>Whether the guest's "/" is not the host's.</summary>
    public bool HasRoot => _root is not null;

    /// <summary>fork: the directory itself is shared, a later chdir is not.</summary>
    public PathResolver Clone()
    {
        FileReference directory = AcquireWorkingDirectory();
        return new PathResolver(_root, (HostFile?)directory.File);
    }

    /// <summary>The guest path of a host path; null when it lies outside the guest's root.</summary>
    public string? ToGuest(string hostPath) => _root is null ? hostPath : _root.ToGuest(hostPath);

    /// <summary>The host path of an absolute guest path, symbolic links followed; null when it cannot exist.</summary>
    public string? ToHost(string guestPath)
    {
        if (_root is null)
            return guestPath;
        byte[] host = new byte[Longest];
        return _root.TryMap(Encoding.UTF8.GetBytes(guestPath), follow: true, host, out int length) == 0
            ? Encoding.UTF8.GetString(host, 0, length)
            : null;
    }

    /// <summary>getcwd: a guest path, or a negated errno.</summary>
    public long GetWorkingDirectory(out string path)
    {
        byte* buffer = stackalloc byte[Longest];
        path = "";
        using FileReference directory = AcquireWorkingDirectory();
        if (directory.File is null)
        {
            long error = HostCalls.WorkingDirectory(buffer, Longest);
            if (error < 0)
                return error;
            path = Encoding.UTF8.GetString(buffer, new ReadOnlySpan<byte>(buffer, Longest).IndexOf((byte)0));
        }
        else if (HostPathOf(directory.File.HostDescriptor) is { } host)
        {
            path = ToGuest(host) ?? "/";
        }

        return path.StartsWith('/') && !path.EndsWith(" (deleted)", StringComparison.Ordinal) ? 0 : -Errno.ENOENT;
    }

    /// <summary>chdir to an absolute guest path.</summary>
    public long ChangeDirectory(string guestPath)
    {
        string? host = ToHost(guestPath);
        if (host is null)
            return -Errno.ENOENT;
        fixed (byte* path = Encoding.UTF8.GetBytes(host + "\0"))
            return ChangeDirectory(HostCalls.CurrentDirectory, path);
    }

    public void Dispose() => Interlocked.Exchange(ref _workingDirectory, null)?.Release();

    /// <summary>The working directory, if it is not the host process's.</summary>
    internal FileReference AcquireWorkingDirectory()
    {
        // A chdir on another thread may close the directory between the look and the reference: look again.
        while (Volatile.Read(ref _workingDirectory) is { } directory)
        {
            if (directory.TryReference())
                return new FileReference(directory);
        }

        return default;
    }

    /// <summary>Where the host's name of an open descriptor leads; null when it has none.</summary>
    internal static string? HostPathOf(int descriptor)
    {
        byte* buffer = stackalloc byte[Longest];
        fixed (byte* link = Encoding.ASCII.GetBytes($"/proc/self/fd/{descriptor}\0"))
        {
            long length = HostCalls.ReadLink(HostCalls.CurrentDirectory, link, buffer, Longest);
            return length <= 0 || buffer[0] != '/' ? null : Encoding.UTF8.GetString(buffer, (int)length);
        }
    }

    /// <summary>chdir to a resolved path: the directory must exist and be searchable.</summary>
    internal long ChangeDirectory(int directory, byte* path)
    {
        long fd = HostCalls.Open(directory, path, OpenFlags.ToHost(OpenDirectoryPath), 0);
        if (fd < 0)
            return fd;
        byte* self = stackalloc byte[2] { (byte)'.', 0 };
        long error = HostCalls.Access((int)fd, self, 1, 0);
        if (error < 0)
        {
            _ = HostCalls.Close((int)fd);
            return error;
        }

        Interlocked.Exchange(ref _workingDirectory, HostFile.Opened((int)fd))?.Release();
        return 0;
    }

    /// <summary>
    /// Reads a guest path and resolves it. The result holds the directory descriptor's file and lives in
    /// <paramref name="buffer"/>, of <see cref="Longest"/> bytes. See <see cref="ResolvedPath.Error"/>.
    /// </summary>
    internal ResolvedPath Resolve(LinuxThread thread, ulong directory, ulong address, Lookup lookup, byte* buffer)
    {
        int length = GuestText.Read(thread.World, address, buffer, Longest);
        return length < 0 ? ResolvedPath.Failed(length) : Resolve(thread, directory, buffer, length, lookup);
    }

    /// <summary>Resolves a path that stands in the buffer already, with its zero.</summary>
    internal ResolvedPath Resolve(LinuxThread thread, ulong directory, byte* buffer, int length, Lookup lookup)
    {
        if (length == 0 && (lookup & Lookup.AllowEmpty) == 0)
            return ResolvedPath.Failed(-Errno.ENOENT);

        bool absolute = length > 0 && buffer[0] == '/';
        FileReference reference = default;
        int start = HostCalls.CurrentDirectory;
        if (!absolute)
        {
            bool fromWorkingDirectory = (int)directory == HostCalls.CurrentDirectory;
            reference = fromWorkingDirectory ? AcquireWorkingDirectory() : thread.Process.Files.Table.Acquire(directory);
            if (reference.File is null && !fromWorkingDirectory)
                return ResolvedPath.Failed(-Errno.EBADF);
            start = reference.File?.HostDescriptor ?? start;
            if (start == -1 && length > 0)
            {
                reference.Dispose();
                return ResolvedPath.Failed(-Errno.ENOTDIR);
            }
        }

        if (length == 0)
            return new ResolvedPath(0, start, buffer, reference);
        bool follow = (lookup & Lookup.Follow) != 0;
        long error = absolute ? ProcPaths.Redirect(thread, buffer, ref length, follow) : 0;
        if (error != 0)
            return new ResolvedPath(Math.Min(0, error), HostCalls.CurrentDirectory, buffer, reference, isRedirected: error > 0);
        if (_root is not null)
            error = MapIntoRoot(start, absolute, buffer, length, follow);
        return new ResolvedPath(error, start, buffer, reference);
    }

    [SkipLocalsInit]
    private long MapIntoRoot(int start, bool absolute, byte* buffer, int length, bool follow)
    {
        Span<byte> whole = stackalloc byte[2 * Longest];
        int size = 0;
        if (!absolute)
        {
            string? from = HostPathOf(start) is { } host ? _root!.ToGuest(host) ?? host : null;
            if (from is null)
                return -Errno.ENOENT;
            if (!Encoding.UTF8.TryGetBytes(from, whole[..Longest], out size))
                return -Errno.ENAMETOOLONG;
            whole[size++] = (byte)'/';
        }

        new ReadOnlySpan<byte>(buffer, length).CopyTo(whole[size..]);
        return _root!.TryMap(whole[..(size + length)], follow, new Span<byte>(buffer, Longest), out _);
    }
}

/// <summary>A path ready for a host call: a directory descriptor and zero-terminated bytes. Dispose after the call.</summary>
internal readonly unsafe ref struct ResolvedPath(long error, int directory, byte* path, FileReference reference, bool isRedirected = false)
{
    private readonly FileReference _reference = reference;

    /// <summary>0 or a negated errno; the rest means nothing then.</summary>
    public long Error { get; } = error;

    public int Directory { get; } = directory;

    public byte* Path { get; } = path;

    /// <summary>The path goes through a descriptor of the host process, on purpose.</summary>
    public bool IsRedirected { get; } = isRedirected;

    public bool IsEmpty => *Path == 0;

    /// <summary>The file behind the directory descriptor, if the path is relative to one.</summary>
    public GuestFile? DirectoryFile => _reference.File;

    public static ResolvedPath Failed(long error) => new(error, 0, null, default);

    public void Dispose() => _reference.Dispose();
}
