using RvJit.Machine;
using RvJit.Monitor.EdgeCalls;

namespace RvJit.Monitor;

/// <summary>How the enclave's only thread left, which decides how it comes back.</summary>
internal enum Suspension
{
    /// <summary>It never ran.</summary>
    NeverEntered,

    /// <summary>Its supervisor called STOP: it goes on in S-mode with a0 = 0.</summary>
    StopCall,

    /// <summary>An interrupt took it out of U-mode: it goes on exactly there.</summary>
    InterruptedInUser,

    /// <summary>The same, out of S-mode.</summary>
    InterruptedInSupervisor,

    /// <summary>It exited and never comes back.</summary>
    Exited,
}

/// <summary>What the monitor keeps about an enclave (Keystone sm/src/enclave.h, struct enclave). Guarded by the monitor's lock.</summary>
internal sealed class Enclave(int id, EnclaveCreateArguments layout)
{
    /// <summary>Registers of the enclave while it is outside.</summary>
    public HartContext Context = HartContext.Fresh;

    public int Id { get; } = id;

    public EnclaveCreateArguments Layout { get; } = layout;

    public EnclaveState State { get; set; } = EnclaveState.Allocated;

    public int Threads { get; set; }

    public int EpmRegion { get; set; } = -1;

    public int UtmRegion { get; set; } = -1;

    /// <summary>The user-level traps of its code while it is outside; null while it never ran, and where its supervisor is guest code.</summary>
    public UserTraps? UserTraps { get; set; }

    /// <summary>Where it sends and receives user interrupts when its supervisor is guest code, or has only one thread.</summary>
    public UserInterruptPort? Port { get; set; }

    /// <summary>Host threads that it may send to.</summary>
    public UserInterruptSenders Senders { get; } = new();

    /// <summary>Who of it receives, and entries of hosts' tables that lead there.</summary>
    public List<(UserInterruptReceiver Receiver, UserInterruptSenders Senders, int Index)> Rights { get; } = [];

    /// <summary>Memory of asynchronous edge calls, and the PMP region that keeps its directions.</summary>
    public EdgeCallRegion? EdgeCalls { get; set; }

    public int EdgeCallPmp { get; set; } = -1;

    public byte[] Measurement { get; set; } = [];

    public Suspension Suspension { get; set; } = Suspension.NeverEntered;

    public IEnclaveSupervisor? Supervisor { get; set; }
}

/// <summary>What the monitor keeps about a hart.</summary>
internal sealed class HartRecord
{
    /// <summary>Registers of the host while the hart is inside an enclave.</summary>
    public HartContext Host;

    /// <summary>The enclave the hart is in (Keystone sm/src/cpu.c, is_enclave and eid).</summary>
    public Enclave? Inside { get; set; }

    public World? HostWorld { get; set; }

    /// <summary>The host's user-level traps while the hart is inside an enclave.</summary>
    public UserTraps? HostUserTraps { get; set; }

    /// <summary>Table of senders of the process that is waiting.</summary>
    public UserInterruptSenders? HostSenders { get; set; }

    public IHostResumption? Resumption { get; set; }
}

/// <summary>A view of an enclave for people and tests.</summary>
public sealed record EnclaveInfo(int Id, EnclaveState State, EnclaveCreateArguments Layout, ReadOnlyMemory<byte> Measurement, World? World);

/// <summary>Who waits for RUN or RESUME to return: the native kernel that owns the host's S-mode.</summary>
public interface IHostResumption
{
    /// <summary>
    /// The hart is back in the host's world with the host's registers. Called on the hart's own thread, perhaps before
    /// the call to RUN or RESUME itself returned.
    /// </summary>
    void EnclaveReturned(Hart hart, KeystoneError error, ulong value);
}

/// <summary>The owner of an enclave's S-mode, and of the memory its code runs in.</summary>
public interface IEnclaveSupervisor : IDisposable
{
    /// <summary>The world that the enclave's U-mode code runs in; null when its S-mode is guest code and translates addresses.</summary>
    World? World { get; }

    /// <summary>
    /// The hart, whose PMP registers are the enclave's by now, comes in: it gets the enclave's memory, and whoever takes
    /// its traps. Its general registers are restored afterwards.
    /// </summary>
    void Enter(Hart hart);

    /// <summary>The hart, whose general registers have been saved, goes to the host's world next.</summary>
    void Leave(Hart hart);

    /// <summary>
    /// First entry: the hart has come in, pc is the EPM's base, a1..a7 describe the memory (Keystone sm/src/enclave.c,
    /// context_switch_to_enclave).
    /// </summary>
    void Boot(Hart hart);

    /// <summary>A STOP call returned 0: the host resumed the enclave.</summary>
    void StopReturned(Hart hart);
}

public interface IEnclaveSupervisorFactory
{
    IEnclaveSupervisor Create(SecurityMonitor monitor, int enclaveId, in EnclaveCreateArguments layout);
}
