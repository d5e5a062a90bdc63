namespace RvJit.Machine;

/// <summary>The control and status registers that a hart's instructions reach.</summary>
public interface ICsrFile
{
    /// <summary>False: illegal instruction, by number or by privilege.</summary>
    bool TryRead(Hart hart, int csr, out ulong value);

    /// <summary>False: illegal instruction, by number, by privilege, or because the register is read-only.</summary>
    bool TryWrite(Hart hart, int csr, ulong value);

    /// <summary>A register's value for an observer, whatever the mode is. False: there is none, or writing it does nothing.</summary>
    bool TryInspect(Hart hart, int csr, out ulong value);

    /// <summary>Reads, then writes with bits set and cleared. False: illegal, as for reading and writing.</summary>
    bool TryModify(Hart hart, int csr, ulong set, ulong clear, out ulong old) =>
        TryRead(hart, csr, out old) && TryWrite(hart, csr, (old & ~clear) | set);
}

/// <summary>
/// What the privileged instructions do on a hart that has M-, S- and U-mode in guest code. A hart whose supervisor is
/// native has none: there these instructions are illegal.
/// </summary>
public interface IPrivilegedUnit
{
    /// <summary>The current mode.</summary>
    Privilege Mode { get; }

    /// <summary>The cause of an ecall in the current mode.</summary>
    TrapCause EnvironmentCall { get; }

    /// <summary>
    /// mret, sret or uret, by the level whose trap is over: returns to the mode and pc saved by it. The instruction's word is
    /// the tval of a refusal.
    /// </summary>
    bool TryReturn(Privilege level, uint word, out Trap trap);

    /// <summary>Between two instructions, with no request: takes an interrupt that U-mode takes itself, if there is one.</summary>
    void TakeUserInterrupt();

    /// <summary>wfi: blocks the hart's thread until an interrupt is pending or somebody requests something.</summary>
    bool TryWait(uint word, out Trap trap);

    /// <summary>
    /// An instruction is about to use floating-point state while <see cref="HartState.FloatTrapped"/> is set. False:
    /// mstatus.FS is Off, it is illegal. Otherwise FS becomes Dirty.
    /// </summary>
    bool TryUseFloat();

    /// <summary>sfence.vma and sinval.vma; null operands are x0 (all addresses, all address spaces).</summary>
    bool TryFenceTranslation(uint word, ulong? address, ulong? space, out Trap trap);

    /// <summary>sfence.w.inval and sfence.inval.ir: nothing but order, where the mode has them.</summary>
    bool TryOrderTranslation(uint word, out Trap trap);

    /// <summary>Whether menvcfg and senvcfg let the current mode execute the cache-block operation.</summary>
    bool Permits(CacheBlockOperation operation);
}

/// <summary>Cache-block instructions by the envcfg field that enables them (CMO chapter, "Control and Status Register State").</summary>
public enum CacheBlockOperation
{
    /// <summary>cbo.inval, which CBIE enables. Caches are not modelled, so flushing instead makes no difference.</summary>
    Invalidate,

    /// <summary>cbo.clean and cbo.flush: CBCFE.</summary>
    CleanOrFlush,

    /// <summary>cbo.zero: CBZE.</summary>
    Zero,
}
