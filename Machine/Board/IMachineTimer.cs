namespace RvJit.Machine.Board;

/// <summary>The board's clock as a hart's CSRs see it.</summary>
public interface IMachineTimer
{
    /// <summary>mtime, which the time CSR shows: ticks of <see cref="UserCsrs.TimebaseHertz"/>.</summary>
    ulong Time { get; }

    /// <summary>
    /// stimecmp (Sstc): from now on the hart's <see cref="InterruptBit.SupervisorTimer"/> line is high exactly while
    /// <see cref="Time"/> is not below <paramref name="compare"/>. <see cref="ulong.MaxValue"/> stands for never, which
    /// is also the state after reset.
    /// </summary>
    void SetSupervisorCompare(int hart, ulong compare);
}
