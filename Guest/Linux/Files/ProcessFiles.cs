using RvJit.Guest.Linux.Files.Host;

namespace RvJit.Guest.Linux.Files;

/// <summary>What a process knows of the file system: descriptors, root, working directory, mode mask, devices.</summary>
public sealed class ProcessFiles : IDisposable
{
    [ThreadStatic]
    private static bool t_ownsMode;

    public ProcessFiles(LinuxOptions options, IReadOnlyList<IDeviceProvider>? devices = null)
        : this(new FileTable(), new PathResolver(options), devices ?? [])
    {
        for (int fd = 0; fd <= 2; fd++)
            Table.Set(fd, HostFile.Borrow(fd));
        uint mask = HostCalls.FileModeMask(0x12);
        _ = HostCalls.FileModeMask(mask);
        ModeMask = mask;
    }

    private ProcessFiles(FileTable table, PathResolver paths, IReadOnlyList<IDeviceProvider> devices)
    {
        Table = table;
        Paths = paths;
        Devices = devices;
    }

    public FileTable Table { get; }

    public PathResolver Paths { get; }

    public IReadOnlyList<IDeviceProvider> Devices { get; }

    /// <summary>What the process's own /proc entries tell; set by execve.</summary>
    public ProgramDescription Program { get; set; } = new();

    /// <summary>umask(2): mode bits that new files do not get.</summary>
    public uint ModeMask { get; set; }

    /// <summary>The mode for a new file. The host's mask belongs to the host thread, which gets an empty one of its own.</summary>
    public uint MaskMode(ulong mode)
    {
        if (!t_ownsMode)
        {
            t_ownsMode = true;
            if (HostCalls.UnshareFileSystemState() == 0)
                _ = HostCalls.FileModeMask(0);
        }

        return (uint)mode & ~ModeMask;
    }

    /// <summary>fork: shared descriptions, copies of everything else.</summary>
    public ProcessFiles Clone() => new(Table.Clone(), Paths.Clone(), Devices) { Program = Program, ModeMask = ModeMask };

    /// <summary>The process ends: closes everything.</summary>
    public void Dispose()
    {
        Table.CloseAll();
        Paths.Dispose();
    }
}

/// <summary>A program as /proc/self shows it.</summary>
public sealed record ProgramDescription
{
    /// <summary>Absolute guest path: what /proc/self/exe names.</summary>
    public string Executable { get; init; } = "/";

    /// <summary>Zero-terminated arguments, one after the other.</summary>
    public ReadOnlyMemory<byte> CommandLine { get; init; }

    public ReadOnlyMemory<byte> Environment { get; init; }

    public ReadOnlyMemory<byte> AuxiliaryVector { get; init; }

    /// <summary>Writes /proc/self/maps as it is now.</summary>
    public Func<string>? Maps { get; init; }
}
