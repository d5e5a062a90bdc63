namespace RvJit.Machine;

/// <summary>A 64-bit counter over a source that only grows: it can be set, and stopped (mcountinhibit).</summary>
public sealed class MachineCounter(Func<ulong> source)
{
    private ulong _offset;
    private bool _stopped;

    public ulong Value => _stopped ? _offset : source() + _offset;

    /// <summary>Sets the value that is read next; <paramref name="skipped"/> counts of the source in between do not show.</summary>
    public void Set(ulong value, ulong skipped = 0) => _offset = _stopped ? value : value - source() - skipped;

    public void Stop(bool stopped)
    {
        ulong value = Value;
        _stopped = stopped;
        Set(value);
    }
}

/// <summary>A hart's counters and who may see them (privileged manual, "Hardware Performance Monitor").</summary>
public sealed class MachineCounters
{
    /// <summary>Bits of mcountinhibit, mcounteren and scounteren; bit n is counter n.</summary>
    public const ulong CycleBit = 1;
    public const ulong TimeBit = 2;
    public const ulong InstretBit = 4;
    public const ulong BaseBits = CycleBit | TimeBit | InstretBit;
    public const ulong EventBits = 0xFFFF_FFF8;

    private readonly PrivilegeState _state;

    /// <param name="hart">Whose instructions are counted.</param>
    /// <param name="state">Decides who may read.</param>
    /// <param name="cyclesAreInstructions">mcycle counts instructions, which repeats; otherwise nanoseconds, a core of 1 GHz.</param>
    public MachineCounters(Hart hart, PrivilegeState state, bool cyclesAreInstructions)
    {
        _state = state;
        Instret = new MachineCounter(() => RetiredBy(hart));
        Cycle = new MachineCounter(cyclesAreInstructions ? () => RetiredBy(hart) : () => HostClock.Nanoseconds);
    }

    public MachineCounter Cycle { get; }

    public MachineCounter Instret { get; }

    public ulong MachineEnabled { get; set; }

    public ulong SupervisorEnabled { get; set; }

    public ulong Inhibited { get; private set; }

    public void Inhibit(ulong bits)
    {
        Inhibited = bits;
        Cycle.Stop((bits & CycleBit) != 0);
        Instret.Stop((bits & InstretBit) != 0);
    }

    /// <summary>csrw minstret: the writing instruction itself does not count.</summary>
    public void SetInstret(ulong value) => Instret.Set(value, skipped: 1);

    /// <summary>Whether the mode may read these counters' unprivileged views.</summary>
    public bool IsVisible(ulong bits) => _state.Mode switch
    {
        Privilege.Machine => true,
        Privilege.User when _state.Features.Supervisor => (MachineEnabled & SupervisorEnabled & bits) == bits,
        _ => (MachineEnabled & bits) == bits,
    };

    private static unsafe ulong RetiredBy(Hart hart) => hart.State->Retired;
}
