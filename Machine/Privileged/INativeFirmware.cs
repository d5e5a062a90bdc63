namespace RvJit.Machine;

/// <summary>M-mode that is no guest code: it serves what S-mode asks for. Everything else a machine delegates to S-mode.</summary>
public interface INativeFirmware
{
    /// <summary>An ecall of S-mode; the hart's pc is that of the ecall, which the firmware moves on.</summary>
    TrapOutcome Call(Hart hart);
}
