using Microsoft.Win32.SafeHandles;
using RvJit.Cli.Commands;
using RvJit.Guest.Keystone;
using RvJit.Guest.Linux;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.Runtime;

namespace RvJit.Cli;

/// <summary>One guest program and how it is run, as the command line gave it.</summary>
public sealed record GuestOptions
{
    /// <summary>Path of the program, as the guest sees it.</summary>
    public required string Program { get; init; }

    /// <summary>argv, the program's name first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    public IReadOnlyList<EnvironmentChange> Environment { get; init; } = [];

    /// <summary>Host directory that the guest sees as its root.</summary>
    public string Root { get; init; } = "/";

    /// <summary>Guest path of the first working directory; null: the host's.</summary>
    public string? WorkingDirectory { get; init; }

    public TierChoice Tier { get; init; }

    /// <summary>The extensions that harts have.</summary>
    public ExtensionSet Extensions { get; init; } = LinuxOptions.DefaultExtensions;

    /// <summary>The enclave to run instead of a program: <see cref="Program"/> is its eapp then.</summary>
    public EnclaveFiles? Enclave { get; init; }

    /// <summary>How the native enclave runtime differs from what runtime files ask for.</summary>
    public EnclaveRuntimeOptions Services { get; init; } = new();

    public Observation Observation { get; init; } = new();

    /// <summary>Host directory where runs leave what they learnt for the next one, or null.</summary>
    public string? Cache { get; init; }

    /// <summary>The security monitor under the program.</summary>
    public SecurityMonitorOptions Monitor { get; init; } = new();

    /// <summary>How often a timer interrupts enclaves, or null for never.</summary>
    public TimeSpan? Tick { get; init; }

    public bool Strace { get; init; }

    public RuntimeChoice Runtime { get; init; }

    /// <summary>Count instructions, traps and transitions.</summary>
    public bool Metered { get; init; }

    /// <summary>File for what the guest prints, standard error too; null: rvjit's own.</summary>
    public SafeFileHandle? Output { get; init; }

    /// <summary>A guest that runs longer is ended; null: it may run for ever.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>Called when a host program reads the monitor's counters.</summary>
    public Action<MonitorCounters>? CountersRead { get; init; }
}

/// <summary>What the monitor has counted so far, on all harts.</summary>
/// <param name="Transitions">Privilege transitions by <see cref="TransitionKind"/>.</param>
/// <param name="PmpWrites">PMP registers written.</param>
public sealed record MonitorCounters(ulong[] Transitions, long PmpWrites);

/// <param name="Name">Name of a variable.</param>
/// <param name="Value">Its value; null removes it.</param>
public sealed record EnvironmentChange(string Name, string? Value);
