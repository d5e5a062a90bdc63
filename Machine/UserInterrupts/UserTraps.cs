namespace RvJit.Machine;

/// <summary>
/// User-level traps of a context of execution whose supervisor is native: the registers of the N extension (version 1.1;
/// chapter "N" of the privileged manual, edition of 2019), what of them is delegated to user code. Whoever moves
/// a hart between contexts switches the whole object (<see cref="Hart.SwitchUserInterrupts"/>), so nothing of one is left
/// in another.
/// </summary>
/// <remarks>Owned by the hart's thread.</remarks>
public sealed unsafe class UserTraps(UserInterruptPort? port, ExtensionSet extensions)
{
    /// <summary>What user code may be delegated.</summary>
    public const ulong Interrupts =
        1UL << (int)InterruptBit.UserSoftware | 1UL << (int)InterruptBit.UserTimer | 1UL << (int)InterruptBit.UserExternal;

    /// <summary>All that there is here: no device interrupts a program.</summary>
    public const ulong Software = 1UL << (int)InterruptBit.UserSoftware;

    private const ulong VectorMask = ~2UL;

    private readonly TrapRegisters _registers = new();
    private readonly ulong _alignment = extensions.Contains("zca") ? ~1UL : ~3UL;
    private ulong _status;
    private ulong _enabled;
    private ulong _software;

    /// <summary>sedeleg: exceptions that user code handles itself.</summary>
    public ulong DelegatedExceptions { get; set; }

    /// <summary>sideleg; the rest is nobody's here.</summary>
    public ulong DelegatedInterrupts { get; set; }

    internal UserInterruptPort? Port => port;

    /// <summary>uip, and the user bits of mip.</summary>
    private ulong Pending => _software | (port?.IsRaised == true ? Software : 0);

    /// <summary>The interrupts that would be taken at the next instruction of user code.</summary>
    private ulong Takeable => (_status & Mstatus.Uie) != 0 ? Pending & _enabled & DelegatedInterrupts : 0;

    /// <summary>The same delegation and senders, nothing set up, nobody's receiver: for another thread of the program.</summary>
    public UserTraps ForNewThread(ExtensionSet extensions) =>
        new(port is null ? null : new UserInterruptPort(port.Controller) { Senders = port.Senders }, extensions)
        {
            DelegatedExceptions = DelegatedExceptions,
            DelegatedInterrupts = DelegatedInterrupts,
        };

    /// <summary>Between two instructions: takes a user interrupt if there is one.</summary>
    public bool TryTakeInterrupt(Hart hart)
    {
        if ((Takeable & Software) == 0)
            return false;
        port?.Controller.Add(UserInterruptController.Count.Taken, hart.Id);
        Take(hart.State, TrapCauses.Interrupt | (ulong)InterruptBit.UserSoftware, 0);
        return true;
    }

    /// <summary>An instruction trapped: takes the exception if it is delegated to user code.</summary>
    public bool TryTakeException(Hart hart, in Trap trap)
    {
        if ((ulong)trap.Cause >= 64 || (DelegatedExceptions >> (int)trap.Cause & 1) == 0)
            return false;
        Take(hart.State, (ulong)trap.Cause, trap.Value);
        return true;
    }

    /// <summary>uret.</summary>
    public void Return(Hart hart)
    {
        _status = Mstatus.With(_status, Mstatus.Uie, (_status & Mstatus.Upie) != 0) | Mstatus.Upie;
        hart.State->Pc = _registers.Epc & _alignment;
        hart.State->ReservationAddress = HartState.NoReservation;
        Look(hart);
    }

    public bool TryRead(int csr, out ulong value)
    {
        ulong? read = csr switch
        {
            Csr.Ustatus => _status,
            Csr.Uie => _enabled & DelegatedInterrupts,
            Csr.Utvec => _registers.Vector,
            Csr.Uscratch => _registers.Scratch,
            Csr.Uepc => _registers.Epc & _alignment,
            Csr.Ucause => _registers.Cause,
            Csr.Utval => _registers.Value,
            Csr.Uip => Pending & DelegatedInterrupts,
            _ => null,
        };
        value = read ?? 0;
        return read is not null;
    }

    public bool TryWrite(Hart hart, int csr, ulong value)
    {
        switch (csr)
        {
            case Csr.Ustatus:
                _status = value & (Mstatus.Uie | Mstatus.Upie);
                break;
            case Csr.Uie:
                _enabled = (_enabled & ~DelegatedInterrupts) | (value & DelegatedInterrupts & Interrupts);
                break;
            case Csr.Utvec:
                _registers.Vector = value & VectorMask;
                break;
            case Csr.Uscratch:
                _registers.Scratch = value;
                break;
            case Csr.Uepc:
                _registers.Epc = value & ~1UL;
                break;
            case Csr.Ucause:
                _registers.Cause = value;
                break;
            case Csr.Utval:
                _registers.Value = value;
                break;
            case Csr.Uip:
                if ((DelegatedInterrupts & Software) != 0)
                    _software = value & Software;
                break;
            default:
                return false;
        }

        Look(hart);
        return true;
    }

    /// <summary>Setting and clearing bits of uip starts from what software has set: what is sent is not software's to keep.</summary>
    public bool TryModify(Hart hart, int csr, ulong set, ulong clear, out ulong old) =>
        TryRead(csr, out old) && TryWrite(hart, csr, ((csr == Csr.Uip ? _software : old) & ~clear) | set);

    /// <summary>A hart runs the context from now on.</summary>
    internal void Attach(Hart hart)
    {
        port?.Attach(hart);
        Look(hart);
    }

    /// <summary>Something changed: translated code is left when an interrupt can be taken.</summary>
    private void Look(Hart hart)
    {
        if (Takeable != 0)
            hart.Nudge();
    }

    private void Take(HartState* state, ulong cause, ulong value)
    {
        _status = Mstatus.With(_status, Mstatus.Upie, (_status & Mstatus.Uie) != 0) & ~Mstatus.Uie;
        state->Pc = _registers.Take(state->Pc, cause, value);
    }
}
