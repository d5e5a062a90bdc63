namespace RvJit.Machine.Board;

/// <summary>Bit numbers of mip and mie (privileged manual, "Machine Interrupt Registers").</summary>
public static class InterruptBit
{
    public const int SupervisorSoftware = 1;
    public const int MachineSoftware = 3;
    public const int SupervisorTimer = 5;
    public const int MachineTimer = 7;
    public const int SupervisorExternal = 9;
    public const int MachineExternal = 11;
}

/// <summary>The wires that lead from the board into one hart. Any thread may drive them.</summary>
public interface IInterruptLines
{
    /// <summary>
    /// Drives a line; <paramref name="mipBit"/> is one of <see cref="InterruptBit"/>. The hart notices at its next
    /// poll, or wakes from wfi.
    /// </summary>
    void SetLine(int mipBit, bool level);
}
