namespace RvJit.Machine;

/// <summary>
/// A hart's interrupts: mip, mie and mideleg, and what of it can be taken now. Devices drive lines from any thread; the
/// hart's own thread does the rest.
/// </summary>
/// <remarks>
/// A device changes a line, then looks at what the hart enables; the hart changes what it enables, then looks at the
/// lines; each with a full barrier in between. So whoever comes second sees the other, and requests.
/// </remarks>
public sealed class InterruptController(Hart hart, PrivilegeState state, IMachineClock clock) : IInterruptLines, IAlarm
{
    public const ulong SupervisorBits =
        1UL << (int)InterruptBit.SupervisorSoftware | 1UL << (int)InterruptBit.SupervisorTimer | 1UL << (int)InterruptBit.SupervisorExternal;

    public const ulong MachineBits =
        1UL << (int)InterruptBit.MachineSoftware | 1UL << (int)InterruptBit.MachineTimer | 1UL << (int)InterruptBit.MachineExternal;

    public const ulong UserBits = UserTraps.Interrupts;

    private const ulong SupervisorSoftware = 1UL << (int)InterruptBit.SupervisorSoftware;
    private const ulong SupervisorTimer = 1UL << (int)InterruptBit.SupervisorTimer;

    /// <summary>Highest first (privileged manual, "Machine Interrupt Registers").</summary>
    private static readonly InterruptBit[] s_priorities =
    [
        InterruptBit.MachineExternal, InterruptBit.MachineSoftware, InterruptBit.MachineTimer,
        InterruptBit.SupervisorExternal, InterruptBit.SupervisorSoftware, InterruptBit.SupervisorTimer,
        InterruptBit.UserExternal, InterruptBit.UserSoftware, InterruptBit.UserTimer,
    ];

    private ulong _lines;
    private ulong _software;
    private ulong _enabled;
    private ulong _delegated;
    private ulong _userDelegated;
    private ulong _timeCompare;
    private volatile bool _waiting;

    /// <summary>mie.</summary>
    public ulong Enabled
    {
        get => _enabled;
        set => Volatile.Write(ref _enabled, value);
    }

    /// <summary>mideleg.</summary>
    public ulong Delegated
    {
        get => _delegated;
        set => Volatile.Write(ref _delegated, value);
    }

    /// <summary>sideleg as written; only what is delegated to S-mode has an effect.</summary>
    public ulong SupervisorDelegated
    {
        get => _userDelegated;
        set => Volatile.Write(ref _userDelegated, value);
    }

    /// <summary>The interrupts that U-mode takes: mideleg and sideleg, or mideleg alone where there is no S-mode.</summary>
    public ulong UserDelegated =>
        !state.Features.UserTraps ? 0
        : state.Features.Supervisor ? Volatile.Read(ref _userDelegated) & Volatile.Read(ref _delegated)
        : Volatile.Read(ref _delegated);

    /// <summary>stimecmp.</summary>
    public ulong TimeCompare
    {
        get => _timeCompare;
        set
        {
            Volatile.Write(ref _timeCompare, value);
            ArmTimer();
        }
    }

    /// <summary>
    /// The bits of mip that software has set: SEIP and STIP are the or of them and of the hardware's, SSIP is nothing
    /// else (an edge of its line sets it).
    /// </summary>
    public ulong Software => Volatile.Read(ref _software);

    /// <summary>mip.</summary>
    public ulong Pending
    {
        get
        {
            ulong pending = Volatile.Read(ref _lines) | Software;
            if (hart.UserInterruptPort?.IsRaised == true)
                pending |= UserTraps.Software;
            if (!TimerIsCompared)
                return pending;
            return clock.Time >= Volatile.Read(ref _timeCompare) ? pending | SupervisorTimer : pending & ~SupervisorTimer;
        }
    }

    /// <summary>Bits of mip that M-mode may write.</summary>
    public ulong Writable =>
        (state.Features.Supervisor ? SupervisorBits & ~(TimerIsCompared ? SupervisorTimer : 0) : 0)
        | (state.Features.UserTraps ? UserBits : 0);

    /// <summary>menvcfg.STCE: STIP is mtime >= stimecmp and nothing else.</summary>
    private bool TimerIsCompared => (state.Menvcfg & Envcfg.Stce) != 0;

    public void SetLine(InterruptBit bit, bool level)
    {
        ulong mask = 1UL << (int)bit;
        ref ulong word = ref mask == SupervisorSoftware ? ref _software : ref _lines;
        if (level)
            Interlocked.Or(ref word, mask);
        else if (mask != SupervisorSoftware)
            Interlocked.And(ref word, ~mask);
        Notify();
    }

    public void Ring() => Notify();

    /// <summary>Software writes some of the bits of mip.</summary>
    public void WritePending(ulong mask, ulong value)
    {
        Interlocked.And(ref _software, ~mask | value);
        Interlocked.Or(ref _software, mask & value);
    }

    /// <summary>menvcfg.STCE or stimecmp is another one.</summary>
    public void ArmTimer() => clock.SetAlarm(this, TimerIsCompared ? _timeCompare : ulong.MaxValue);

    /// <summary>Something changed: asks the hart to leave its code when an interrupt can be taken.</summary>
    public void Notify()
    {
        Interlocked.MemoryBarrier();
        ulong takeable = Takeable();
        if ((takeable & ~UserDelegated) != 0 || (_waiting && (Pending & Volatile.Read(ref _enabled)) != 0))
            hart.Request(HartRequests.Interrupt);
        else if (takeable != 0)
            hart.Nudge();
    }

    /// <summary>Another context of execution came: the same for interrupts that U-mode takes itself.</summary>
    public void NotifyUser()
    {
        if ((Takeable() & UserDelegated) != 0)
            hart.Nudge();
    }

    /// <summary>The interrupt to take now.</summary>
    public bool TryTake(out InterruptBit bit)
    {
        ulong takeable = Takeable();
        foreach (InterruptBit candidate in s_priorities)
        {
            bit = candidate;
            if ((takeable >> (int)candidate & 1) != 0)
                return true;
        }

        bit = default;
        return false;
    }

    /// <summary>wfi: returns when an interrupt is pending and enabled, whether or not it can be taken, or on any request.</summary>
    public void Wait()
    {
        _waiting = true;
        Interlocked.MemoryBarrier();
        if ((Pending & _enabled) == 0)
            hart.AwaitRequest();
        _waiting = false;
    }

    /// <summary>Interrupts to M-mode that its mode and MIE let through, or else those to S-mode, or else those to U-mode.</summary>
    private ulong Takeable()
    {
        ulong pending = Pending & Volatile.Read(ref _enabled);
        if (pending == 0)
            return 0;
        ulong delegated = Volatile.Read(ref _delegated);
        Privilege mode = state.Mode;
        ulong machine = pending & ~delegated;
        if (machine != 0 && (mode < Privilege.Machine || state.Is(Mstatus.Mie)))
            return machine;
        ulong user = UserDelegated;
        ulong supervisor = pending & delegated & ~user;
        if (supervisor != 0 && (mode < Privilege.Supervisor || (mode == Privilege.Supervisor && state.Is(Mstatus.Sie))))
            return supervisor;
        return mode == Privilege.User && state.Is(Mstatus.Uie) ? pending & user : 0;
    }
}
