using RvJit.Guest.Linux.Mapping;
using RvJit.Machine;

namespace RvJit.Guest.Linux;

/// <summary>One guest process: its world and what the native kernel keeps about it.</summary>
public sealed partial class LinuxProcess(World world, PhysicalMemory memory, LinuxOptions? options = null)
{
    private readonly List<Action> _exitHooks = [];
    private int _exiting;

    public World World { get; } = world;

    public PhysicalMemory Memory { get; } = memory;

    public LinuxOptions Options { get; } = options ?? new LinuxOptions();

    /// <summary>Descriptors as mmap needs them; whoever owns the file table sets it.</summary>
    public IMappableFiles? MappableFiles { get; set; }

    /// <summary>exit_group was called or a fatal signal came: every thread is on its way out.</summary>
    public bool Exiting => Volatile.Read(ref _exiting) != 0;

    /// <summary>The first caller ends the process; others change nothing.</summary>
    internal bool TryBeginExit() => Interlocked.Exchange(ref _exiting, 1) == 0;

    /// <summary>Called once, in reverse order of registration, after the last thread has left guest code (close devices, flush files).</summary>
    public void OnExit(Action hook)
    {
        lock (_exitHooks)
            _exitHooks.Add(hook);
    }
}
