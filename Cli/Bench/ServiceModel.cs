using RvJit.Cli.Commands;
using RvJit.Machine;

namespace RvJit.Cli.Bench;

/// <summary>
/// Instructions that a native service stands for, charged for each privilege transition that calls it.
/// </summary>
/// <param name="Name">What it does.</param>
/// <param name="On">The transition.</param>
/// <param name="Instructions">Of Keystone's own binary.</param>
/// <param name="Source">Where the number is from.</param>
/// <param name="OfRuntime">Part of the enclave runtime: not charged when that is guest code, which is counted as it runs.</param>
public sealed record ModelledService(string Name, TransitionKind On, int Instructions, string Source, bool OfRuntime = false);

/// <summary>
/// What the native services would execute if they were Keystone's binaries. A floor: only what is straight-line code in the
/// compiled sources stands here; dispatching in OpenSBI, the edge-call code of Eyrie and both system calls of Linux are
/// left out, so that the synchronous way is charged too little rather than too much. Keystone at 88c49ee.
/// </summary>
public static class ServiceModel
{
    private const string Switch = "monitor: swaps 31 registers and 10 CSRs";
    private const string SwitchSource = "sm/src/thread.c, swap_prev_state (2 + 32 * 7 + 4) and swap_prev_smode_csrs (41), compiled";
    private const int SwitchInstructions = 2 + (32 * 7) + 4 + 41;
    private const string Pmp = "monitor: three PMP registers";
    private const string PmpSource = "sm/src/pmp.h, PMP_SET, about 20 each; three each way where the enclave's memory is a power of two";
    private const int PmpInstructions = 3 * 20;

    public static readonly IReadOnlyList<ModelledService> Services =
    [
        new("runtime: saves and restores the eapp's registers", TransitionKind.EnclaveUserToSupervisor, 31 + 31 + 30,
            "runtime/sys/entry.S: 31 stores, 31 loads, about 30 more", OfRuntime: true),
        new("monitor: trap of the enclave's stop call", TransitionKind.EnclaveSupervisorToMachine, 101, "sm/src/trap.S, trap_vector_enclave, assembled"),
        new("firmware: trap of the host's resume call", TransitionKind.HostSupervisorToMachine, 100, "OpenSBI firmware/fw_base.S, entry and exit of a trap; an estimate"),
        new(Switch, TransitionKind.MachineToHostSupervisor, SwitchInstructions, SwitchSource),
        new(Switch, TransitionKind.MachineToEnclaveSupervisor, SwitchInstructions, SwitchSource),
        new(Pmp, TransitionKind.MachineToHostSupervisor, PmpInstructions, PmpSource),
        new(Pmp, TransitionKind.MachineToEnclaveSupervisor, PmpInstructions, PmpSource),
    ];

    /// <summary>Instructions of all services that these transitions called. A doorbell is charged like a switch of worlds: too much, against the asynchronous ways.</summary>
    public static double Charge(RuntimeChoice runtime, IReadOnlyList<double> transitions) =>
        Services.Where(service => runtime == RuntimeChoice.Native || !service.OfRuntime)
            .Sum(service => service.Instructions * transitions[(int)service.On]);
}
