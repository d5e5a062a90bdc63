using RvJit.Guest.Linux.Identity;
using RvJit.Guest.Linux.Mapping;
using RvJit.Guest.Linux.Signals;
using RvJit.Guest.Linux.Threads;
using RvJit.Machine;

namespace RvJit.Guest.Linux;

/// <summary>One guest process: its world and what the native kernel keeps about it.</summary>
public sealed partial class LinuxProcess(World world, PhysicalMemory memory, LinuxOptions? options = null)
{
    private ProcessSignals? _signals;

    public World World { get; } = world;

    public PhysicalMemory Memory { get; } = memory;

    public LinuxOptions Options { get; } = options ?? new LinuxOptions();

    /// <summary>The kernel that serves it; null only in tests of single parts.</summary>
    public LinuxKernel? Kernel { get; internal init; }

    public int Pid { get; internal init; } = 1;

    public int ParentPid { get; internal init; } = 1;

    /// <summary>Guest path of the program (/proc/self/exe, AT_EXECFN).</summary>
    public string ExecutablePath { get; internal init; } = "";

    /// <summary>The file name of the program (PR_GET_NAME, /proc/self/comm): 15 bytes at most.</summary>
    public string Name { get; internal init; } = "";

    public IReadOnlyList<string> Arguments { get; internal init; } = [];

    public IReadOnlyList<string> Environment { get; internal init; } = [];

    /// <summary>The auxiliary vector the program started with (/proc/self/auxv).</summary>
    public ReadOnlyMemory<byte> AuxiliaryVector { get; internal set; }

    /// <summary>Where the program file was loaded: its first page, and one past its last byte.</summary>
    public (ulong Start, ulong End) Image { get; internal set; }

    /// <summary>The thread the process starts with.</summary>
    public LinuxThread? MainThread { get; internal set; }

    public MemoryMap Map { get; } = new(world, memory);

    public ProcessSignals Signals => _signals ?? Interlocked.CompareExchange(ref _signals, new ProcessSignals(this), null) ?? _signals;

    /// <summary>Descriptors as mmap needs them; whoever owns the file table sets it.</summary>
    public IMappableFiles? MappableFiles { get; set; }

    public ResourceLimits Limits { get; } = new((options ?? new LinuxOptions()).StackBytes);

    /// <summary>Whom its threads may send user interrupts to: indices of uipi.send.</summary>
    public UserInterruptSenders UserInterruptSenders { get; } = new();

    internal FutexTable Futexes { get; } = new();
}
