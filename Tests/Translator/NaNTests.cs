using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;
using RvJit.Translator.Float;
using RvJit.Translator.Isa.Tables;

namespace RvJit.Tests.Translator;

/// <summary>
/// What the manual says of NaNs (unprivileged, "F": NaN generation and propagation, NaN boxing, accrued flags) where
/// translated code holds registers as the host computes them, over several blocks and on every way out.
/// </summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed class NaNTests(Tier tier)
{
    private const uint A0 = 10, A1 = 11, A2 = 12;
    private const ulong Canonical = 0x7ff8_0000_0000_0000;
    private const ulong Payload = 0x7ff8_0000_dead_beef;
    private const ulong Signalling = 0x7ff0_0000_0000_0001;
    private const ulong BoxedOne = 0xffff_ffff_3f80_0000;
    private const ulong BoxedPayload = 0xffff_ffff_7fc1_2345;
    private const ulong BoxedCanonical = 0xffff_ffff_7fc0_0000;
    private const uint Positive = 0, Negative = 1, Multiplied = 2;
    private const int Ways = 2;

    private static readonly ulong s_one = BitConverter.DoubleToUInt64Bits(1);
    private static readonly ulong s_infinity = BitConverter.DoubleToUInt64Bits(double.PositiveInfinity);

    private static uint Add(uint rd, uint rs1, uint rs2) => Asm.R(0x53, 7, 0x01, rd, rs1, rs2);

    private static uint Sub(uint rd, uint rs1, uint rs2) => Asm.R(0x53, 7, 0x05, rd, rs1, rs2);

    private static uint Mul(uint rd, uint rs1, uint rs2) => Asm.R(0x53, 7, 0x09, rd, rs1, rs2);

    private static uint Div(uint rd, uint rs1, uint rs2) => Asm.R(0x53, 7, 0x0D, rd, rs1, rs2);

    private static uint MulAdd(uint rd, uint rs1, uint rs2, uint rs3) => Asm.R(0x43, 7, (rs3 << 2) | 1, rd, rs1, rs2);

    private static uint AddSingle(uint rd, uint rs1, uint rs2) => Asm.R(0x53, 7, 0x00, rd, rs1, rs2);

    private static uint InjectSign(uint how, uint rd, uint rs1, uint rs2) => Asm.R(0x53, how, 0x11, rd, rs1, rs2);

    private static uint Maximum(uint rd, uint rs1, uint rs2) => Asm.R(0x53, 1, 0x15, rd, rs1, rs2);

    private static uint Less(uint rd, uint rs1, uint rs2) => Asm.R(0x53, 1, 0x51, rd, rs1, rs2);

    private static uint Equal(uint rd, uint rs1, uint rs2) => Asm.R(0x53, 2, 0x51, rd, rs1, rs2);

    private static uint Class(uint rd, uint rs1) => Asm.R(0x53, 1, 0x71, rd, rs1, 0);

    private static uint ToBits(uint rd, uint rs1) => Asm.R(0x53, 0, 0x71, rd, rs1, 0);

    private static uint Load(uint rd, int offset) => Asm.I(0x07, 3, rd, A1, offset);

    private static uint Save(uint rs2, int offset) => Asm.S(0x27, 3, A1, rs2, offset);

    private static uint SaveSingle(uint rs2, int offset) => Asm.S(0x27, 2, A1, rs2, offset);

    private static uint AddImmediate(uint rd, uint rs1, int immediate) => Asm.I(0x13, 0, rd, rs1, immediate);

    private static uint BranchIfNotZero(uint rs1, int offset) => Asm.B(0x63, 1, rs1, 0, offset);

    private static uint BranchIfZero(uint rs1, int offset) => Asm.B(0x63, 0, rs1, 0, offset);

    /// <summary>Computes a NaN that the host gives another payload or sign, and shows its bits in f20 or a2.</summary>
    private static IEnumerable<TestCaseData> Shown()
    {
        yield return Case("left in its register", Canonical, InjectSign(Positive, 20, 2, 2));
        yield return Case("negated", Canonical | (1UL << 63), InjectSign(Negative, 20, 2, 2));
        yield return Case("absolute", Canonical, InjectSign(Multiplied, 20, 2, 2));
        yield return Case("as a sign", s_one, InjectSign(Positive, 20, 10, 2));
        yield return Case("with a sign", Canonical, InjectSign(Positive, 20, 2, 10));
        yield return Case("stored and loaded", Canonical, Save(2, 0), Load(20, 0));
        yield return Case("stored as a single and loaded", 0, SaveSingle(2, 0), Load(20, 0));
        yield return Case("computed with again", Canonical, Add(20, 10, 2));
        yield return Case("added to a product", Canonical, MulAdd(20, 10, 10, 2));
        yield return Case("compared by maximum", s_one, Maximum(20, 10, 2));
        yield return Case("read as a single", BoxedCanonical, AddSingle(20, 2, 2));

        static TestCaseData Case(string name, ulong expected, params uint[] shown) =>
            new TestCaseData(shown, expected).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Shown))]
    public void AComputedNaNIsCanonicalWhereItsBitsShow(uint[] shown, ulong expected)
    {
        // f2 = f11 + f10 or f12 / f12, the host's NaN of which is negative; in one block, and in the next.
        foreach (uint compute in (uint[])[Add(2, 11, 10), Div(2, 12, 12)])
        {
            using GuestHarness together = Fresh();
            together.RunCode([compute, .. shown]);
            using GuestHarness apart = Fresh();
            apart.RunCode([compute, BranchIfZero(A0, 8), AddImmediate(A0, A0, 0), .. shown]);
            Assert.Multiple(() =>
            {
                Assert.That(together.F[20], Is.EqualTo(expected), "in one block");
                Assert.That(apart.F[20], Is.EqualTo(expected), "in another block");
                Assert.That(together.F[2], Is.EqualTo(Canonical));
                Assert.That(apart.F[2], Is.EqualTo(Canonical));
            });
        }
    }

    [Test]
    public void AComputedNaNIsQuietAndCanonicalAsAnInteger()
    {
        using GuestHarness g = Fresh();
        g.RunCode(Add(2, 11, 10), ToBits(A2, 2), Class(A0, 2));
        Assert.Multiple(() =>
        {
            Assert.That(g.X[(int)A2], Is.EqualTo(Canonical));
            Assert.That(g.X[(int)A0], Is.EqualTo(1UL << 9), "quiet");
        });
    }

    /// <summary>Operations that raise flags: in translated code none may be executed before its time.</summary>
    private static IEnumerable<TestCaseData> Raising()
    {
        yield return Case("divide by zero", Div(20, 10, 12));
        yield return Case("inexact sum", Add(20, 10, 13));
        yield return Case("compare with NaN", Less(A2, 10, 11));
        yield return Case("maximum with NaN", Maximum(20, 10, 11));
        yield return Case("round to single", Asm.R(0x53, 7, 0x20, 20, 13, 1));
        yield return Case("round from an integer", Asm.R(0x53, 7, 0x69, 20, A1, 2));
        yield return Case("round to an integer", Asm.R(0x53, 7, 0x61, A2, 13, 2));

        static TestCaseData Case(string name, uint operation) => new TestCaseData(operation).SetArgDisplayNames(name);
    }

    /// <summary>A loop is left in its first round, before an operation whose sources it does not write.</summary>
    [TestCaseSource(nameof(Raising))]
    public unsafe void WhatALoopDoesNotReachRaisesNothing(uint operation)
    {
        using GuestHarness g = Fresh();
        g.X[(int)A0] = 3;
        g.X[(int)A1] = (1UL << 62) + 1;
        g.X[(int)A2] = 0;
        g.F[13] = BitConverter.DoubleToUInt64Bits(0.1);
        g.RunCode(AddImmediate(A0, A0, -1), BranchIfZero(A2, 12), operation, BranchIfNotZero(A0, -12));
        Assert.That(FloatingPointControl.ReadFlags(*g.State), Is.Zero);
    }

    [TestCase(Payload)]
    [TestCase(Signalling)]
    [TestCase(BoxedPayload)]
    public void AMovedNaNKeepsItsBitsAndRaisesNothing(ulong bits)
    {
        // Loaded, moved, in a loop beside a computation, moved again, stored; f5 is not written in the first rounds.
        using GuestHarness g = Fresh();
        g.World.TryWrite(GuestHarness.DataAddress, bits);
        g.X[(int)A0] = 5;
        g.F[5] = bits;
        g.RunCode(
            Load(3, 0),
            InjectSign(Positive, 4, 3, 3),
            Add(6, 10, 10),
            AddImmediate(A0, A0, -1),
            BranchIfNotZero(A0, -8),
            InjectSign(Positive, 7, 4, 4),
            Save(7, 8),
            Save(5, 16));
        Assert.Multiple(() =>
        {
            Assert.That(g.F[4], Is.EqualTo(bits));
            Assert.That(g.F[7], Is.EqualTo(bits));
            Assert.That(g.World.TryRead(GuestHarness.DataAddress + 8, out ulong stored) ? stored : 0, Is.EqualTo(bits));
            Assert.That(g.World.TryRead(GuestHarness.DataAddress + 16, out stored) ? stored : 0, Is.EqualTo(bits));
            Assert.That(g.Fcsr, Is.Zero);
        });
    }

    /// <summary>A register comes to the end as it was, or computed: only the latter is made canonical.</summary>
    [TestCase(0, Payload, Payload)]
    [TestCase(1, Payload, Canonical)]
    [TestCase(0, BoxedPayload, BoxedPayload)]
    [TestCase(1, BoxedPayload, Canonical)]
    public void WherePathsMeetEachNaNIsWhatItsPathMadeIt(int computes, ulong before, ulong after)
    {
        using GuestHarness g = Fresh();
        g.X[(int)A0] = (ulong)computes;
        g.F[11] = Payload;
        g.F[2] = before;
        g.RunCode(BranchIfZero(A0, 8), Add(2, 11, 10), InjectSign(Positive, 3, 2, 2), Save(2, 0));
        Assert.Multiple(() =>
        {
            Assert.That(g.F[2], Is.EqualTo(after));
            Assert.That(g.F[3], Is.EqualTo(after));
            Assert.That(g.World.TryRead(GuestHarness.DataAddress, out ulong stored) ? stored : 0, Is.EqualTo(after));
            Assert.That(g.Fcsr, Is.Zero);
        });
    }

    /// <summary>Registers that a loop computes only later, and nobody reads: exits write back what is there by then.</summary>
    [TestCase(1, Payload, Signalling)]
    [TestCase(2, BoxedOne, Signalling)]
    [TestCase(3, Canonical, Canonical)]
    public void WhatHasNotBeenWrittenYetStaysAsItWas(int rounds, ulong f2, ulong f3)
    {
        // Both are written in round 3.
        using GuestHarness g = Fresh();
        g.F[2] = rounds == 3 ? 0 : f2;
        g.F[3] = rounds == 3 ? 0 : f3;
        g.X[(int)A2] = (ulong)rounds;
        g.RunCode(
            AddImmediate(A2, A2, -1),
            AddImmediate(A0, A0, -1),
            AddImmediate(13, A0, 3),
            BranchIfNotZero(13, 12),
            Add(2, 11, 10),
            Add(3, 11, 10),
            BranchIfNotZero(A2, -24));
        Assert.Multiple(() =>
        {
            Assert.That(g.F[2], Is.EqualTo(f2));
            Assert.That(g.F[3], Is.EqualTo(f3));
        });
    }

    [Test]
    public void AnAccumulatorMayBecomeNaN()
    {
        // f2 += f3, which grows to infinity; then infinity - infinity; canonical at the end, invalid once.
        using GuestHarness g = Fresh();
        g.F[2] = s_one;
        g.F[3] = BitConverter.DoubleToUInt64Bits(double.MaxValue);
        g.X[(int)A0] = 10;
        g.RunCode(
            MulAdd(2, 3, 10, 2),
            AddImmediate(A0, A0, -1),
            BranchIfNotZero(A0, -8),
            Sub(2, 2, 2),
            AddImmediate(A0, A0, 1),
            BranchIfZero(A0, -8));
        Assert.Multiple(() =>
        {
            Assert.That(g.F[2], Is.EqualTo(Canonical));
            Assert.That(g.Fcsr, Is.EqualTo(FloatFlags.Invalid | FloatFlags.Overflow | FloatFlags.Inexact));
        });
    }

    [TestCase(Payload)]
    [TestCase(Canonical)]
    public void InfinityTimesZeroIsInvalidWhateverIsAdded(ulong addend)
    {
        // The accumulator is NaN before the product is; all in a loop.
        using GuestHarness g = Fresh();
        g.F[2] = addend;
        g.F[3] = s_infinity;
        g.X[(int)A0] = 3;
        g.RunCode(Add(2, 2, 10), MulAdd(2, 3, 12, 2), AddImmediate(A0, A0, -1), BranchIfNotZero(A0, -12));
        Assert.Multiple(() =>
        {
            Assert.That(g.F[2], Is.EqualTo(Canonical));
            Assert.That(g.Fcsr, Is.EqualTo(FloatFlags.Invalid));
        });
    }

    [Test]
    public void AnUnusedResultRaisesItsFlags([Range(0, Ways)] int way)
    {
        // 1 / 0, overwritten at once, in the next block, or after having been moved to where it is overwritten.
        uint[] code = way switch
        {
            0 => [Div(2, 10, 12), Load(2, 0)],
            1 => [Div(2, 10, 12), BranchIfZero(A0, 8), AddImmediate(A0, A0, 0), Load(2, 0)],
            _ => [Div(2, 10, 12), InjectSign(Positive, 3, 2, 2), ToBits(A2, 2), Load(2, 0), Load(3, 0), AddImmediate(A2, 0, 1)],
        };
        using GuestHarness g = Fresh();
        g.RunCode(code);
        Assert.That(g.Fcsr, Is.EqualTo(FloatFlags.DivideByZero));
    }

    [TestCase(true, Payload, FloatFlags.Invalid)]
    [TestCase(false, Payload, 0u)]
    [TestCase(false, Signalling, FloatFlags.Invalid)]
    public void AComparisonOfNaNIsFalseAndRaisesItsFlagThoughUnused(bool ordered, ulong operand, uint flags)
    {
        using GuestHarness used = Fresh();
        using GuestHarness unused = Fresh();
        used.F[11] = unused.F[11] = operand;
        used.X[(int)A2] = 7;
        uint compare = ordered ? Less(A2, 11, 10) : Equal(A2, 11, 10);
        used.RunCode(compare, BranchIfNotZero(A2, 8), AddImmediate(A0, 0, 9));
        unused.RunCode(compare, AddImmediate(A2, 0, 5));
        Assert.Multiple(() =>
        {
            Assert.That(used.X[(int)A2], Is.Zero);
            Assert.That(used.X[(int)A0], Is.EqualTo(9), "not taken");
            Assert.That(used.Fcsr, Is.EqualTo(flags));
            Assert.That(unused.Fcsr, Is.EqualTo(flags));
        });
    }

    [Test]
    public void ARegisterMayBeASingleOnOnePathAndADoubleOnTheOther([Values(0, 1)] int single)
    {
        // f2 = boxed 1 + 1 or 1.0 + 1.0, then stored as 64 bits; both in a loop that changes its mind.
        using GuestHarness g = Fresh();
        g.F[13] = BoxedOne;
        g.X[(int)A0] = (ulong)single;
        g.X[(int)A2] = 4;
        g.RunCode(
            BranchIfZero(A0, 16),
            AddSingle(2, 13, 13),
            AddImmediate(A0, 0, 0),
            Asm.J(0x6F, 0, 12),
            Add(2, 10, 10),
            AddImmediate(A0, 0, 1),
            Save(2, 0),
            AddImmediate(A2, A2, -1),
            BranchIfNotZero(A2, -32));
        ulong expected = single == 0 ? 0xffff_ffff_4000_0000 : BitConverter.DoubleToUInt64Bits(2);
        Assert.Multiple(() =>
        {
            Assert.That(g.F[2], Is.EqualTo(expected));
            Assert.That(g.World.TryRead(GuestHarness.DataAddress, out ulong stored) ? stored : 0, Is.EqualTo(expected));
        });
    }

    /// <summary>f10 is 1, f11 a NaN with a payload, f12 zero; a1 points to zeros.</summary>
    private GuestHarness Fresh()
    {
        var g = new GuestHarness(tier);
        g.X[(int)A1] = GuestHarness.DataAddress;
        g.F[10] = s_one;
        g.F[11] = Payload;
        return g;
    }
}
