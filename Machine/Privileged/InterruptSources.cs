namespace RvJit.Machine;

/// <summary>Bits of mip and mie, which are also interrupt causes (privileged manual, "Machine Interrupt Registers"; those of user level: extension N).</summary>
public enum InterruptBit
{
    UserSoftware = 0,
    SupervisorSoftware = 1,
    MachineSoftware = 3,
    UserTimer = 4,
    SupervisorTimer = 5,
    MachineTimer = 7,
    UserExternal = 8,
    SupervisorExternal = 9,
    MachineExternal = 11,
}

/// <summary>The interrupt inputs of one hart. Called by devices from any thread.</summary>
public interface IInterruptLines
{
    void SetLine(InterruptBit bit, bool level);
}

/// <summary>mtime, and who wakes harts by it.</summary>
public interface IMachineClock
{
    /// <summary>mtime in ticks.</summary>
    ulong Time { get; }

    /// <summary>
    /// Asks for <see cref="IAlarm.Ring"/> once mtime has reached a time, replacing what this alarm asked for before;
    /// <see cref="ulong.MaxValue"/> for never. Called from the hart's thread; must not block on it.
    /// </summary>
    void SetAlarm(IAlarm alarm, ulong time);
}

/// <summary>Rung from any thread; a ring that comes early or twice does no harm.</summary>
public interface IAlarm
{
    void Ring();
}
