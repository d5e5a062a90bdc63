using NUnit.Framework;
using RvJit.Machine;
using RvJit.Machine.Paging;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Machine;

/// <summary>Guest code that uses the privileged architecture, in both tiers.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed unsafe class PrivilegedGuestTests : IDisposable
{
    private const ulong Handler = MachineHarness.Code + 0x2000;
    private const ulong Data = MachineHarness.Data;
    private const int SecondsUntilHung = 60;

    private readonly MachineHarness _guest;
    private readonly PrivilegedUnit _unit;
    private readonly ManualClock _clock = new();

    public PrivilegedGuestTests(Tier tier)
    {
        _guest = new MachineHarness(tier, pmpEntries: 16);
        _unit = new PrivilegedUnit(_guest.Harts[0], new HartFeatures(ExtensionSet.Max), _clock);
        Write("mtvec", Handler);
        Write("pmpaddr15", ulong.MaxValue);
        Write("pmpcfg2", (ulong)(PmpRegisters.ModeNapot | (byte)Access.All) << 56);
    }

    private Hart Hart => _guest.Harts[0];

    public void Dispose() => _guest.Dispose();

    [Test]
    public void AnInterruptLeavesALoopThatOnlyTurns()
    {
        Write("mie", 1UL << (int)InterruptBit.MachineTimer);
        Write("mstatus", Mstatus.Mie);
        _guest.Assemble(MachineHarness.Code, Encoder.Word("addi", rd: 10, rs1: 10, imm: 1), Encoder.Word("jal", imm: -4));
        Hart.State->Pc = MachineHarness.Code;

        Task<Trap> run = Task.Run(RunToBreakpoint);
        Assert.That(run.Wait(20), Is.False);
        _unit.Interrupts.SetLine(InterruptBit.MachineTimer, true);

        Assert.That(run.Wait(TimeSpan.FromSeconds(SecondsUntilHung)));
        Assert.That(run.Result.Value, Is.EqualTo(Handler), "direct mode");
        Assert.That(Read("mcause"), Is.EqualTo((1UL << 63) | 7));
        Assert.That(Read("mepc"), Is.EqualTo(MachineHarness.Code).Or.EqualTo(MachineHarness.Code + 4));
        Assert.That(_guest.X[10], Is.Positive);
    }

    [Test]
    public void EnablingAPendingInterruptTakesItBeforeTheNextInstruction()
    {
        _unit.Interrupts.SetLine(InterruptBit.MachineSoftware, true);
        Write("mie", 1UL << (int)InterruptBit.MachineSoftware);
        _guest.Assemble(MachineHarness.Code, CsrSet("mstatus", 8), Encoder.Word("addi", rd: 10, imm: 1));

        Assert.That(Run(MachineHarness.Code).Value, Is.EqualTo(Handler));
        Assert.That(Read("mepc"), Is.EqualTo(MachineHarness.Code + 4));
        Assert.That(_guest.X[10], Is.Zero);
    }

    [Test]
    public void WfiGoesOnAfterItWhenALineRises()
    {
        Write("mie", 1UL << (int)InterruptBit.MachineExternal);
        _guest.Assemble(MachineHarness.Code, Encoder.Word("wfi"), Encoder.Word("addi", rd: 10, imm: 5));
        Hart.State->Pc = MachineHarness.Code;

        Task<Trap> run = Task.Run(RunToBreakpoint);
        Assert.That(run.Wait(50), Is.False);
        _unit.Interrupts.SetLine(InterruptBit.MachineExternal, true);

        Assert.That(run.Wait(TimeSpan.FromSeconds(SecondsUntilHung)));
        Assert.That(run.Result.Value, Is.EqualTo(MachineHarness.Code + 8));
        Assert.That(_guest.X[10], Is.EqualTo(5));
    }

    [Test]
    public void UserCodeCallsAndComesBack()
    {
        // User: two calls; handler: counts in a1, steps over the call.
        ulong user = MachineHarness.Code + 0x1000;
        _guest.Assemble(user, Encoder.Word("ecall"), Encoder.Word("addi", rd: 10, rs1: 10, imm: 1), Encoder.Word("ecall"),
            Encoder.Word("addi", rd: 10, rs1: 10, imm: 1), Encoder.Word("csrrs", rd: 5, csr: PrivilegedHart.Number("mstatus")));
        _guest.Assemble(Handler,
            Encoder.Word("csrrs", rd: 6, csr: PrivilegedHart.Number("mcause")),
            Encoder.Word("addi", rd: 7, imm: (long)TrapCause.EnvironmentCallFromU),
            Encoder.Word("bne", rs1: 6, rs2: 7, imm: 24),
            Encoder.Word("addi", rd: 11, rs1: 11, imm: 1),
            Encoder.Word("csrrs", rd: 6, csr: PrivilegedHart.Number("mepc")),
            Encoder.Word("addi", rd: 6, rs1: 6, imm: 4),
            Encoder.Word("csrrw", rs1: 6, csr: PrivilegedHart.Number("mepc")),
            Encoder.Word("mret"));
        Write("mepc", user);
        _guest.Assemble(MachineHarness.Code, Encoder.Word("mret"));

        Trap end = Run(MachineHarness.Code);

        Assert.That(end.Value, Is.EqualTo(Handler + 32), "the handler's breakpoint for what is no call");
        Assert.That((_guest.X[10], _guest.X[11]), Is.EqualTo((2UL, 2UL)));
        Assert.That((Read("mcause"), Read("mepc")), Is.EqualTo(((ulong)TrapCause.IllegalInstruction, user + 16)));
        Assert.That(Read("mtval"), Is.EqualTo(Encoder.Word("csrrs", rd: 5, csr: PrivilegedHart.Number("mstatus"))));
    }

    [Test]
    public void FloatingPointTrapsWhileOffAndIsDirtyAfterwards()
    {
        uint move = Encoder.Word("fmv.d.x", rd: 1, rs1: 11);
        _guest.Assemble(MachineHarness.Code, move, Encoder.Word("fadd.d", rd: 2, rs1: 1, rs2: 1), Encoder.Word("fmv.x.d", rd: 12, rs1: 2));
        _guest.X[11] = BitConverter.DoubleToUInt64Bits(1.5);

        Assert.That(Run(MachineHarness.Code).Value, Is.EqualTo(Handler));
        Assert.That((Read("mcause"), Read("mtval")), Is.EqualTo(((ulong)TrapCause.IllegalInstruction, (ulong)move)));

        Write("mstatus", (ulong)FloatStatus.Initial << Mstatus.FsShift);
        Assert.That(Run(MachineHarness.Code).Value, Is.EqualTo(MachineHarness.Code + 12));
        Assert.That(_guest.X[12], Is.EqualTo(BitConverter.DoubleToUInt64Bits(3)));
        Assert.That(Read("mstatus") & Mstatus.Fs, Is.EqualTo(Mstatus.Fs));

        Write("mstatus", 0);
        Assert.That(Run(MachineHarness.Code).Value, Is.EqualTo(Handler), "off again, though the code was translated");
    }

    [Test]
    public void PmpChangesBindCodeThatRanBefore()
    {
        _guest.Assemble(MachineHarness.Code, Encoder.Word("ld", rd: 12, rs1: 11), Encoder.Word("sd", rs1: 11, rs2: 12));
        _guest.X[11] = Data;
        Assert.That(RunAs(Privilege.User).Value, Is.EqualTo(MachineHarness.Code + 8));

        Write("pmpaddr0", PmpRegisters.NapotAddress(Data, 8));
        Write("pmpcfg0", PmpRegisters.ModeNapot | (byte)Access.Read);
        Assert.That(RunAs(Privilege.User).Value, Is.EqualTo(Handler));
        Assert.That((Read("mcause"), Read("mtval"), Read("mepc")), Is.EqualTo(((ulong)TrapCause.StoreAccessFault, Data, MachineHarness.Code + 4)));
        Assert.That(RunAs(Privilege.Machine).Value, Is.EqualTo(MachineHarness.Code + 8), "not locked");

        Write("pmpcfg0", PmpRegisters.Locked | PmpRegisters.ModeNapot);
        Assert.That(RunAs(Privilege.Machine).Value, Is.EqualTo(Handler));
        Assert.That((Read("mcause"), Read("mepc")), Is.EqualTo(((ulong)TrapCause.LoadAccessFault, MachineHarness.Code)));
    }

    [Test]
    public void MprvReachesMemoryAsTheModeOfMpp()
    {
        Write("pmpaddr0", PmpRegisters.NapotAddress(Data, 8));
        Write("pmpcfg0", PmpRegisters.ModeNapot);
        _guest.Assemble(MachineHarness.Code, Encoder.Word("ld", rd: 12, rs1: 11));
        _guest.X[11] = Data;
        Assert.That(Run(MachineHarness.Code).Value, Is.EqualTo(MachineHarness.Code + 4));

        Write("mstatus", Mstatus.WithMpp(Mstatus.Mprv, Privilege.User));
        Assert.That(Run(MachineHarness.Code).Value, Is.EqualTo(Handler));
        Assert.That(Read("mcause"), Is.EqualTo((ulong)TrapCause.LoadAccessFault));

        Write("mstatus", Mstatus.WithMpp(Mstatus.Mprv, Privilege.Machine));
        Assert.That(Run(MachineHarness.Code).Value, Is.EqualTo(MachineHarness.Code + 4));
    }

    [Test]
    public void AFaultWithoutAHandlerEndsTheHart()
    {
        Write("mtvec", 0);
        _guest.Assemble(MachineHarness.Code, Encoder.Word("addi", rd: 10, imm: 77), Encoder.Word("ld", rd: 12, rs1: 0, imm: 16));
        Hart.State->Pc = MachineHarness.Code;

        Task run = Task.Run(() => HartRunner.Run(Hart, _guest.Engine));

        Assert.That(run.Wait(TimeSpan.FromSeconds(SecondsUntilHung)));
        Assert.That(_unit.Traps.Failure?.Reason, Does.Contain("InstructionAccessFault (tval 0x0) at pc 0x0")
            .And.Contain($"LoadAccessFault (tval 0x10) at pc 0x{MachineHarness.Code + 4:x}"));
        Assert.That(_unit.Traps.Failure?.Registers, Does.Contain("x10 000000000000004d"));
    }

    [Test]
    public void AHandlerThatFaultsItselfEndsTheHart()
    {
        _guest.Assemble(MachineHarness.Code, 0u);
        _guest.Assemble(Handler, Encoder.Word("addi", rd: 2, imm: 0), Encoder.Word("sd", rs1: 2, rs2: 1, imm: 8));
        Hart.State->Pc = MachineHarness.Code;

        Task run = Task.Run(() => HartRunner.Run(Hart, _guest.Engine));

        Assert.That(run.Wait(TimeSpan.FromSeconds(SecondsUntilHung)));
        Assert.That(_unit.Traps.Failure?.Reason, Does.Contain($"StoreAccessFault (tval 0x8) at pc 0x{Handler + 4:x}"));
    }

    private static uint CsrSet(string csr, int uimm) => Encoder.Word("csrrsi", csr: PrivilegedHart.Number(csr), uimm: uimm);

    private void Write(string csr, ulong value) => Assert.That(Hart.Csrs.TryWrite(Hart, PrivilegedHart.Number(csr), value), csr);

    private ulong Read(string csr)
    {
        Assert.That(Hart.Csrs.TryRead(Hart, PrivilegedHart.Number(csr), out ulong value), csr);
        return value;
    }

    /// <summary>Runs in M-mode, as the trap handler would go on, until a breakpoint, whose address is the trap's value.</summary>
    private Trap Run(ulong pc)
    {
        _unit.State.Enter(Privilege.Machine, _unit.State.Status);
        Hart.State->Pc = pc;
        return RunToBreakpoint();
    }

    /// <summary>Runs code in a mode; M-mode again when it has hit a breakpoint.</summary>
    private Trap RunAs(Privilege mode)
    {
        _unit.State.Enter(mode, _unit.State.Status);
        Hart.State->Pc = MachineHarness.Code;
        Trap trap = RunToBreakpoint();
        _unit.State.Enter(Privilege.Machine, _unit.State.Status);
        return trap;
    }

    private Trap RunToBreakpoint()
    {
        while (true)
        {
            Trap trap = _guest.Engine.Run(Hart);
            if (trap.Cause == TrapCause.Breakpoint)
                return trap;
            Assert.That(_unit.Traps.Handle(Hart, trap), Is.EqualTo(TrapOutcome.Resume));
        }
    }
}
