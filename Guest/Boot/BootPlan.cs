using RvJit.Guest.Elf;
using RvJit.Machine.Board;

namespace RvJit.Guest.Boot;

/// <summary>What a machine starts from, as the user gave it.</summary>
public sealed record BootRequest
{
    /// <summary>Firmware or a bare-metal program: an ELF file, or bytes for the start of RAM.</summary>
    public string? Firmware { get; init; }

    /// <summary>Kernel: an ELF file, or an image for <see cref="BootLoader.KernelOffset"/>.</summary>
    public string? Kernel { get; init; }

    /// <summary>Initial RAM disk.</summary>
    public string? InitialDisk { get; init; }

    /// <summary>A device tree of the user's own, instead of one that describes the board.</summary>
    public string? DeviceTree { get; init; }

    /// <summary>The board, without what the loader knows better: where the initial RAM disk is.</summary>
    public required BoardDescription Board { get; init; }
}

/// <summary>What lies in memory now, and how harts find it.</summary>
public sealed record BootPlan
{
    /// <summary>Where M-mode starts: the firmware's entry.</summary>
    public required ulong Entry { get; init; }

    /// <summary>The kernel's entry, or 0 without a kernel.</summary>
    public ulong KernelEntry { get; init; }

    public required ulong DeviceTreeAddress { get; init; }

    /// <summary>The information for firmware of the kind fw_dynamic; register a2.</summary>
    public required ulong DynamicInformationAddress { get; init; }

    public required byte[] DeviceTree { get; init; }

    /// <summary>The firmware, when it is an ELF file: its symbols serve HTIF and signatures.</summary>
    public ElfFile? FirmwareElf { get; init; }

    /// <summary>The ELF files that were loaded, at the addresses that they are linked for.</summary>
    public IReadOnlyList<LoadedCode> Code { get; init; } = [];
}
