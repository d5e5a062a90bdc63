using RvJit.Machine;

namespace RvJit.Monitor;

/// <summary>
/// Entering and leaving enclaves (Keystone sm/src/enclave.c: run_enclave, resume_enclave, stop_enclave, exit_enclave,
/// context_switch_to_enclave, context_switch_to_host).
/// </summary>
public sealed unsafe partial class SecurityMonitor
{
    private const int RegisterA0 = 10;

    /// <summary>FID 2003: first entry of a fresh enclave.</summary>
    public void Run(Hart hart, ulong enclaveId, IHostResumption resumption)
    {
        Enclave enclave;
        lock (_lock)
        {
            HartRecord record = Enter(hart);
            KeystoneError error = Gate(record, (ulong)KeystoneFunction.Run);
            if (error == KeystoneError.Success && Find(enclaveId) is not { State: EnclaveState.Fresh })
                error = KeystoneError.NotFresh;
            if (error != KeystoneError.Success)
            {
                Refuse(hart, record, resumption, error);
                return;
            }

            enclave = Find(enclaveId)!;
            enclave.Supervisor = _supervisors.Create(this, enclave.Id, enclave.Layout);
            SwitchToEnclave(hart, record, enclave, resumption);
        }

        LoadParameters(hart.State, enclave.Layout, SharedBufferSize(enclave.Layout));
        hart.Transitions.Count(TransitionKind.MachineToEnclaveSupervisor);
        enclave.Supervisor.Boot(hart);
    }

    /// <summary>FID 2005: an enclave that stopped goes on.</summary>
    public void Resume(Hart hart, ulong enclaveId, IHostResumption resumption)
    {
        Enclave enclave;
        Suspension suspension;
        lock (_lock)
        {
            HartRecord record = Enter(hart);
            KeystoneError error = Gate(record, (ulong)KeystoneFunction.Resume);
            if (error == KeystoneError.Success && !IsResumable(Find(enclaveId)))
                error = KeystoneError.NotResumable;
            if (error != KeystoneError.Success)
            {
                Refuse(hart, record, resumption, error);
                return;
            }

            enclave = Find(enclaveId)!;
            suspension = enclave.Suspension;
            SwitchToEnclave(hart, record, enclave, resumption);
        }

        hart.Transitions.Count(suspension == Suspension.InterruptedInUser
            ? TransitionKind.MachineToEnclaveUser
            : TransitionKind.MachineToEnclaveSupervisor);
        if (suspension != Suspension.StopCall)
            return;
        hart.State->X[RegisterA0] = (ulong)KeystoneError.Success;
        enclave.Supervisor!.StopReturned(hart);
    }

    /// <summary>
    /// FID 3004: the enclave's supervisor hands the hart to the host. Anything but success goes back to the caller;
    /// success means that the hart is the host's again.
    /// </summary>
    public KeystoneError Stop(Hart hart, StopRequest request) => Leave(
        hart,
        KeystoneFunction.Stop,
        TransitionKind.EnclaveSupervisorToMachine,
        Suspension.StopCall,
        request switch
        {
            StopRequest.TimerInterrupt => KeystoneError.Interrupted,
            StopRequest.EdgeCallHost => KeystoneError.EdgeCallHost,
            _ => KeystoneError.UnknownError,
        },
        value: 0);

    /// <summary>FID 3006: the enclave is over.</summary>
    public KeystoneError Exit(Hart hart, ulong value) => Leave(
        hart, KeystoneFunction.Exit, TransitionKind.EnclaveSupervisorToMachine, Suspension.Exited, KeystoneError.Success, value);

    /// <summary>A machine interrupt while an enclave ran: the host gets the hart (Keystone sm/src/sbi_trap_hack.c).</summary>
    public KeystoneError Interrupt(Hart hart, Privilege from = Privilege.User) => from == Privilege.User
        ? Leave(
            hart, KeystoneFunction.Stop, TransitionKind.EnclaveUserToMachine, Suspension.InterruptedInUser,
            KeystoneError.Interrupted, value: 0)
        : Leave(
            hart, KeystoneFunction.Stop, TransitionKind.EnclaveSupervisorToMachine, Suspension.InterruptedInSupervisor,
            KeystoneError.Interrupted, value: 0);

    private bool IsResumable(Enclave? enclave) =>
        enclave is { State: EnclaveState.Running or EnclaveState.Stopped, Threads: < KeystoneAbi.MaximumThreads }
        && (enclave.Suspension != Suspension.Exited || Model.Has(Weakness.ResumeAfterExit));

    private static void Refuse(Hart hart, HartRecord record, IHostResumption resumption, KeystoneError error)
    {
        Return(hart, record);
        resumption.EnclaveReturned(hart, error, 0);
    }

    private void SwitchToEnclave(Hart hart, HartRecord record, Enclave enclave, IHostResumption resumption)
    {
        enclave.State = EnclaveState.Running;
        enclave.Threads++;
        record.Inside = enclave;
        record.Resumption = resumption;
        record.HostWorld = hart.World;
        record.Host.Save(hart.State);

        _regions[_systemRegion].Set(hart.Pmp, Access.None);
        _regions[enclave.EpmRegion].Set(hart.Pmp, Access.All);
        _regions[enclave.UtmRegion].Set(hart.Pmp, Model.Has(Weakness.ExecutableSharedBuffer) ? Access.All : Access.ReadWrite);
        DirectEdgeCalls(hart.Pmp, enclave);
        GrantShared(hart.Pmp, enclave);

        enclave.Supervisor!.Enter(hart);
        SwitchUserInterrupts(hart, record, enclave);
        Restore(enclave.Context, hart.State);
    }

    private KeystoneError Leave(
        Hart hart, KeystoneFunction function, TransitionKind way, Suspension suspension, KeystoneError result, ulong value)
    {
        IHostResumption resumption;
        lock (_lock)
        {
            HartRecord record = RecordOf(hart);
            KeystoneError error = Gate(record, (ulong)function);
            if (error == KeystoneError.Success && record.Inside is not { State: EnclaveState.Running })
                error = KeystoneError.NotRunning;
            if (error != KeystoneError.Success)
                return error;

            hart.Transitions.Count(way);
            Enclave enclave = record.Inside!;
            _regions[enclave.EpmRegion].Set(hart.Pmp, Access.None);
            _regions[enclave.UtmRegion].Set(hart.Pmp, Access.None);
            _regions[_systemRegion].Set(hart.Pmp, Access.All);
            DirectEdgeCalls(hart.Pmp, null);
            GrantShared(hart.Pmp, null);

            enclave.Context.Save(hart.State);
            enclave.Supervisor!.Leave(hart);
            RestoreUserInterrupts(hart, record);
            hart.EnterWorld(record.HostWorld!);
            Restore(record.Host, hart.State);
            resumption = record.Resumption!;
            record.Inside = null;
            record.Resumption = null;
            enclave.Suspension = suspension;
            if (--enclave.Threads == 0)
                enclave.State = EnclaveState.Stopped;
        }

        hart.Transitions.Count(TransitionKind.MachineToHostSupervisor);
        resumption.EnclaveReturned(hart, result, value);
        return KeystoneError.Success;
    }

    private void Restore(in HartContext context, HartState* state)
    {
        if (Model.Has(Weakness.SharedFloatingPoint))
            context.RestoreIntegers(state);
        else
            context.Restore(state);
    }

    /// <summary>Registers of the first entry: the loader starts at the EPM's base and finds in a1..a7 where everything lies.</summary>
    private static void LoadParameters(HartState* state, in EnclaveCreateArguments layout, ulong sharedSize)
    {
        state->Pc = layout.EpmAddress;
        ulong* a = state->X + RegisterA0;
        a[1] = layout.EpmAddress;
        a[2] = layout.EpmSize;
        a[3] = layout.RuntimeAddress;
        a[4] = layout.UserAddress;
        a[5] = layout.FreeAddress;
        a[6] = layout.UtmAddress;
        a[7] = sharedSize;
    }
}
