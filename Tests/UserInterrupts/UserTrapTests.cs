using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.UserInterrupts;

/// <summary>Extension N in worlds, whose supervisor is native, in both tiers.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed unsafe class UserTrapTests : IDisposable
{
    private const ulong Interrupt = 1UL << 63;
    private const ulong Handler = GuestHarness.CodeAddress + 0x1000;
    private const uint Nop = 0x13;

    private static readonly string[] s_registers = ["utvec", "uscratch", "uepc", "ucause", "utval", "ustatus", "uie", "uip"];

    private readonly GuestHarness _guest;
    private readonly UserTraps _traps = new(null, ExtensionSet.Max) { DelegatedInterrupts = UserTraps.Software };

    public UserTrapTests(Tier tier)
    {
        _guest = new GuestHarness(tier);
        _guest.Hart.SwitchUserInterrupts(_traps);
        Write("utvec", Handler);
    }

    public void Dispose() => _guest.Dispose();

    [TestCase("ustatus", 0x11UL)]
    [TestCase("uie", 1UL)]
    [TestCase("utvec", ulong.MaxValue - 2)]
    [TestCase("uscratch", ulong.MaxValue)]
    [TestCase("uepc", ulong.MaxValue - 1)]
    [TestCase("ucause", ulong.MaxValue)]
    [TestCase("utval", ulong.MaxValue)]
    [TestCase("uip", 1UL)]
    public void RegistersKeepWhatTheyMay(string csr, ulong kept)
    {
        _guest.X[11] = ulong.MaxValue;
        Trap trap = _guest.RunCode(
            Encoder.Word("csrrw", rs1: 11, csr: Number(csr)), Encoder.Word("csrrs", rd: 10, csr: Number(csr)), Encoder.Word("csrrw", csr: Number(csr)));

        Assert.That(trap.Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(_guest.X[10], Is.EqualTo(kept));
        Assert.That(Read(csr), Is.Zero);
    }

    [Test]
    public void WithoutTheExtensionTheyAreIllegal()
    {
        _guest.Hart.SwitchUserInterrupts((UserInterruptPort?)null);
        foreach (string csr in s_registers)
            Assert.That(_guest.RunCode(Encoder.Word("csrrs", rd: 10, csr: Number(csr))).Cause, Is.EqualTo(TrapCause.IllegalInstruction), csr);
        Assert.That(_guest.RunCode(Encoder.Word("uret")).Cause, Is.EqualTo(TrapCause.IllegalInstruction));
    }

    [TestCase("sedeleg")]
    [TestCase("sideleg")]
    public void DelegationIsNotTheProgramsToSay(string csr) =>
        Assert.That(_guest.RunCode(Encoder.Word("csrrs", rd: 10, csr: Number(csr))).Cause, Is.EqualTo(TrapCause.IllegalInstruction));

    [Test]
    public void AProgramInterruptsItselfAndReturns()
    {
        WriteHandler(Encoder.Word("addi", rd: 12, rs1: 12, imm: 1), Encoder.Word("csrrs", rd: 13, csr: Csr.Ucause),
            Encoder.Word("csrrs", rd: 14, csr: Csr.Ustatus), Encoder.Word("csrrci", csr: Csr.Uip, uimm: 1), Encoder.Word("uret"));
        Trap trap = _guest.RunCode(
            Encoder.Word("csrrsi", csr: Csr.Uie, uimm: 1),
            Encoder.Word("csrrsi", csr: Csr.Uip, uimm: 1),
            Encoder.Word("addi", rd: 10, rs1: 12),
            Encoder.Word("csrrsi", csr: Csr.Ustatus, uimm: 1),
            Encoder.Word("addi", rd: 11, rs1: 12));

        Assert.That(trap.Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That((_guest.X[10], _guest.X[11], _guest.X[12]), Is.EqualTo((0UL, 1UL, 1UL)), "at once when it is enabled");
        Assert.That((_guest.X[13], _guest.X[14]), Is.EqualTo((Interrupt, Mstatus.Upie)));
        Assert.That((Read("ustatus"), Read("uepc")), Is.EqualTo((Mstatus.Uie | Mstatus.Upie, GuestHarness.CodeAddress + 16)));
    }

    [TestCase("ustatus")]
    [TestCase("uie")]
    [TestCase("uip")]
    [TestCase("sideleg")]
    public void IsNotTakenUnlessPendingEnabledAndDelegated(string missing)
    {
        Write("uie", missing == "uie" ? 0UL : 1);
        Write("uip", missing == "uip" ? 0UL : 1);
        Write("ustatus", missing == "ustatus" ? 0UL : 1);
        if (missing == "sideleg")
            _traps.DelegatedInterrupts = 0;

        Assert.That(_guest.RunCode(Nop, Nop).Value, Is.EqualTo(GuestHarness.CodeAddress + 8));
        if (missing == "sideleg")
            Assert.That((Read("uie"), Read("uip")), Is.EqualTo((0UL, 0UL)));
    }

    [Test]
    public void VectoredModeHasNoPlaceOfItsOwnForSoftwareInterrupts()
    {
        Write("utvec", Handler | 1);
        Write("uie", 1);
        Write("uip", 1);
        Write("ustatus", 1);
        Assert.That(_guest.RunCode(Nop).Value, Is.EqualTo(Handler));
        Assert.That(Read("ucause"), Is.EqualTo(Interrupt));
    }

    /// <summary>An exception goes to the program where its supervisor says so, and the handler may go on elsewhere.</summary>
    [TestCase(true)]
    [TestCase(false)]
    public void ExceptionsAreTheProgramsWhereTheyAreDelegated(bool delegated)
    {
        _traps.DelegatedExceptions = delegated ? 1UL << (int)TrapCause.LoadPageFault : 0;
        var supervisor = new Recorder();
        _guest.World.TrapHandler = supervisor;
        WriteHandler(
            Encoder.Word("csrrs", rd: 10, csr: Csr.Utval), Encoder.Word("csrrs", rd: 11, csr: Csr.Uepc), Encoder.Word("addi", rd: 11, rs1: 11, imm: 4),
            Encoder.Word("csrrw", rs1: 11, csr: Csr.Uepc), Encoder.Word("uret"));
        _guest.Assemble(GuestHarness.CodeAddress, Encoder.Word("ld", rd: 12, imm: 64), Encoder.Word("ecall"));
        _guest.Pc = GuestHarness.CodeAddress;

        HartRunner.Run(_guest.Hart, _guest.Engine);

        Assert.That(supervisor.Last?.Cause, Is.EqualTo(delegated ? TrapCause.EnvironmentCallFromU : TrapCause.LoadPageFault));
        Assert.That(_guest.X[10], Is.EqualTo(delegated ? 64UL : 0));
    }

    /// <summary>Two contexts of one hart share nothing.</summary>
    [Test]
    public void SwitchingContextsLeavesNothingBehind()
    {
        foreach (string csr in s_registers)
            Write(csr, 0x55);
        _guest.Hart.SwitchUserInterrupts(new UserTraps(null, ExtensionSet.Max) { DelegatedInterrupts = UserTraps.Software });
        Assert.That(s_registers.Select(Read), Is.All.Zero);
        _guest.Hart.SwitchUserInterrupts(_traps);
        Assert.That(s_registers.Select(Read), Has.None.Zero);
    }

    /// <summary>A request to leave comes first, and the interrupt is not forgotten meanwhile.</summary>
    [Test]
    public void RequestsComeFirst()
    {
        Write("uie", 1);
        Write("uip", 1);
        Write("ustatus", 1);
        _guest.Hart.Request(HartRequests.Interrupt);
        Assert.That(_guest.RunCode(Nop).Cause, Is.EqualTo(TrapCause.Requested));
        Assert.That(_guest.Pc, Is.EqualTo(GuestHarness.CodeAddress));
        _guest.Hart.TakeRequests();
        Assert.That(_guest.Engine.Run(_guest.Hart).Value, Is.EqualTo(Handler));
    }

    private static int Number(string csr) => Machine.PrivilegedHart.Number(csr);

    private void WriteHandler(params ReadOnlySpan<uint> words) => _guest.Assemble(Handler, words);

    private void Write(string csr, ulong value) => Assert.That(_guest.Hart.Csrs.TryWrite(_guest.Hart, Number(csr), value), csr);

    private ulong Read(string csr)
    {
        Assert.That(_guest.Hart.Csrs.TryRead(_guest.Hart, Number(csr), out ulong value), csr);
        return value;
    }

    private sealed class Recorder : ITrapHandler
    {
        public Trap? Last { get; private set; }

        public TrapOutcome Handle(Hart hart, in Trap trap)
        {
            Last = trap;
            return TrapOutcome.Exit;
        }
    }
}
