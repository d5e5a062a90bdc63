using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Translator;

/// <summary>
/// fflags, frm and fcsr in the middle of floating-point work: translated code is not left for them, and host arithmetic on both
/// sides keeps its flags and its rounding (unprivileged manual, "Floating-Point Control and Status Register").
/// </summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
[TestFixture(Tier.Auto)]
public sealed unsafe class FloatControlTests(Tier tier)
{
    private const int T0 = 5, T1 = 6, A0 = 10, A1 = 11, A2 = 12, A3 = 13, A4 = 14;
    private const int Often = 5000;
    private const ulong Inexact = 1, Invalid = 16;

    private static readonly ulong s_one = BitConverter.DoubleToUInt64Bits(1);
    private static readonly ulong s_three = BitConverter.DoubleToUInt64Bits(3);

    /// <summary>1/3 is 0x3FD5555555555555.5...: rne, rtz, rdn, rup, rmm.</summary>
    private static readonly ulong[] s_third = [0x3FD5555555555555, 0x3FD5555555555555, 0x3FD5555555555555, 0x3FD5555555555556, 0x3FD5555555555555];

    /// <summary>The same division before and after flags are cleared raises them both times.</summary>
    [Test]
    public void FlagsThatWereClearedAreRaisedAgain()
    {
        using var g = Harness();
        long before = g.State->Epoch;
        _ = g.RunCode(
            Change("csrrw", 0, Csr.Fflags, 0),
            Encoder.Word("fdiv.d", rd: 3, rs1: 1, rs2: 2, rm: 7),
            Read(A0, Csr.Fflags),
            Change("csrrw", A1, Csr.Fflags, 0),
            Read(A2, Csr.Fflags),
            Encoder.Word("fdiv.d", rd: 4, rs1: 1, rs2: 2, rm: 7),
            Read(A3, Csr.Fcsr),
            Encoder.Word("add", rd: T1, rs1: T1, rs2: A0),
            Encoder.Word("add", rd: T1, rs1: T1, rs2: A1),
            Encoder.Word("add", rd: T1, rs1: T1, rs2: A2),
            Encoder.Word("add", rd: T1, rs1: T1, rs2: A3),
            Encoder.Word("addi", rd: T0, rs1: T0, imm: -1),
            Encoder.Word("bne", rs1: T0, rs2: 0, imm: -48));

        Assert.Multiple(() =>
        {
            Assert.That(g.X[T1], Is.EqualTo(Often * 3 * Inexact));
            Assert.That(g.F[3], Is.EqualTo(s_third[0]));
            Assert.That(g.F[4], Is.EqualTo(s_third[0]));
            if (tier == Tier.Jit)
                Assert.That(g.State->Epoch - before, Is.LessThan(Often), "the region is not left for it");
        });
    }

    /// <summary>As compilers do quiet comparisons.</summary>
    [TestCase(0UL)]
    [TestCase(8UL)]
    public void FlagsThatWerePutBackHideAComparison(ulong flags)
    {
        using var g = Harness();
        g.F[2] = 0x7FF8000000000000;
        g.X[A4] = flags;
        _ = g.RunCode(
            Change("csrrw", 0, Csr.Fflags, A4),
            Read(A0, Csr.Fflags),
            Encoder.Word("flt.d", rd: A1, rs1: 1, rs2: 2),
            Read(A2, Csr.Fflags),
            Change("csrrw", 0, Csr.Fflags, A0),
            Encoder.Word("add", rd: T1, rs1: T1, rs2: A2),
            Encoder.Word("addi", rd: T0, rs1: T0, imm: -1),
            Encoder.Word("bne", rs1: T0, rs2: 0, imm: -24),
            Read(A3, Csr.Fflags));

        Assert.Multiple(() =>
        {
            Assert.That(g.X[A1], Is.Zero);
            Assert.That(g.X[T1], Is.EqualTo(Often * (flags | Invalid)));
            Assert.That(g.X[A3], Is.EqualTo(flags));
        });
    }

    /// <summary>Each round divides by the mode that the round before has set, then by the next; rmm is none of the host's.</summary>
    [Test]
    public void TheSameDivisionRoundsAnew([Values(0, 1, 2, 3, 4)] int first, [Values(0, 3)] int second)
    {
        using var g = Harness();
        (g.X[A0], g.X[A1]) = ((ulong)first, (ulong)second);
        _ = g.RunCode(
            Change("csrrw", A2, Csr.Frm, A0),
            Encoder.Word("fdiv.d", rd: 3, rs1: 1, rs2: 2, rm: 7),
            Change("csrrw", A3, Csr.Frm, A1),
            Encoder.Word("fdiv.d", rd: 4, rs1: 1, rs2: 2, rm: 7),
            Encoder.Word("fmv.x.d", rd: A4, rs1: 3),
            Encoder.Word("sub", rd: A4, rs1: A4, rs2: 8),
            Encoder.Word("add", rd: T1, rs1: T1, rs2: A4),
            Encoder.Word("fmv.x.d", rd: A4, rs1: 4),
            Encoder.Word("sub", rd: A4, rs1: A4, rs2: 9),
            Encoder.Word("add", rd: 7, rs1: 7, rs2: A4),
            Encoder.Word("addi", rd: T0, rs1: T0, imm: -1),
            Encoder.Word("bne", rs1: T0, rs2: 0, imm: -44),
            Read(A4, Csr.Frm));

        Assert.Multiple(() =>
        {
            Assert.That(g.X[T1], Is.EqualTo(Often * s_third[first]));
            Assert.That(g.X[7], Is.EqualTo(Often * s_third[second]));
            Assert.That(g.X[A2], Is.EqualTo(second));
            Assert.That(g.X[A3], Is.EqualTo(first));
            Assert.That(g.X[A4], Is.EqualTo(second));
        });
    }

    /// <summary>Set and clear, by registers and constants, the destination among the sources.</summary>
    [Test]
    public void BitsAreSetAndCleared()
    {
        using var g = Harness();
        _ = g.RunCode(
            Encoder.Word("addi", rd: A0, rs1: 0, imm: 6),
            Encoder.Word("addi", rd: A1, rs1: 0, imm: 2),
            Encoder.Word("csrrwi", rd: 0, uimm: 9, csr: Csr.Fflags),
            Change("csrrs", A0, Csr.Fflags, A0),
            Change("csrrc", A1, Csr.Fflags, A1),
            Encoder.Word("csrrsi", rd: A2, uimm: 16, csr: Csr.Fcsr),
            Encoder.Word("csrrci", rd: A3, uimm: 1, csr: Csr.Fflags),
            Read(A4, Csr.Fcsr),
            Encoder.Word("addi", rd: T0, rs1: T0, imm: -1),
            Encoder.Word("bne", rs1: T0, rs2: 0, imm: -36));

        Assert.That(
            new[] { g.X[A0], g.X[A1], g.X[A2], g.X[A3], g.X[A4] },
            Is.EqualTo(new ulong[] { 9, 15, 13, 29, 28 }));
    }

    /// <summary>Other values go on across a change as they were: words, singles, NaNs that the host computed.</summary>
    [Test]
    public void RegistersGoOn()
    {
        using var g = Harness();
        g.F[5] = 0x7FF0000000000000;
        _ = g.RunCode(
            Encoder.Word("addiw", rd: A0, rs1: A0, imm: 3),
            Encoder.Word("fsub.d", rd: 6, rs1: 5, rs2: 5, rm: 7),
            Encoder.Word("fcvt.s.w", rd: 7, rs1: A0, rm: 7),
            Change("csrrw", A1, Csr.Fcsr, 0),
            Encoder.Word("fmv.x.d", rd: A2, rs1: 6),
            Encoder.Word("fcvt.w.s", rd: A3, rs1: 7, rm: 1),
            Encoder.Word("fadd.s", rd: 8, rs1: 7, rs2: 7, rm: 7),
            Encoder.Word("addiw", rd: A0, rs1: A0, imm: -2),
            Encoder.Word("addi", rd: T0, rs1: T0, imm: -1),
            Encoder.Word("bne", rs1: T0, rs2: 0, imm: -36));

        Assert.Multiple(() =>
        {
            Assert.That(g.X[A0], Is.EqualTo(Often));
            Assert.That(g.X[A1], Is.EqualTo(Invalid));
            Assert.That(g.X[A2], Is.EqualTo(0x7FF8000000000000));
            Assert.That(g.X[A3], Is.EqualTo(Often + 2));
            Assert.That(g.F[8], Is.EqualTo(0xFFFFFFFF00000000 | BitConverter.SingleToUInt32Bits(2 * (Often + 2))));
        });
    }

    [TestCase("csrrs", Csr.Frm, 0)]
    [TestCase("csrrs", Csr.Fflags, 0)]
    [TestCase("csrrw", Csr.Fcsr, A1)]
    public void WithoutFThereAreNone(string name, int csr, int source)
    {
        using var g = new GuestHarness(tier, extensions: ExtensionSet.Of("i", "zicsr"));
        uint access = Change(name, A0, csr, source);
        Trap trap = g.RunCode(Encoder.Word("addi", rd: A1, rs1: A1, imm: 1), access, Encoder.Word("addi", rd: A1, rs1: A1, imm: 1));

        Assert.Multiple(() =>
        {
            Assert.That(trap, Is.EqualTo(new Trap(TrapCause.IllegalInstruction, access)));
            Assert.That(g.Pc, Is.EqualTo(GuestHarness.CodeAddress + 4));
            Assert.That(g.X[A0], Is.Zero);
            Assert.That(g.X[A1], Is.EqualTo(1));
        });
    }

    private GuestHarness Harness()
    {
        var g = new GuestHarness(tier);
        g.X[T0] = Often;
        (g.F[1], g.F[2]) = (s_one, s_three);
        return g;
    }

    private static uint Read(int rd, int csr) => Encoder.Word("csrrs", rd: rd, csr: csr);

    private static uint Change(string name, int rd, int csr, int source) => Encoder.Word(name, rd: rd, rs1: source, csr: csr);
}
