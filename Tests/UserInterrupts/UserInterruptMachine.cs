using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.UserInterrupts;

/// <summary>
/// A machine hart with extension N and a handler for each privilege level, of breakpoints: where a run ends says who
/// took what.
/// </summary>
internal sealed class UserInterruptMachine : IDisposable
{
    public const ulong Code = MachineHarness.Code;
    public const ulong MachineHandler = Code + 0x1000;
    public const ulong SupervisorHandler = Code + 0x2000;
    public const ulong UserHandler = Code + 0x3000;

    private readonly MachineHarness _guest;

    public UserInterruptMachine(Tier tier, string isa = IsaString.Max, bool supervisor = true)
    {
        Assert.That(IsaString.TryParse(isa, out ExtensionSet? set, out string? error), error);
        _guest = new MachineHarness(tier, pmpEntries: 16);
        Unit = new PrivilegedUnit(_guest.Harts[0], new HartFeatures(set!, supervisor: supervisor), new ManualClock());
        this["mtvec"] = MachineHandler;
        if (supervisor)
            this["stvec"] = SupervisorHandler;
        if (Unit.Features.UserTraps)
            this["utvec"] = UserHandler;
        this["pmpaddr15"] = ulong.MaxValue;
        this["pmpcfg2"] = (ulong)(PmpRegisters.ModeNapot | (byte)Access.All) << 56;
    }

    public PrivilegedUnit Unit { get; }

    public Span<ulong> X => _guest.X;

    public Privilege Mode => Unit.State.Mode;

    /// <summary>What the hart's uipi works on.</summary>
    public UserInterruptPort? Port
    {
        get => Hart.UserInterruptPort;
        set => Hart.SwitchUserInterrupts(value);
    }

    private Hart Hart => _guest.Harts[0];

    /// <summary>A CSR, reached from M-mode whatever the mode is.</summary>
    public ulong this[string csr]
    {
        get => InMachineMode(() => Hart.Csrs.TryRead(Hart, PrivilegedHart.Number(csr), out ulong value) ? value : throw new ArgumentException(csr));
        set => InMachineMode(() => Hart.Csrs.TryWrite(Hart, PrivilegedHart.Number(csr), value) ? 0UL : throw new ArgumentException(csr));
    }

    public bool CanRead(string csr) => Hart.Csrs.TryRead(Hart, PrivilegedHart.Number(csr), out _);

    public ulong Assemble(ulong address, params ReadOnlySpan<uint> words) => _guest.Assemble(address, words);

    /// <summary>Runs from <see cref="Code"/> in a mode until a breakpoint that nobody handles here, and returns its address.</summary>
    public unsafe ulong Run(Privilege mode)
    {
        Unit.State.Enter(mode, Unit.State.Status);
        Unit.Interrupts.Notify();
        Hart.State->Pc = Code;
        while (true)
        {
            Trap trap = _guest.Engine.Run(Hart);
            if (trap.Cause == TrapCause.Breakpoint)
                return trap.Value;
            Assert.That(Unit.Traps.Handle(Hart, trap), Is.EqualTo(TrapOutcome.Resume));
        }
    }

    public void Dispose() => _guest.Dispose();

    private ulong InMachineMode(Func<ulong> access)
    {
        Privilege mode = Mode;
        Unit.State.Enter(Privilege.Machine, Unit.State.Status);
        try
        {
            return access();
        }
        finally
        {
            Unit.State.Enter(mode, Unit.State.Status);
        }
    }
}
