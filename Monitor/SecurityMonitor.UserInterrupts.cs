using RvJit.Machine;

namespace RvJit.Monitor;

/// <summary>
/// User interrupts between enclaves and their hosts. The tables of enclaves are the monitor's: an enclave sends to host
/// threads that have registered for it, and to no other enclave; every context has U-level registers of its own.
/// </summary>
public sealed unsafe partial class SecurityMonitor
{
    /// <summary>Carries the user interrupts of all that runs on the monitor's harts.</summary>
    public UserInterruptController UserInterrupts { get; } = new();

    /// <summary>
    /// FID 2011: the host's thread receives from an enclave. The value is the index that the enclave sends by.
    /// </summary>
    /// <param name="hart">The thread's.</param>
    /// <param name="enclaveId">Who may send.</param>
    /// <param name="vector">The bit that it sets.</param>
    public SbiReturn RegisterHostReceiver(Hart hart, ulong enclaveId, ulong vector)
    {
        lock (_lock)
        {
            HartRecord record = Enter(hart);
            KeystoneError error = Gate(record, (ulong)KeystoneFunction.RegisterHostReceiver);
            ulong index = 0;
            if (error == KeystoneError.Success)
                error = Find(enclaveId) is { } enclave ? Register(hart, enclave.Senders, vector, out index) : KeystoneError.InvalidId;
            Return(hart, record);
            return new SbiReturn(error, index);
        }
    }

    /// <summary>
    /// FID 3011: the enclave's thread receives from the process that let it in. The value is the index that the process
    /// sends by.
    /// </summary>
    public SbiReturn RegisterEnclaveReceiver(Hart hart, ulong vector)
    {
        lock (_lock)
        {
            HartRecord record = Enter(hart);
            KeystoneError error = Gate(record, (ulong)KeystoneFunction.RegisterEnclaveReceiver);
            ulong index = 0;
            if (error == KeystoneError.Success)
            {
                UserInterruptSenders? host = record.HostSenders;
                error = Register(hart, host, vector, out index);
                if (error == KeystoneError.Success)
                    record.Inside!.Rights.Add((hart.UserInterruptPort!.Receiver!, host!, (int)index));
            }

            Return(hart, record);
            return new SbiReturn(error, index);
        }
    }

    private KeystoneError Register(Hart hart, UserInterruptSenders? senders, ulong vector, out ulong index)
    {
        index = 0;
        if (hart.UserInterruptPort is not { } port || senders is null)
            return KeystoneError.NotImplemented;
        if (vector >= UserInterruptController.Vectors)
            return KeystoneError.IllegalArgument;
        port.Receiver ??= UserInterrupts.RegisterReceiver();
        int added = port.Receiver is { } receiver ? senders.Add(receiver, (int)vector) : -1;
        index = added < 0 ? 0 : (ulong)added;
        return added < 0 ? KeystoneError.NoFreeResource : KeystoneError.Success;
    }

    /// <summary>The hart gets the enclave's U-level registers in place of the host's.</summary>
    private void SwitchUserInterrupts(Hart hart, HartRecord record, Enclave enclave)
    {
        record.HostUserTraps = hart.UserTraps;
        record.HostSenders = hart.UserInterruptPort?.Senders;
        if (!hart.Extensions.HasLetter('n'))
            return;
        enclave.Port ??= new UserInterruptPort(UserInterrupts) { Senders = enclave.Senders };
        if (enclave.Supervisor!.World is null)
        {
            hart.SwitchUserInterrupts(enclave.Port); // its registers are those of the supervisor's hart
            return;
        }

        if (Model.Has(Weakness.SharedUserInterrupts))
            return;
        enclave.UserTraps ??= new UserTraps(enclave.Port, hart.Extensions) { DelegatedInterrupts = UserTraps.Software };
        hart.SwitchUserInterrupts(enclave.UserTraps);
    }

    private static void RestoreUserInterrupts(Hart hart, HartRecord record)
    {
        if (record.Inside!.UserTraps is not null)
            record.Inside.UserTraps = hart.UserTraps; // another thread's, perhaps
        hart.SwitchUserInterrupts(record.HostUserTraps);
        record.HostUserTraps = null;
        record.HostSenders = null;
    }

    /// <summary>Nobody reaches an enclave that is gone, or what comes after it.</summary>
    private void EndUserInterrupts(Enclave enclave)
    {
        foreach ((UserInterruptReceiver receiver, UserInterruptSenders senders, int index) in enclave.Rights)
        {
            UserInterrupts.Release(receiver);
            senders.Remove(index);
        }
    }
}
