using RvJit.Guest.Linux.Identity;
using RvJit.Machine;

namespace RvJit.Guest.Linux;

/// <summary>How guest Linux processes are run. Built by the executable, passed by constructor, never changed.</summary>
public sealed record LinuxOptions
{
    /// <summary>Host directory that the guest sees as "/"; also where the program's ELF interpreter is looked for.</summary>
    public string Root { get; init; } = "/";

    /// <summary>Guest path of the first working directory; null takes the host's, seen from the root.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Writes every system call and signal to <see cref="StraceOutput"/>.</summary>
    public bool Strace { get; init; }

    /// <summary>Where the trace goes.</summary>
    public TextWriter StraceOutput { get; init; } = TextWriter.Null;

    /// <summary>Process id of the first process; threads count up from it. Null takes the host's.</summary>
    public int? ProcessId { get; init; }

    /// <summary>Bytes of main-thread stack (RLIMIT_STACK).</summary>
    public ulong StackBytes { get; init; } = 8 << 20;

    /// <summary>The 16 bytes behind AT_RANDOM; null draws them from the host.</summary>
    public byte[]? RandomSeed { get; init; }

    /// <summary>What programs find when they ask what harts they run on. The engine must have the same.</summary>
    public ExtensionSet Extensions { get; init; } = DefaultExtensions;

    /// <summary>Everything that programs can learn of by riscv_hwprobe(2).</summary>
    public static ExtensionSet DefaultExtensions => HardwareProbe.Reportable;

    /// <summary>Carries user interrupts between threads, and to and from whoever else has the same; with extension n.</summary>
    public UserInterruptController UserInterrupts { get; init; } = new();

    /// <summary>Instructions that each thread may execute before the process is ended; null: no limit. The engine must look at it.</summary>
    public ulong? MostInstructions { get; init; }

    /// <summary>Makes stray accesses of translated code fatal instead of harmless. For tests.</summary>
    public bool TrappingFiller { get; init; }
}
