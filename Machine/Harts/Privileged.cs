namespace RvJit.Machine;

/// <summary>The control and status registers that a hart's instructions reach.</summary>
public interface ICsrFile
{
    /// <summary>False: illegal instruction, by number or by privilege.</summary>
    bool TryRead(Hart hart, int csr, out ulong value);

    /// <summary>False: illegal instruction, by number, by privilege, or because the register is read-only.</summary>
    bool TryWrite(Hart hart, int csr, ulong value);
}

/// <summary>
/// What the privileged instructions do on a hart that has M-, S- and U-mode in guest code. A hart whose supervisor is
/// native has none: there these instructions are illegal.
/// </summary>
public interface IPrivilegedUnit
{
    /// <summary>The cause of an ecall in the current mode.</summary>
    TrapCause EnvironmentCall { get; }

    /// <summary>mret (or sret): returns to the mode and pc saved by the trap. The instruction's word is the tval of a refusal.</summary>
    bool TryReturn(bool fromMachine, uint word, out Trap trap);

    /// <summary>wfi: blocks the hart's thread until an interrupt is pending or somebody requests something.</summary>
    bool TryWait(uint word, out Trap trap);

    /// <summary>
    /// An instruction is about to use floating-point state while <see cref="HartState.FloatTrapped"/> is set. False:
    /// mstatus.FS is Off, it is illegal. Otherwise FS becomes Dirty.
    /// </summary>
    bool TryUseFloat();

    /// <summary>sfence.vma and its Svinval parts; null operands are x0 (all addresses, all address spaces).</summary>
    bool TryFenceTranslation(uint word, ulong? address, ulong? space, out Trap trap);
}
