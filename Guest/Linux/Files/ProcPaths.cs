using System.Buffers.Text;
using System.Text;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Files;

/// <summary>
/// Names in /proc and /dev by which a process finds itself. The host's answer would be about the emulator: descriptors
/// have other numbers there, and the program is another one.
/// </summary>
internal static unsafe class ProcPaths
{
    /// <summary>
    /// Rewrites a path that names a descriptor or something in a directory behind one ("/proc/self/fd/3", "/dev/stdin")
    /// or, when links are followed, the program or the working directory: 1. ENOENT for a descriptor that the guest has
    /// not got, whatever the host has under that number. 0 leaves the path alone.
    /// </summary>
    public static long Redirect(LinuxThread thread, byte* buffer, ref int length, bool follow)
    {
        var path = new ReadOnlySpan<byte>(buffer, length);
        if (!path.StartsWith("/proc/"u8) && !path.StartsWith("/dev/"u8))
            return 0;
        if (TryDescriptor(thread, path, out uint fd, out ReadOnlySpan<byte> rest))
        {
            using FileReference reference = thread.Process.Files.Table.Acquire(fd);
            int host = reference.File?.HostDescriptor ?? -1;
            return host >= 0 && Write(buffer, ref length, $"/proc/self/fd/{host}", rest) ? 1 : -Errno.ENOENT;
        }

        if (!TrySelf(thread, path, out ReadOnlySpan<byte> name))
            return 0;
        if (name.SequenceEqual("exe"u8) && follow)
        {
            string? program = thread.Process.Files.Paths.ToHost(thread.Process.Files.Program.Executable);
            return program is not null && Write(buffer, ref length, program, default) ? 1 : -Errno.ENOENT;
        }

        if (!name.StartsWith("cwd"u8) || (name.Length == "cwd".Length && !follow))
            return 0;
        rest = name["cwd".Length..];
        if (rest.Length > 0 && rest[0] != '/')
            return 0;
        using FileReference directory = thread.Process.Files.Paths.AcquireWorkingDirectory();
        string cwd = directory.File is { } file ? $"/proc/self/fd/{file.HostDescriptor}" : "/proc/self/cwd";
        return Write(buffer, ref length, cwd, rest) ? 1 : -Errno.ENAMETOOLONG;
    }

    /// <summary>What readlink says of a name of the process: a guest path, or null.</summary>
    public static string? LinkTarget(LinuxThread thread, ReadOnlySpan<byte> path)
    {
        ProcessFiles files = thread.Process.Files;
        if (path.SequenceEqual("/proc/self"u8))
            return thread.Process.Pid.ToString();
        if (TryDescriptor(thread, path, out uint fd, out ReadOnlySpan<byte> rest) && rest.Length == 0)
        {
            using FileReference reference = files.Table.Acquire(fd);
            return reference.File is { } file ? files.Paths.ToGuest(file.Path) ?? file.Path : null;
        }

        if (!TrySelf(thread, path, out ReadOnlySpan<byte> name))
            return null;
        if (name.SequenceEqual("exe"u8))
            return files.Program.Executable;
        if (name.SequenceEqual("root"u8))
            return "/";
        return name.SequenceEqual("cwd"u8) && files.Paths.GetWorkingDirectory(out string cwd) == 0 ? cwd : null;
    }

    /// <summary>The bytes of a file in /proc that tells about the process or its processor; null for all others.</summary>
    public static byte[]? Contents(LinuxThread thread, ReadOnlySpan<byte> path)
    {
        if (!path.StartsWith("/proc/"u8))
            return null;
        if (path.SequenceEqual("/proc/cpuinfo"u8))
            return ProcessorInformation(thread.Process.Options.Extensions);
        if (path.SequenceEqual("/proc/meminfo"u8))
            return MemoryInformation(thread.Process.Memory);
        if (!TrySelf(thread, path, out ReadOnlySpan<byte> name))
            return null;
        ProgramDescription program = thread.Process.Files.Program;
        if (name.SequenceEqual("maps"u8))
            return program.Maps is { } maps ? Encoding.UTF8.GetBytes(maps()) : null;
        if (name.SequenceEqual("cmdline"u8))
            return program.CommandLine.ToArray();
        if (name.SequenceEqual("environ"u8))
            return program.Environment.ToArray();
        if (name.SequenceEqual("auxv"u8))
            return program.AuxiliaryVector.ToArray();
        if (name.SequenceEqual("comm"u8))
            return Encoding.UTF8.GetBytes(Path.GetFileName(program.Executable) + "\n");
        return null;
    }

    /// <summary>Whether a path is the directory that lists the process's descriptors.</summary>
    public static bool IsDescriptorDirectory(LinuxThread thread, ReadOnlySpan<byte> path)
    {
        path = path.TrimEnd((byte)'/');
        return path.SequenceEqual("/dev/fd"u8) || (TrySelf(thread, path, out ReadOnlySpan<byte> name) && name.SequenceEqual("fd"u8));
    }

    private static bool TryDescriptor(LinuxThread thread, ReadOnlySpan<byte> path, out uint descriptor, out ReadOnlySpan<byte> rest)
    {
        rest = default;
        descriptor = 0;
        if (path.SequenceEqual("/dev/stdin"u8))
            return true;
        descriptor = 1;
        if (path.SequenceEqual("/dev/stdout"u8))
            return true;
        descriptor = 2;
        if (path.SequenceEqual("/dev/stderr"u8))
            return true;
        ReadOnlySpan<byte> number;
        if (path.StartsWith("/dev/fd/"u8))
            number = path["/dev/fd/".Length..];
        else if (TrySelf(thread, path, out ReadOnlySpan<byte> name) && name.StartsWith("fd/"u8))
            number = name["fd/".Length..];
        else
            return false;
        if (!Utf8Parser.TryParse(number, out descriptor, out int used))
            return false;
        rest = number[used..];
        return rest.Length == 0 || rest[0] == '/';
    }

    /// <summary>What follows "/proc/self/", "/proc/thread-self/" or "/proc/PID/" of this process.</summary>
    private static bool TrySelf(LinuxThread thread, ReadOnlySpan<byte> path, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (!path.StartsWith("/proc/"u8))
            return false;
        path = path["/proc/".Length..];
        int slash = path.IndexOf((byte)'/');
        if (slash < 0)
            return false;
        ReadOnlySpan<byte> who = path[..slash];
        name = path[(slash + 1)..];
        if (who.SequenceEqual("self"u8) || who.SequenceEqual("thread-self"u8))
            return true;
        return Utf8Parser.TryParse(who, out int number, out int used) && used == who.Length && number == thread.Process.Pid;
    }

    private static bool Write(byte* buffer, ref int length, string start, ReadOnlySpan<byte> rest)
    {
        byte[] tail = rest.ToArray(); // it lies in the buffer that is written
        var to = new Span<byte>(buffer, PathResolver.Longest - 1);
        if (!Encoding.UTF8.TryGetBytes(start, to, out length) || !tail.AsSpan().TryCopyTo(to[length..]))
            return false;
        length += tail.Length;
        buffer[length] = 0;
        return true;
    }

    private static byte[] MemoryInformation(PhysicalMemory memory)
    {
        const ulong Kibibyte = 1024;
        (ulong total, ulong free) = SystemInformation.MemoryOf(memory);
        (string Name, ulong Bytes)[] lines =
        [
            ("MemTotal", total), ("MemFree", free), ("MemAvailable", free), ("Buffers", 0), ("Cached", 0), ("SwapCached", 0),
            ("SwapTotal", 0), ("SwapFree", 0), ("Shmem", 0), ("SReclaimable", 0),
        ];
        return Encoding.ASCII.GetBytes(string.Concat(lines.Select(l => $"{l.Name + ":",-16}{l.Bytes / Kibibyte,8} kB\n")));
    }

    private static byte[] ProcessorInformation(ExtensionSet extensions)
    {
        var text = new StringBuilder();
        for (int i = 0; i < Environment.ProcessorCount; i++)
        {
            text.Append("processor\t: ").Append(i).Append("\nhart\t\t: ").Append(i)
                .Append($"\nisa\t\t: {extensions}\nmmu\t\t: sv39\nuarch\t\t: rvjit\n\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
