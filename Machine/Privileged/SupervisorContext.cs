namespace RvJit.Machine;

/// <summary>
/// The supervisor's part of a context of execution: the mode, mstatus and the S-level and U-level CSRs, which M-mode swaps when it
/// gives a hart to another supervisor. The general part is <see cref="HartContext"/>.
/// </summary>
public struct SupervisorContext
{
    /// <summary>UXL and SXL for 64 bits, floating point off: as a supervisor starts.</summary>
    private const ulong FreshStatus = Mstatus.Xlen64 << Mstatus.UxlShift | Mstatus.Xlen64 << Mstatus.SxlShift;

    private Privilege _mode;
    private ulong _status;
    private ulong _satp;
    private ulong _senvcfg;
    private ulong _enabled;
    private ulong _pending;
    private ulong _counters;
    private ulong _vector;
    private ulong _scratch;
    private ulong _epc;
    private ulong _cause;
    private ulong _value;
    private ulong _userExceptions;
    private ulong _userInterrupts;
    private ulong _userVector;
    private ulong _userScratch;
    private ulong _userEpc;
    private ulong _userCause;
    private ulong _userValue;

    /// <summary>S-mode, untranslated, with nothing set up but who may read which counters (scounteren).</summary>
    public static SupervisorContext Fresh(ulong counters) =>
        new() { _mode = Privilege.Supervisor, _status = FreshStatus, _counters = counters };

    public void Save(PrivilegedUnit unit)
    {
        PrivilegeState state = unit.State;
        _mode = state.Mode;
        _status = state.Status;
        _satp = state.Satp;
        _senvcfg = state.Senvcfg;
        _enabled = unit.Interrupts.Enabled;
        _pending = unit.Interrupts.Software;
        _counters = unit.Counters.SupervisorEnabled;
        TrapRegisters registers = unit.Supervisor;
        _vector = registers.Vector;
        _scratch = registers.Scratch;
        _epc = registers.Epc;
        _cause = registers.Cause;
        _value = registers.Value;
        _userExceptions = unit.UserDelegatedExceptions;
        _userInterrupts = unit.Interrupts.SupervisorDelegated;
        registers = unit.User;
        _userVector = registers.Vector;
        _userScratch = registers.Scratch;
        _userEpc = registers.Epc;
        _userCause = registers.Cause;
        _userValue = registers.Value;
    }

    /// <summary>The hart's memory must be the context's by now.</summary>
    public readonly void Restore(PrivilegedUnit unit)
    {
        TrapRegisters registers = unit.Supervisor;
        registers.Vector = _vector;
        registers.Scratch = _scratch;
        registers.Epc = _epc;
        registers.Cause = _cause;
        registers.Value = _value;
        unit.UserDelegatedExceptions = _userExceptions;
        unit.Interrupts.SupervisorDelegated = _userInterrupts;
        registers = unit.User;
        registers.Vector = _userVector;
        registers.Scratch = _userScratch;
        registers.Epc = _userEpc;
        registers.Cause = _userCause;
        registers.Value = _userValue;
        unit.Counters.SupervisorEnabled = _counters;
        unit.Interrupts.Enabled = _enabled;
        if (unit.Interrupts.Software != _pending)
            unit.Interrupts.WritePending(InterruptController.SupervisorBits | InterruptController.UserBits, _pending);
        unit.State.Restore(_mode, _status, _satp, _senvcfg);
        unit.Interrupts.NotifyUser();
    }
}
