namespace RvJit.Machine;

/// <summary>mcause values (privileged manual, table "Machine cause register values"); interrupts carry bit 63.</summary>
public enum TrapCause : ulong
{
    InstructionAddressMisaligned = 0,
    InstructionAccessFault = 1,
    IllegalInstruction = 2,
    Breakpoint = 3,
    LoadAddressMisaligned = 4,
    LoadAccessFault = 5,
    StoreAddressMisaligned = 6,
    StoreAccessFault = 7,
    EnvironmentCallFromU = 8,
    EnvironmentCallFromS = 9,
    EnvironmentCallFromM = 11,
    InstructionPageFault = 12,
    LoadPageFault = 13,
    StorePageFault = 15,

    /// <summary>
    /// Not architectural: the engine left because somebody asked (<see cref="Hart.Request"/>). The state is that
    /// between two instructions.
    /// </summary>
    Requested = 1UL << 62,
}

/// <summary>A trap as a value: what happened, and its tval (faulting address, instruction bits, or 0).</summary>
public readonly record struct Trap(TrapCause Cause, ulong Value)
{
    public static readonly Trap Requested = new(TrapCause.Requested, 0);

    public override string ToString() => $"{Cause} (tval 0x{Value:x})";
}
