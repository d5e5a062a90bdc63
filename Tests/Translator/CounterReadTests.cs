using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Translator;

/// <summary>
/// Counters that code reads in the middle of other work: values, permission, and that translated code is not left for them
/// (unprivileged manual, "Zicntr"; privileged manual, "Hardware Performance Monitor").
/// </summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
[TestFixture(Tier.Auto)]
public sealed unsafe class CounterReadTests(Tier tier)
{
    private const int T0 = 5, T1 = 6, A0 = 10, A1 = 11, A2 = 12, A3 = 13;
    private const int Often = 5000;

    private EngineOptions Counting => new(tier, CountInstructions: true);

    [Test]
    public void ClocksNeverGoBack([Values(Csr.Time, Csr.Cycle)] int csr)
    {
        using var g = new GuestHarness(tier);
        g.X[T0] = Often;
        long before = g.State->Epoch;
        Trap trap = g.RunCode(
            Read(A0, csr),
            Encoder.Word("sltu", rd: T1, rs1: A0, rs2: A1), // it was later before
            Encoder.Word("add", rd: A2, rs1: A2, rs2: T1),
            Encoder.Word("addi", rd: A1, rs1: A0, imm: 0),
            Encoder.Word("addi", rd: T0, rs1: T0, imm: -1),
            Encoder.Word("bne", rs1: T0, rs2: 0, imm: -20));

        Assert.Multiple(() =>
        {
            Assert.That(trap.Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(g.X[A0], Is.Positive.And.LessThanOrEqualTo(csr == Csr.Time ? HostClock.Ticks : HostClock.Nanoseconds));
            Assert.That(g.X[A2], Is.Zero);
            if (tier == Tier.Jit)
                Assert.That(g.State->Epoch - before, Is.LessThan(Often), "the region is not left for it");
        });
    }

    /// <summary>Two ways around a branch of three and five instructions, in turn, and reads in the middle of blocks.</summary>
    [Test]
    public void InstretIsExactAcrossBranches([Values] bool limited)
    {
        using var g = new GuestHarness(tier, options: Counting with { Limited = limited });
        g.X[T0] = 2 * Often;
        _ = g.RunCode(
            Read(A0, Csr.Instret),
            Encoder.Word("andi", rd: T1, rs1: T0, imm: 1),
            Encoder.Word("beq", rs1: T1, rs2: 0, imm: 12),
            Encoder.Word("addi", rd: 7, rs1: 7, imm: 1),
            Encoder.Word("addi", rd: 7, rs1: 7, imm: 1),
            Encoder.Word("csrrci", rd: A1, csr: Csr.Instret),
            Encoder.Word("sub", rd: A1, rs1: A1, rs2: A0),
            Encoder.Word("add", rd: A2, rs1: A2, rs2: A1),
            Encoder.Word("addi", rd: T0, rs1: T0, imm: -1),
            Encoder.Word("bne", rs1: T0, rs2: 0, imm: -36),
            Read(A3, Csr.Instret));

        const ulong Instructions = Often * (8 + 10);
        Assert.Multiple(() =>
        {
            Assert.That(g.X[A2], Is.EqualTo(Often * (3UL + 5)));
            Assert.That(g.X[A3], Is.EqualTo(Instructions));
            Assert.That(g.State->Retired, Is.EqualTo(Instructions + 1));
        });
    }

    /// <summary>Where nothing is counted exactly, waiting for instructions still ends.</summary>
    [Test]
    [CancelAfter(60_000)]
    public void InstretGrowsWhereNothingIsCounted()
    {
        using var g = new GuestHarness(tier);
        g.X[A1] = Often;
        Trap trap = g.RunCode(
            Read(A0, Csr.Instret),
            Encoder.Word("bltu", rs1: A0, rs2: A1, imm: -4));

        Assert.That(trap.Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(g.X[A0], Is.GreaterThanOrEqualTo(Often));
    }

    [Test]
    public void WithoutZicntrThereAreNone()
    {
        using var g = new GuestHarness(tier, extensions: ExtensionSet.Of("i", "zicsr"));
        uint read = Read(A0, Csr.Time);
        Trap trap = g.RunCode(Encoder.Word("addi", rd: A1, rs1: A1, imm: 1), read, Encoder.Word("addi", rd: A1, rs1: A1, imm: 1));

        Assert.Multiple(() =>
        {
            Assert.That(trap, Is.EqualTo(new Trap(TrapCause.IllegalInstruction, read)));
            Assert.That(g.Pc, Is.EqualTo(GuestHarness.CodeAddress + 4));
            Assert.That(g.X[A1], Is.EqualTo(1));
        });
    }

    /// <summary>Reading leaves the flags alone that floating-point instructions around it raise, and raises none.</summary>
    [TestCase(1.0, 0UL)]
    [TestCase(3.0, 1UL, Description = "NX: a third is inexact")]
    public void FloatingPointFlagsStay(double divisor, ulong flags)
    {
        using var g = new GuestHarness(tier);
        g.X[T0] = Often;
        g.F[1] = BitConverter.DoubleToUInt64Bits(1);
        g.F[2] = BitConverter.DoubleToUInt64Bits(divisor);
        _ = g.RunCode(
            Encoder.Word("fdiv.d", rd: 3, rs1: 1, rs2: 2),
            Read(A0, Csr.Time),
            Read(A0, Csr.Cycle),
            Read(A0, Csr.Instret),
            Encoder.Word("fdiv.d", rd: 4, rs1: 3, rs2: 1),
            Encoder.Word("addi", rd: T0, rs1: T0, imm: -1),
            Encoder.Word("bne", rs1: T0, rs2: 0, imm: -24),
            Read(A1, Csr.Fflags));

        Assert.That(g.X[A1], Is.EqualTo(flags));
        Assert.That(g.F[4], Is.EqualTo(BitConverter.DoubleToUInt64Bits(1 / divisor)));
    }

    /// <summary>Code that was translated while it might read is refused when it may not any more, at the very instruction.</summary>
    [TestCase(Csr.Cycle, 1)]
    [TestCase(Csr.Time, 2)]
    [TestCase(Csr.Instret, 4)]
    public void WhoeverMayNotReadTraps(int csr, int bit)
    {
        using var m = new MachineHarness(tier, options: Counting);
        var unit = new PrivilegedUnit(m.Harts[0], new HartFeatures(ExtensionSet.Max), new ManualClock());
        ulong loop = MachineHarness.Code + 0x100;
        m.Assemble(
            MachineHarness.Code,
            Encoder.Word("csrrw", rs1: 8, csr: PrivilegedHart.Number("mcounteren")),
            Encoder.Word("csrrw", rs1: 9, csr: PrivilegedHart.Number("mepc")),
            Encoder.Word("mret"));
        m.Assemble(
            loop,
            Encoder.Word("addi", rd: A1, rs1: A1, imm: 1),
            Read(A0, csr),
            Encoder.Word("addi", rd: T0, rs1: T0, imm: -1),
            Encoder.Word("bne", rs1: T0, rs2: 0, imm: -12),
            Encoder.Word("ecall"));
        m.X[9] = loop;

        Trap allowed = RunAs(bit);
        ulong retired = m.State->Retired;
        ulong read = m.X[A0];
        unit.State.Enter(Privilege.Machine, 0);
        m.X[A0] = ulong.MaxValue;
        Trap refused = RunAs(~bit);

        Assert.Multiple(() =>
        {
            Assert.That(allowed.Cause, Is.EqualTo(TrapCause.EnvironmentCallFromU));
            Assert.That(read, csr == Csr.Instret ? Is.EqualTo(retired - 3) : csr == Csr.Time ? Is.Zero : Is.Positive);
            Assert.That(refused, Is.EqualTo(new Trap(TrapCause.IllegalInstruction, Read(A0, csr))));
            Assert.That(m.State->Pc, Is.EqualTo(loop + 4));
            Assert.That(m.X[A0], Is.EqualTo(ulong.MaxValue));
            Assert.That(m.X[A1], Is.EqualTo(Often + 1));
            Assert.That(m.State->Retired, Is.EqualTo(retired + 4));
        });

        Trap RunAs(int counters)
        {
            m.X[8] = (ulong)counters;
            m.X[T0] = Often;
            unit.Counters.SupervisorEnabled = MachineCounters.BaseBits;
            return m.Run(MachineHarness.Code);
        }
    }

    private static uint Read(int rd, int csr) => Encoder.Word("csrrs", rd: rd, csr: csr);
}
