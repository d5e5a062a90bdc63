using RvJit.Machine;
using RvJit.Machine.Paging;

namespace RvJit.Monitor.Sbi;

/// <summary>
/// One hart under native firmware: its state of HSM, and the meeting of its thread with the harts that start it. The
/// hart's thread alone makes it Started and Stopped; a starter makes it StartPending, a hart_stop StopPending.
/// </summary>
public sealed unsafe class SbiHart(Hart hart, PrivilegedUnit unit, PagedMemory memory) : IAlarm
{
    private const int A0 = 10;
    private const int A1 = 11;

    /// <summary>All but the calls into M-mode itself (medeleg has no such bit for M's own).</summary>
    private const ulong Delegated = ~(1UL << (int)TrapCause.EnvironmentCallFromS | 1UL << (int)TrapCause.EnvironmentCallFromM);
    private const byte Everything = PmpRegisters.ModeNapot | (byte)Access.All;

    private readonly object _meeting = new();
    private SbiHartState _state = SbiHartState.Stopped;
    private ulong _address;
    private ulong _opaque;
    private bool _ending;

    public PagedMemory Memory => memory;

    public InterruptController Interrupts => unit.Interrupts;

    public SbiHartState State
    {
        get
        {
            lock (_meeting)
                return _state;
        }
    }

    /// <summary>From any thread: the hart shall start in S-mode there. False when it is not stopped.</summary>
    public bool TryStart(ulong address, ulong opaque)
    {
        lock (_meeting)
        {
            if (_state != SbiHartState.Stopped)
                return false;
            _state = SbiHartState.StartPending;
            _address = address;
            _opaque = opaque;
            System.Threading.Monitor.PulseAll(_meeting);
            return true;
        }
    }

    /// <summary>The hart's own thread waits until the hart is started; false when the machine ends instead.</summary>
    public bool AwaitStart()
    {
        lock (_meeting)
        {
            if (_state == SbiHartState.StopPending)
                _state = SbiHartState.Stopped;
            while (_state != SbiHartState.StartPending && !_ending)
                System.Threading.Monitor.Wait(_meeting);
            if (_ending)
                return false;
            _state = SbiHartState.Started;
            Enter(_address, _opaque);
            return true;
        }
    }

    /// <summary>hart_stop: the hart's thread leaves guest code next.</summary>
    public void BeginStop()
    {
        lock (_meeting)
            _state = SbiHartState.StopPending;
    }

    /// <summary>From any thread: the machine ends, a stopped hart's thread too.</summary>
    public void End()
    {
        lock (_meeting)
        {
            _ending = true;
            System.Threading.Monitor.PulseAll(_meeting);
        }
    }

    /// <summary>set_timer: the supervisor timer interrupt is pending from that time on.</summary>
    public void SetTimer(ulong time)
    {
        if (unit.Features.Sstc)
        {
            unit.Interrupts.TimeCompare = time;
            unit.Interrupts.Notify();
            return;
        }

        unit.Interrupts.SetLine(InterruptBit.SupervisorTimer, level: false);
        if (unit.Clock.Time >= time)
            unit.Interrupts.SetLine(InterruptBit.SupervisorTimer, level: true);
        else
            unit.Clock.SetAlarm(this, time);
    }

    public void Ring() => unit.Interrupts.SetLine(InterruptBit.SupervisorTimer, level: true);

    /// <summary>The state in which a supervisor starts (SBI 2.0, "Hart State Management": satp, sstatus.SIE and all but a0, a1 undefined).</summary>
    private void Enter(ulong address, ulong opaque)
    {
        PrivilegeState state = unit.State;
        HartFeatures features = unit.Features;
        unit.DelegatedExceptions = Delegated;
        unit.Interrupts.Delegated = InterruptController.SupervisorBits | (unit.Features.UserTraps ? InterruptController.UserBits : 0);
        unit.Interrupts.Enabled = 0;
        unit.Interrupts.TimeCompare = ulong.MaxValue;
        unit.Counters.MachineEnabled = uint.MaxValue;
        state.SetMenvcfg(Environment(features));
        if (hart.Pmp.Count != 0)
            hart.Pmp.Set(0, Everything, ulong.MaxValue >> 10);
        state.SetSatp(0);
        state.Enter(Privilege.Supervisor, state.Status & ~(Mstatus.Sie | Mstatus.Sum | Mstatus.Mxr | Mstatus.Mprv | Mstatus.Fs));
        memory.FlushAll();
        hart.State->Pc = address;
        hart.State->X[A0] = (ulong)hart.Id;
        hart.State->X[A1] = opaque;
    }

    /// <summary>menvcfg: everything that the hart has is S-mode's.</summary>
    private static ulong Environment(HartFeatures features) =>
        (features.Zicbom ? Envcfg.Cbie | Envcfg.Cbcfe : 0)
        | (features.Zicboz ? Envcfg.Cbze : 0)
        | (features.Svpbmt ? Envcfg.Pbmte : 0)
        | (features.Svadu ? Envcfg.Adue : 0)
        | (features.Sstc ? Envcfg.Stce : 0);
}
