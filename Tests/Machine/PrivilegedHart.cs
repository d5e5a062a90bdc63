using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator.Isa;

namespace RvJit.Tests.Machine;

/// <summary>A machine hart without memory: its CSRs, privileged instructions and traps, and a clock that stands still.</summary>
internal sealed unsafe class PrivilegedHart : IDisposable
{
    public const ulong Start = 0x8000_0000;

    public PrivilegedHart(string? isa = null, bool user = true, bool supervisor = true, int pmpEntries = 16, int id = 0)
    {
        isa ??= ExtensionSet.Ratified.ToString();
        if (!IsaString.TryParse(isa, out ExtensionSet? set, out string? error))
            throw new ArgumentException(error, nameof(isa));
        Hart = new Hart(id, pmpEntries);
        Unit = new PrivilegedUnit(Hart, new HartFeatures(set, user, supervisor), Clock, cyclesAreInstructions: true);
        Hart.State->Pc = Start;
    }

    public Hart Hart { get; }

    public PrivilegedUnit Unit { get; }

    public ManualClock Clock { get; } = new();

    public ulong Pc => Hart.State->Pc;

    public Privilege Mode => Unit.State.Mode;

    /// <summary>Reads as csrr does; fails the test when that is illegal.</summary>
    public ulong this[string csr]
    {
        get => Hart.Csrs.TryRead(Hart, Number(csr), out ulong value) ? value : throw new InvalidOperationException($"{csr} is illegal");
        set
        {
            if (!Hart.Csrs.TryWrite(Hart, Number(csr), value))
                throw new InvalidOperationException($"{csr} cannot be written");
        }
    }

    public static int Number(string csr) =>
        CsrNames.TryParse(csr, out int number) ? number : throw new ArgumentException($"no CSR is called {csr}", nameof(csr));

    public bool CanRead(int csr) => Hart.Csrs.TryRead(Hart, csr, out _);

    public bool CanRead(string csr) => CanRead(Number(csr));

    public bool CanWrite(int csr, ulong value = 0) => Hart.Csrs.TryWrite(Hart, csr, value);

    public bool CanWrite(string csr, ulong value = 0) => CanWrite(Number(csr), value);

    /// <summary>Executes one instruction as the engine's precise step does, counted; null when it did not trap.</summary>
    public Trap? Execute(uint word)
    {
        Instruction i = InstructionSet.Max.Decode(word);
        if (!i.Row!.Execute(Hart, i, out Trap trap))
            return trap;
        Hart.State->Retired++;
        return null;
    }

    public Trap? Execute(string row, int rd = 0, int rs1 = 0, int rs2 = 0, string? csr = null, int uimm = 0) =>
        Execute(Encoder.Word(row, rd: rd, rs1: rs1, rs2: rs2, csr: csr is null ? 0 : Number(csr), uimm: uimm));

    /// <summary>Goes to a mode by mret, at a pc; M-mode's interrupt enable ends up clear.</summary>
    public void Enter(Privilege mode, ulong pc = Start)
    {
        if (Mode != Privilege.Machine)
            Unit.State.Enter(Privilege.Machine, Unit.State.Status);
        this["mepc"] = pc;
        this["mstatus"] = Mstatus.WithMpp(this["mstatus"] & ~Mstatus.Mpie, mode);
        if (Execute("mret") is { } trap)
            throw new InvalidOperationException($"mret: {trap}");
    }

    public TrapOutcome Take(TrapCause cause, ulong value = 0) => Unit.Traps.Handle(Hart, new Trap(cause, value));

    /// <summary>What the engine does when it polls: serves requests if there are any.</summary>
    public bool Poll()
    {
        if (Hart.Requests == HartRequests.None)
            return false;
        Unit.Traps.Handle(Hart, Trap.Requested);
        return true;
    }

    public void Dispose() => Hart.Dispose();
}

/// <summary>mtime as a test sets it.</summary>
internal sealed class ManualClock : IMachineClock
{
    private IAlarm? _alarm;
    private ulong _due = ulong.MaxValue;

    public ulong Time { get; private set; }

    public void SetAlarm(IAlarm alarm, ulong time) => (_alarm, _due) = (alarm, time);

    public void Advance(ulong time)
    {
        Time = time;
        if (time >= _due)
            _alarm?.Ring();
    }
}
