namespace RvJit.Machine;

/// <summary>
/// The privileged architecture of one machine hart: its registers beyond those of user code, and the instructions and
/// traps that work on them.
/// </summary>
public sealed unsafe class PrivilegedUnit : IPrivilegedUnit
{
    private readonly Hart _hart;
    private readonly MachineCsrs _csrs;

    /// <summary>Gives the hart, which has its memory, CSRs, privileged instructions and trap handling, as after reset.</summary>
    public PrivilegedUnit(Hart hart, HartFeatures features, IMachineClock clock, bool cyclesAreInstructions = false)
    {
        _hart = hart;
        Features = features;
        Clock = clock;
        State = new PrivilegeState(hart, features);
        Interrupts = new InterruptController(hart, State, clock);
        Counters = new MachineCounters(hart, State, cyclesAreInstructions);
        Traps = new MachineTraps(this);
        _csrs = new MachineCsrs(this);
        Install(Traps);
    }

    public HartFeatures Features { get; }

    public IMachineClock Clock { get; }

    public PrivilegeState State { get; }

    public InterruptController Interrupts { get; }

    public MachineCounters Counters { get; }

    public MachineTraps Traps { get; }

    public TrapRegisters Machine { get; } = new();

    public TrapRegisters Supervisor { get; } = new();

    public TrapRegisters User { get; } = new();

    /// <summary>medeleg.</summary>
    public ulong DelegatedExceptions { get; set; }

    /// <summary>sedeleg; without S-mode, medeleg delegates to U-mode.</summary>
    public ulong UserDelegatedExceptions { get; set; }

    /// <summary>The exceptions that U-mode takes itself.</summary>
    internal ulong EffectiveUserExceptions =>
        !Features.UserTraps ? 0
        : Features.Supervisor ? UserDelegatedExceptions & DelegatedExceptions
        : DelegatedExceptions;

    internal Hart Hart => _hart;

    public Privilege Mode => State.Mode;

    /// <summary>Whether its S- and U-mode are an enclave's: their transitions count.</summary>
    public bool IsEnclave { get; init; }

    /// <summary>The hart has CSRs and privileged instructions from now on, and somebody who takes its traps.</summary>
    public void Install(ITrapHandler traps)
    {
        _hart.Csrs = _csrs;
        _hart.Privileged = this;
        _hart.TrapHandler = traps;
    }

    /// <summary>The hart runs user code under a native supervisor from now on, as before <see cref="Install"/>.</summary>
    public void Remove()
    {
        _hart.Csrs = UserCsrs.Instance;
        _hart.Privileged = null;
        _hart.TrapHandler = null;
        _hart.State->FloatTrapped = 0;
        _hart.State->BlockZeroTrapped = 0;
    }

    public TrapCause EnvironmentCall => State.Mode switch
    {
        Privilege.User => TrapCause.EnvironmentCallFromU,
        Privilege.Supervisor => TrapCause.EnvironmentCallFromS,
        _ => TrapCause.EnvironmentCallFromM,
    };

    /// <summary>xepc as it reads, and as xRET uses it: aligned as instructions are.</summary>
    public ulong Aligned(ulong epc) => epc & ~(Features.Compressed ? 1UL : 3UL);

    public bool TryReturn(Privilege level, uint word, out Trap trap)
    {
        Privilege mode = State.Mode;
        bool allowed = level switch
        {
            Privilege.Machine => mode == Privilege.Machine,
            Privilege.Supervisor => Features.Supervisor
                && (mode == Privilege.Machine || (mode == Privilege.Supervisor && !State.Is(Mstatus.Tsr))),
            _ => Features.UserTraps,
        };
        if (!allowed)
            return Illegal(word, out trap);
        ulong status = State.Status;
        Privilege target;
        switch (level)
        {
            case Privilege.Machine:
                target = Mstatus.MppOf(status);
                status = Mstatus.With(status, Mstatus.Mie, State.Is(Mstatus.Mpie)) | Mstatus.Mpie;
                status = Mstatus.WithMpp(status, Features.User ? Privilege.User : Privilege.Machine);
                break;
            case Privilege.Supervisor:
                target = State.Is(Mstatus.Spp) ? Privilege.Supervisor : Privilege.User;
                status = Mstatus.With(status, Mstatus.Sie, State.Is(Mstatus.Spie)) | Mstatus.Spie;
                status &= ~Mstatus.Spp;
                break;
            default:
                target = Privilege.User;
                status = Mstatus.With(status, Mstatus.Uie, State.Is(Mstatus.Upie)) | Mstatus.Upie;
                break;
        }

        if (target != Privilege.Machine)
            status &= ~Mstatus.Mprv;
        _hart.State->Pc = Aligned(RegistersOf(level).Epc);
        _hart.State->ReservationAddress = HartState.NoReservation;
        State.Enter(target, status);
        if (IsEnclave && mode != Privilege.User && target == Privilege.User)
            _hart.Transitions.Count(TransitionKind.EnclaveSupervisorToUser);
        Traps.NoteReturn();
        Interrupts.Notify();
        trap = default;
        return true;
    }

    public void TakeUserInterrupt() => Traps.TakeUserInterrupt(_hart);

    public bool TryWait(uint word, out Trap trap)
    {
        bool allowed = State.Mode switch
        {
            Privilege.Machine => true,
            Privilege.User when Features.Supervisor => false,
            _ => !State.Is(Mstatus.Tw),
        };
        if (!allowed)
            return Illegal(word, out trap);
        Interrupts.Wait();
        trap = default;
        return true;
    }

    public bool TryUseFloat()
    {
        if (State.FloatStatus == FloatStatus.Off)
            return false;
        State.SetStatus(State.Status | Mstatus.Fs);
        return true;
    }

    public bool TryFenceTranslation(uint word, ulong? address, ulong? space, out Trap trap)
    {
        if (!Features.Paged || (State.Is(Mstatus.Tvm) && State.Mode != Privilege.Machine))
            return Illegal(word, out trap);
        if (!TryOrderTranslation(word, out trap))
            return false;
        _hart.Translation?.Flush(address, space);
        return true;
    }

    public bool TryOrderTranslation(uint word, out Trap trap)
    {
        if (!Features.Paged || State.Mode < Privilege.Supervisor)
            return Illegal(word, out trap);
        trap = default;
        return true;
    }

    public bool Permits(CacheBlockOperation operation)
    {
        ulong field = operation switch
        {
            CacheBlockOperation.Invalidate => Envcfg.Cbie,
            CacheBlockOperation.CleanOrFlush => Envcfg.Cbcfe,
            _ => Envcfg.Cbze,
        };
        return State.Mode switch
        {
            Privilege.Machine => true,
            Privilege.User when Features.Supervisor => (State.Menvcfg & field) != 0 && (State.Senvcfg & field) != 0,
            _ => (State.Menvcfg & field) != 0,
        };
    }

    /// <summary>The registers by which a level takes its traps.</summary>
    internal TrapRegisters RegistersOf(Privilege level) => level switch
    {
        Privilege.Machine => Machine,
        Privilege.Supervisor => Supervisor,
        _ => User,
    };

    private static bool Illegal(uint word, out Trap trap)
    {
        trap = new Trap(TrapCause.IllegalInstruction, word);
        return false;
    }
}
