namespace RvJit.Machine;

/// <summary>The registers by which one privilege level takes traps: xtvec, xscratch, xepc, xcause, xtval.</summary>
public sealed class TrapRegisters
{
    /// <summary>Low two bits of xtvec: interrupts go to base + 4 x cause.</summary>
    private const ulong Vectored = 1;
    private const ulong ModeMask = 3;

    /// <summary>Base address and mode in the low bits.</summary>
    public ulong Vector { get; set; }

    public ulong Scratch { get; set; }

    public ulong Epc { get; set; }

    public ulong Cause { get; set; }

    public ulong Value { get; set; }

    /// <summary>Records a trap, and says where its handler is.</summary>
    public ulong Take(ulong pc, ulong cause, ulong value)
    {
        Epc = pc;
        Cause = cause;
        Value = value;
        bool interrupt = (cause & TrapCauses.Interrupt) != 0;
        ulong handler = Vector & ~ModeMask;
        return interrupt && (Vector & ModeMask) == Vectored ? handler + (4 * (cause & ~TrapCauses.Interrupt)) : handler;
    }
}

/// <summary>What cause registers hold beside <see cref="TrapCause"/>.</summary>
public static class TrapCauses
{
    /// <summary>Bit 63 of mcause and scause.</summary>
    public const ulong Interrupt = 1UL << 63;

    /// <summary>Causes that occur and may be delegated to S-mode; bit n of medeleg is cause n.</summary>
    public const ulong Delegable =
        1UL << (int)TrapCause.InstructionAddressMisaligned
        | 1UL << (int)TrapCause.InstructionAccessFault
        | 1UL << (int)TrapCause.IllegalInstruction
        | 1UL << (int)TrapCause.Breakpoint
        | 1UL << (int)TrapCause.LoadAddressMisaligned
        | 1UL << (int)TrapCause.LoadAccessFault
        | 1UL << (int)TrapCause.StoreAddressMisaligned
        | 1UL << (int)TrapCause.StoreAccessFault
        | 1UL << (int)TrapCause.EnvironmentCallFromU
        | 1UL << (int)TrapCause.EnvironmentCallFromS
        | 1UL << (int)TrapCause.InstructionPageFault
        | 1UL << (int)TrapCause.LoadPageFault
        | 1UL << (int)TrapCause.StorePageFault;
}
