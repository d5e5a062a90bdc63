namespace RvJit.Machine;

/// <summary>
/// Privilege transitions that real hardware would make, by kind. The first eight are, in this order, one synchronous
/// Keystone OCALL.
/// </summary>
public enum TransitionKind
{
    EnclaveUserToSupervisor,
    EnclaveSupervisorToMachine,
    MachineToHostSupervisor,
    HostSupervisorToUser,
    HostUserToSupervisor,
    HostSupervisorToMachine,
    MachineToEnclaveSupervisor,
    EnclaveSupervisorToUser,

    /// <summary>An interrupt or undelegated exception taken in M-mode while the enclave ran in U-mode.</summary>
    EnclaveUserToMachine,
    MachineToEnclaveUser,
}

/// <summary>Per-hart counters; written only by the hart's own thread, summed when printed.</summary>
public sealed class TransitionCounters
{
    public static readonly int Kinds = Enum.GetValues<TransitionKind>().Length;

    private readonly long[] _counts = new long[Kinds];

    public long this[TransitionKind kind] => Volatile.Read(ref _counts[(int)kind]);

    public long Total
    {
        get
        {
            long sum = 0;
            foreach (long c in _counts)
                sum += c;
            return sum;
        }
    }

    public void Count(TransitionKind kind) => _counts[(int)kind]++;
}
