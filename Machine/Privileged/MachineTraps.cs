namespace RvJit.Machine;

/// <summary>
/// Takes traps as hardware does (privileged manual, "Machine Trap Delegation Registers", "Privilege and Global
/// Interrupt-Enable Stack in mstatus register"): to S-mode and U-mode what is delegated to them, to M-mode the rest.
/// </summary>
public sealed unsafe class MachineTraps(PrivilegedUnit unit) : ITrapHandler
{
    private readonly TrapLoop _loop = new();

    /// <summary>The requests that ended the hart's thread.</summary>
    public HartRequests EndedBy { get; private set; }

    /// <summary>Why the hart gave up, or null.</summary>
    public MachineStop? Failure { get; private set; }

    /// <summary>Serves the ecalls of S-mode when M-mode is native.</summary>
    public INativeFirmware? Firmware { get; set; }

    public TrapOutcome Handle(Hart hart, in Trap trap)
    {
        if (trap.Cause == TrapCause.Requested)
            return Serve(hart);
        if (trap.Cause == TrapCause.EnvironmentCallFromS && Firmware is { } firmware)
        {
            _loop.Forget();
            return firmware.Call(hart);
        }

        if (_loop.IsStuck(hart, trap, Target((ulong)trap.Cause), out string reason))
        {
            Failure = MachineStop.Of(hart, reason);
            return TrapOutcome.Exit;
        }

        Take(hart, (ulong)trap.Cause, trap.Value, Target((ulong)trap.Cause));
        return TrapOutcome.Resume;
    }

    /// <summary>
    /// Native M-mode lets S-mode take a trap, whether or not it is delegated. False, with the reason: the handler there
    /// has failed at it too often.
    /// </summary>
    public bool TryRedirect(Hart hart, in Trap trap, out string reason)
    {
        if (_loop.IsStuck(hart, trap, Privilege.Supervisor, out reason))
            return false;
        Take(hart, (ulong)trap.Cause, trap.Value, Privilege.Supervisor);
        return true;
    }

    /// <summary>The hart returned from a trap, or native M-mode served one.</summary>
    public void NoteReturn() => _loop.Forget();

    internal void TakeUserInterrupt(Hart hart)
    {
        if (!unit.Interrupts.TryTake(out InterruptBit bit))
            return;
        ulong cause = TrapCauses.Interrupt | (ulong)bit;
        if (Target(cause) != Privilege.User)
            return; // it has just come, and the request for it comes, too
        _loop.Forget();
        hart.UserInterruptPort?.Controller.Add(UserInterruptController.Count.Taken, hart.Id);
        Take(hart, cause, 0, Privilege.User);
    }

    private TrapOutcome Serve(Hart hart)
    {
        HartRequests requests = hart.TakeRequests();
        if ((requests & (HartRequests.Stop | HartRequests.Limit)) != 0)
        {
            EndedBy = requests;
            return TrapOutcome.Exit;
        }

        if (unit.Interrupts.TryTake(out InterruptBit bit))
        {
            _loop.Forget();
            ulong cause = TrapCauses.Interrupt | (ulong)bit;
            Take(hart, cause, 0, Target(cause));
        }

        return TrapOutcome.Resume;
    }

    /// <summary>The mode that takes a trap: never a lower one than the trap comes from.</summary>
    private Privilege Target(ulong cause)
    {
        bool interrupt = (cause & TrapCauses.Interrupt) != 0;
        ulong fromMachine = interrupt ? unit.Interrupts.Delegated : unit.DelegatedExceptions;
        ulong toUser = interrupt ? unit.Interrupts.UserDelegated : unit.EffectiveUserExceptions;
        int bit = (int)(cause & 63);
        Privilege mode = unit.State.Mode;
        if (mode == Privilege.User && (toUser >> bit & 1) != 0)
            return Privilege.User;
        bool supervisor = unit.Features.Supervisor && mode <= Privilege.Supervisor && (fromMachine >> bit & 1) != 0;
        return supervisor ? Privilege.Supervisor : Privilege.Machine;
    }

    private void Take(Hart hart, ulong cause, ulong value, Privilege target)
    {
        PrivilegeState state = unit.State;
        ulong status = state.Status;
        if (target == Privilege.User)
        {
            status = Mstatus.With(status, Mstatus.Upie, state.Is(Mstatus.Uie));
            status &= ~Mstatus.Uie;
        }
        else if (target == Privilege.Supervisor)
        {
            status = Mstatus.With(status, Mstatus.Spie, state.Is(Mstatus.Sie));
            status = Mstatus.With(status, Mstatus.Spp, state.Mode == Privilege.Supervisor);
            status &= ~Mstatus.Sie;
        }
        else
        {
            status = Mstatus.With(status, Mstatus.Mpie, state.Is(Mstatus.Mie));
            status = Mstatus.WithMpp(status, state.Mode);
            status &= ~Mstatus.Mie;
        }

        hart.State->Pc = unit.RegistersOf(target).Take(hart.State->Pc, cause, value);
        state.Enter(target, status);
    }
}
