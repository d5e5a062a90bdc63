namespace RvJit.Machine;

/// <summary>
/// Every CSR that a machine hart may have, one row each (privileged manual, "CSR Listing"). Numbers that are missing here,
/// those of the hypervisor extension and of debug mode among them, are illegal.
/// </summary>
internal static class CsrTable
{
    /// <summary>mhpmcounter3 to mhpmcounter31 and their companions.</summary>
    private const int FirstEvent = 3;
    private const int Events = 29;

    private const int PmpEntries = 64;

    private const ulong UserStatus = Mstatus.Uie | Mstatus.Upie;

    /// <summary>Bits of sip that S-mode may write (privileged manual 1.11: those of user level, too, but for the timer's).</summary>
    private const ulong SupervisorPending =
        1UL << (int)InterruptBit.SupervisorSoftware | 1UL << (int)InterruptBit.UserSoftware | 1UL << (int)InterruptBit.UserExternal;

    /// <summary>Bits 11 to 9 of sedeleg are 0: what comes from S-mode or M-mode does not go to U-mode.</summary>
    private const ulong HigherEnvironmentCalls = 7UL << (int)TrapCause.EnvironmentCallFromS;

    /// <summary>Numbers of S-mode's delegation registers (privileged manual 1.11).</summary>
    private const int Sedeleg = 0x102;
    private const int Sideleg = 0x103;

    private static readonly CsrDefinition[] s_user =
    [
        Float(Csr.Fflags, "fflags", FloatingPointControl.ReadFlags, FloatingPointControl.WriteFlags),
        Float(Csr.Frm, "frm", FloatingPointControl.ReadFrm, FloatingPointControl.WriteFrm),
        Float(Csr.Fcsr, "fcsr", FloatingPointControl.Read, FloatingPointControl.Write),
        Counter(Csr.Cycle, "cycle", u => u.Counters.Cycle.Value),
        Counter(Csr.Time, "time", u => u.Clock.Time),
        Counter(Csr.Instret, "instret", u => u.Counters.Instret.Value),
        .. Enumerable.Range(FirstEvent, Events).Select(n => Counter(Csr.Cycle + n, $"hpmcounter{n}", _ => 0)),
    ];

    /// <summary>Extension N 1.1.</summary>
    private static readonly CsrDefinition[] s_userTraps =
    [
        .. ((CsrDefinition[])[
            new(Csr.Ustatus, "ustatus", u => u.State.Status & UserStatus, (u, v) => MstatusRules.Write(u, v, UserStatus)),
            new(Csr.Uie, "uie",
                u => u.Interrupts.Enabled & u.Interrupts.UserDelegated & InterruptController.UserBits,
                (u, v) => SetEnabled(u, v, u.Interrupts.UserDelegated & InterruptController.UserBits)),
            new(Csr.Utvec, "utvec", u => u.User.Vector, (u, v) => u.User.Vector = v) { Mask = _ => ~2UL },
            new(Csr.Uscratch, "uscratch", u => u.User.Scratch, (u, v) => u.User.Scratch = v),
            new(Csr.Uepc, "uepc", u => u.Aligned(u.User.Epc), (u, v) => u.User.Epc = v) { Mask = _ => ~1UL },
            new(Csr.Ucause, "ucause", u => u.User.Cause, (u, v) => u.User.Cause = v),
            new(Csr.Utval, "utval", u => u.User.Value, (u, v) => u.User.Value = v),
            new(Csr.Uip, "uip",
                u => u.Interrupts.Pending & u.Interrupts.UserDelegated & InterruptController.UserBits,
                (u, v) => SetPending(u, v, u.Interrupts.UserDelegated & UserTraps.Software))
            { Base = u => u.Interrupts.Software },
        ]).Select(d => d with { Exists = u => u.Features.UserTraps }),
        .. ((CsrDefinition[])[
            new(Sedeleg, "sedeleg", u => u.EffectiveUserExceptions, (u, v) => u.UserDelegatedExceptions = v & u.DelegatedExceptions)
            { Mask = f => DelegableExceptions(f) & ~HigherEnvironmentCalls },
            new(Sideleg, "sideleg", u => u.Interrupts.UserDelegated, SetUserDelegated) { Mask = LowerInterrupts },
        ]).Select(d => d with { Exists = u => u.Features is { UserTraps: true, Supervisor: true } }),
    ];

    /// <summary>What S-mode sees of uipi, and may switch off for its user code (docs/isa.md).</summary>
    private static readonly CsrDefinition[] s_userSending =
    [
        .. ((CsrDefinition[])[
            new(0x5C0, "suist", u => UserInterruptPort.ReadSenders(u.Hart), (u, v) => UserInterruptPort.WriteSenders(u.Hart, v)),
            new(0x5C1, "suirs", u => UserInterruptPort.ReadReceiver(u.Hart), (u, v) => UserInterruptPort.WriteReceiver(u.Hart, v)),
            new(0x5C2, "suicfg", u => UserInterruptPort.ReadConfiguration(u.Hart)),
        ]).Select(d => d with { Exists = u => u.Features is { UserSending: true, Supervisor: true } }),
    ];

    private static readonly CsrDefinition[] s_supervisor =
    [
        Supervisor(new(0x100, "sstatus",
            u => MstatusRules.Read(u.State) & MstatusRules.VisibleToSupervisor(u.Features),
            (u, v) => MstatusRules.Write(u, v, MstatusRules.WritableBySupervisor(u.Features)))),
        Supervisor(new(0x104, "sie",
            u => u.Interrupts.Enabled & u.Interrupts.Delegated,
            (u, v) => SetEnabled(u, v, u.Interrupts.Delegated))),
        Supervisor(new(0x105, "stvec", u => u.Supervisor.Vector, (u, v) => u.Supervisor.Vector = v) { Mask = _ => ~2UL }),
        Supervisor(new(0x106, "scounteren", u => u.Counters.SupervisorEnabled, (u, v) => u.Counters.SupervisorEnabled = v)
        { Mask = CounterBits }),
        Supervisor(new(0x10A, "senvcfg", u => u.State.Senvcfg, (u, v) => u.State.Senvcfg = LegalEnvcfg(v))
        { Mask = EnvcfgBits }),
        Supervisor(new(0x140, "sscratch", u => u.Supervisor.Scratch, (u, v) => u.Supervisor.Scratch = v)),
        Supervisor(new(0x141, "sepc", u => u.Aligned(u.Supervisor.Epc), (u, v) => u.Supervisor.Epc = v) { Mask = _ => ~1UL }),
        Supervisor(new(0x142, "scause", u => u.Supervisor.Cause, (u, v) => u.Supervisor.Cause = v)),
        Supervisor(new(0x143, "stval", u => u.Supervisor.Value, (u, v) => u.Supervisor.Value = v)),
        Supervisor(new(0x144, "sip",
            u => u.Interrupts.Pending & u.Interrupts.Delegated,
            (u, v) => SetPending(u, v, u.Interrupts.Delegated & SupervisorPending))
        { Base = u => u.Interrupts.Software & u.Interrupts.Delegated }),
        new(0x14D, "stimecmp", u => u.Interrupts.TimeCompare, (u, v) => SetTimeCompare(u, v))
        {
            Exists = u => u.Features is { Supervisor: true, Sstc: true },
            Permits = u => u.State.Mode == Privilege.Machine
                || ((u.State.Menvcfg & Envcfg.Stce) != 0 && u.Counters.IsVisible(MachineCounters.TimeBit)),
        },
        Supervisor(new(0x180, "satp", u => u.State.Satp, Satp.Write)
        {
            Permits = u => u.State.Mode == Privilege.Machine || !u.State.Is(Mstatus.Tvm),
        }),
    ];

    private static readonly CsrDefinition[] s_machine =
    [
        new(0x300, "mstatus", u => MstatusRules.Read(u.State), (u, v) => MstatusRules.Write(u, v, MstatusRules.Writable(u.Features))),
        new(0x301, "misa", u => u.Features.Misa),
        Delegation(new(0x302, "medeleg", u => u.DelegatedExceptions, (u, v) => u.DelegatedExceptions = v)
        { Mask = DelegableExceptions }),
        Delegation(new(0x303, "mideleg", u => u.Interrupts.Delegated, (u, v) => SetDelegated(u, v)) { Mask = LowerInterrupts }),
        new(0x304, "mie", u => u.Interrupts.Enabled, (u, v) => SetEnabled(u, v, ulong.MaxValue))
        {
            Mask = f => InterruptController.MachineBits | LowerInterrupts(f),
        },
        new(0x305, "mtvec", u => u.Machine.Vector, (u, v) => u.Machine.Vector = v) { Mask = _ => ~2UL },
        User(new(0x306, "mcounteren", u => u.Counters.MachineEnabled, (u, v) => u.Counters.MachineEnabled = v)
        { Mask = CounterBits }),
        User(new(0x30A, "menvcfg", u => u.State.Menvcfg, (u, v) => SetMenvcfg(u, LegalEnvcfg(v)))
        {
            Mask = f => EnvcfgBits(f) | (f.Svadu ? Envcfg.Adue : 0) | (f.Svpbmt ? Envcfg.Pbmte : 0) | (f.Sstc ? Envcfg.Stce : 0),
        }),
        new(0x320, "mcountinhibit", u => u.Counters.Inhibited, (u, v) => u.Counters.Inhibit(v))
        { Mask = f => CounterBits(f) & ~MachineCounters.TimeBit },
        .. Enumerable.Range(FirstEvent, Events).Select(n => new CsrDefinition(0x320 + n, $"mhpmevent{n}", _ => 0)),
        new(0x340, "mscratch", u => u.Machine.Scratch, (u, v) => u.Machine.Scratch = v),
        new(0x341, "mepc", u => u.Aligned(u.Machine.Epc), (u, v) => u.Machine.Epc = v) { Mask = _ => ~1UL },
        new(0x342, "mcause", u => u.Machine.Cause, (u, v) => u.Machine.Cause = v),
        new(0x343, "mtval", u => u.Machine.Value, (u, v) => u.Machine.Value = v),
        new(0x344, "mip", u => u.Interrupts.Pending, (u, v) => SetPending(u, v, u.Interrupts.Writable))
        { Base = u => u.Interrupts.Software },
        new(0x747, "mseccfg", u => u.Hart.Pmp.Security, (u, v) => PmpCsrs.WriteSecurity(u.Hart, v))
        { Exists = u => u.Features.Smepmp && u.Hart.Pmp.Count > 0 },

        // No triggers: tselect stays at 0, where there is none (debug specification, "Enumeration"; tinfo.INFO is then 1).
        new(0x7A0, "tselect", _ => 0),
        new(0x7A1, "tdata1", _ => 0),
        new(0x7A2, "tdata2", _ => 0),
        new(0x7A3, "tdata3", _ => 0),
        new(0x7A4, "tinfo", _ => 1),
        new(0x7A5, "tcontrol", _ => 0),
        new(0xB00, "mcycle", u => u.Counters.Cycle.Value, (u, v) => u.Counters.Cycle.Set(v)),
        new(0xB02, "minstret", u => u.Counters.Instret.Value, (u, v) => u.Counters.SetInstret(v)),
        .. Enumerable.Range(FirstEvent, Events).Select(n => new CsrDefinition(0xB00 + n, $"mhpmcounter{n}", _ => 0)),
        new(0xF11, "mvendorid", _ => 0),
        new(0xF12, "marchid", _ => 0),
        new(0xF13, "mimpid", _ => 0),
        new(0xF14, "mhartid", u => (ulong)u.Hart.Id),
        new(0xF15, "mconfigptr", _ => 0),
    ];

    private static readonly CsrDefinition[] s_pmp =
    [
        .. Enumerable.Range(0, PmpEntries / PmpCsrs.EntriesOfConfig).Select(n => Pmp(new(
            0x3A0 + (2 * n),
            $"pmpcfg{2 * n}",
            u => PmpCsrs.ReadConfig(u.Hart.Pmp, n * PmpCsrs.EntriesOfConfig),
            (u, v) => PmpCsrs.WriteConfig(u.Hart, n * PmpCsrs.EntriesOfConfig, v)))),
        .. Enumerable.Range(0, PmpEntries).Select(n => Pmp(new(
            0x3B0 + n, $"pmpaddr{n}", u => PmpCsrs.ReadAddress(u.Hart.Pmp, n), (u, v) => PmpCsrs.WriteAddress(u.Hart, n, v)))),
    ];

    public static IReadOnlyList<CsrDefinition> Definitions { get; } = [.. s_user, .. s_userTraps, .. s_userSending, .. s_supervisor, .. s_machine, .. s_pmp];

    private delegate uint FloatReader(in HartState state);

    private delegate void FloatWriter(ref HartState state, uint value);

    private static unsafe CsrDefinition Float(int number, string name, FloatReader read, FloatWriter write) =>
        new(number, name, u => read(*u.Hart.State), (u, v) =>
        {
            write(ref *u.Hart.State, (uint)v);
            u.State.SetStatus(u.State.Status | Mstatus.Fs);
        })
        {
            Exists = u => u.Features.Float,
            Mask = _ => number switch { Csr.Fflags => 0x1F, Csr.Frm => 7, _ => 0xFF },
            Permits = u => u.State.FloatStatus != FloatStatus.Off,
        };

    private static CsrDefinition Counter(int number, string name, Func<PrivilegedUnit, ulong> read)
    {
        ulong bit = 1UL << (number - Csr.Cycle);
        return new(number, name, read)
        {
            Exists = u => (CounterBits(u.Features) & bit) != 0,
            Permits = u => u.Counters.IsVisible(bit),
        };
    }

    /// <summary>Where there is a level to delegate to.</summary>
    private static CsrDefinition Delegation(CsrDefinition definition) =>
        definition with { Exists = u => u.Features.Supervisor || u.Features.UserTraps };

    private static CsrDefinition User(CsrDefinition definition) => definition with { Exists = u => u.Features.User };

    private static CsrDefinition Supervisor(CsrDefinition definition) => definition with { Exists = u => u.Features.Supervisor };

    private static CsrDefinition Pmp(CsrDefinition definition) => definition with { Exists = u => u.Hart.Pmp.Count > 0 };

    /// <summary>The interrupts of the levels below M-mode that the hart has.</summary>
    private static ulong LowerInterrupts(HartFeatures features) =>
        (features.Supervisor ? InterruptController.SupervisorBits : 0) | (features.UserTraps ? InterruptController.UserBits : 0);

    private static ulong CounterBits(HartFeatures features) =>
        (features.Zicntr ? MachineCounters.BaseBits : 0) | (features.Zihpm ? MachineCounters.EventBits : 0);

    /// <summary>With 16-bit alignment, no instruction address is misaligned.</summary>
    private static ulong DelegableExceptions(HartFeatures features) =>
        TrapCauses.Delegable & ~(features.Compressed ? 1UL << (int)TrapCause.InstructionAddressMisaligned : 0);

    private static ulong EnvcfgBits(HartFeatures features) =>
        Envcfg.Fiom | (features.Zicbom ? Envcfg.Cbie | Envcfg.Cbcfe : 0) | (features.Zicboz ? Envcfg.Cbze : 0);

    /// <summary>CBIE = 2 is reserved.</summary>
    private static ulong LegalEnvcfg(ulong value) => (value & Envcfg.Cbie) >> Envcfg.CbieShift == 2 ? value & ~Envcfg.Cbie : value;

    private static void SetMenvcfg(PrivilegedUnit unit, ulong value)
    {
        unit.State.SetMenvcfg(value);
        unit.Interrupts.ArmTimer();
        unit.Interrupts.Notify();
    }

    private static void SetTimeCompare(PrivilegedUnit unit, ulong value)
    {
        unit.Interrupts.TimeCompare = value;
        unit.Interrupts.Notify();
    }

    private static void SetEnabled(PrivilegedUnit unit, ulong value, ulong mask)
    {
        unit.Interrupts.Enabled = (unit.Interrupts.Enabled & ~mask) | (value & mask);
        unit.Interrupts.Notify();
    }

    private static void SetDelegated(PrivilegedUnit unit, ulong value)
    {
        unit.Interrupts.Delegated = value;
        unit.Interrupts.Notify();
    }

    /// <summary>Only what is delegated to S-mode can be delegated further.</summary>
    private static void SetUserDelegated(PrivilegedUnit unit, ulong value)
    {
        unit.Interrupts.SupervisorDelegated = value & unit.Interrupts.Delegated;
        unit.Interrupts.Notify();
    }

    private static void SetPending(PrivilegedUnit unit, ulong value, ulong mask)
    {
        unit.Interrupts.WritePending(mask, value);
        unit.Interrupts.Notify();
    }
}
