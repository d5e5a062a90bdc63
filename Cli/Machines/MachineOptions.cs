using RvJit.Cli.Commands;
using RvJit.Machine;

namespace RvJit.Cli.Machines;

/// <summary>A machine and what it starts from, as the command line gave it.</summary>
public sealed record MachineOptions
{
    /// <summary>512 MiB: a distribution's kernel with its initial RAM disk runs in it.</summary>
    public const ulong DefaultMemoryBytes = 512UL << 20;

    /// <summary>Firmware or a bare-metal program.</summary>
    public string? Bios { get; init; }

    public string? Kernel { get; init; }

    public string? InitialDisk { get; init; }

    /// <summary>The kernel's command line.</summary>
    public string? Append { get; init; }

    public string? DeviceTree { get; init; }

    /// <summary>Where to write the device tree, instead of running.</summary>
    public string? DumpDeviceTree { get; init; }

    public int Harts { get; init; } = 1;

    public ulong MemoryBytes { get; init; } = DefaultMemoryBytes;

    public ExtensionSet Extensions { get; init; } = ExtensionSet.Ratified;

    public int PmpEntries { get; init; } = PmpRegisters.DefaultEntries;

    public IReadOnlyList<DriveOptions> Drives { get; init; } = [];

    /// <summary>Connect the console to a virtio device too, and give that one the input.</summary>
    public bool VirtioConsole { get; init; }

    /// <summary>File for the signature, or the directory for those of a batch.</summary>
    public string? Signature { get; init; }

    public int SignatureGranularity { get; init; }

    /// <summary>A request of the guest to start again ends the run.</summary>
    public bool NoReboot { get; init; }

    public Observation Observation { get; init; } = new();

    public TimeSpan? Timeout { get; init; }

    public TierChoice Tier { get; init; }

    public bool Metered { get; init; }
}

/// <param name="Path">Host file that holds the disk.</param>
/// <param name="ReadOnly">The guest cannot change it.</param>
public readonly record struct DriveOptions(string Path, bool ReadOnly);
