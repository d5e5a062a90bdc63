namespace RvJit.Machine.Board;

/// <summary>What the device tree says about a machine.</summary>
public sealed record BoardDescription
{
    public required int Harts { get; init; }

    public required ExtensionSet Extensions { get; init; }

    public required ulong MemoryBase { get; init; }

    public required ulong MemoryBytes { get; init; }

    /// <summary>Virtio slots with a device behind them, counted from 0.</summary>
    public int VirtioDevices { get; init; }

    /// <summary>The kernel's command line.</summary>
    public string BootArguments { get; init; } = "";

    /// <summary>Where the initial RAM disk lies; of no size when there is none.</summary>
    public ulong InitialDiskAddress { get; init; }

    public ulong InitialDiskBytes { get; init; }

    /// <summary>Randomness for a kernel to start from; none makes equal boards give equal trees.</summary>
    public ReadOnlyMemory<byte> RandomSeed { get; init; }
}
