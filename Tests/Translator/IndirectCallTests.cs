using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;
using RvJit.Translator.Inspection;
using RvJit.Translator.Isa.Tables;

namespace RvJit.Tests.Translator;

/// <summary>
/// Calls through a register. In the automatic tier the functions that such a call was seen to call are copied into the
/// caller's region; wherever it goes and however it returns, the guest must not notice.
/// </summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
[TestFixture(Tier.Auto)]
public sealed unsafe class IndirectCallTests(Tier tier)
{
    private const uint Ra = 1, T0 = 5, T1 = 6, T2 = 7, A0 = 10, A1 = 11, A2 = 12;
    private const uint Ebreak = 0x00100073;
    private const int Bytes = 16;
    private const ulong Functions = GuestHarness.CodeAddress + 0x400;

    private static readonly uint s_ret = Asm.I(0x67, 0, 0, Ra, 0);

    private ulong Rounds => tier == Tier.Interp ? 8_000UL : 1_600_000;

    /// <summary>One, few and many functions by turns: each runs as often as it is called, and finds its return address.</summary>
    [TestCase(1, 4)]
    [TestCase(4, 4)]
    [TestCase(8, 4)]
    [TestCase(16, 4)]
    [TestCase(4, 10)]
    [TestCase(8, 10)]
    public void EveryFunctionIsCalled(int functions, int shift)
    {
        var log = new RegionLog();
        using var g = new GuestHarness(tier, options: new EngineOptions { Log = log });
        for (int n = 0; n < functions; n++)
            g.Assemble(Functions + ((ulong)n << shift), AddImmediate(A0, A0, n + 1), Asm.R(0x33, 0, 0, A2, A2, Ra), s_ret);
        RunCalls(g, functions - 1, shift);
        Assert.Multiple(() =>
        {
            Assert.That(g.X[(int)A0], Is.EqualTo(Rounds / (ulong)functions * (ulong)(functions * (functions + 1) / 2)));
            Assert.That(g.X[(int)A2], Is.EqualTo(Rounds * (GuestHarness.CodeAddress + Bytes)));
        });
        if (tier == Tier.Auto)
            Assert.That(log.Regions.Any(r => r.Blocks.Any(b => b.ReturnTo == GuestHarness.CodeAddress + Bytes)), "no copy was made");
    }

    /// <summary>A function that is first called when the others have been copied, and returns behind where it should.</summary>
    [Test]
    public void AFunctionMayTurnUpLater()
    {
        using var g = new GuestHarness(tier);
        g.Assemble(Functions, AddImmediate(A0, A0, 1), s_ret);
        g.Assemble(Functions + 16, AddImmediate(A0, A0, 2), AddImmediate(Ra, Ra, 4), s_ret);

        // loop: t1 = t0 < t2; t1 <<= 4; t1 += a1; jalr t1; a2 += 1; t0 -= 1; bnez t0,loop
        g.X[(int)T0] = Rounds;
        g.X[(int)T2] = Rounds / 8;
        g.X[(int)A1] = Functions;
        g.RunCode(
            Asm.R(0x33, 3, 0, T1, T0, T2),
            Asm.I(0x13, 1, T1, T1, 4),
            Asm.R(0x33, 0, 0, T1, T1, A1),
            Asm.I(0x67, 0, Ra, T1, 0),
            AddImmediate(A2, A2, 1),
            AddImmediate(T0, T0, -1),
            Asm.B(0x63, 1, T0, 0, -24),
            Ebreak);
        ulong late = (Rounds / 8) - 1;
        Assert.Multiple(() =>
        {
            Assert.That(g.X[(int)A0], Is.EqualTo(Rounds + late));
            Assert.That(g.X[(int)A2], Is.EqualTo(Rounds - late));
        });
    }

    /// <summary>A function that calls through a register itself, saving its return address in another.</summary>
    [Test]
    public void CopiesCallThroughRegisters()
    {
        using var g = new GuestHarness(tier);
        const uint S0 = 8, A3 = 13;

        // s0 = ra; jalr a3; a2 += ra; ra = s0; ret
        g.Assemble(
            Functions,
            AddImmediate(S0, Ra, 0),
            Asm.I(0x67, 0, Ra, A3, 0),
            Asm.R(0x33, 0, 0, A2, A2, Ra),
            AddImmediate(Ra, S0, 0),
            s_ret);
        g.Assemble(Functions + 64, AddImmediate(A0, A0, 1), s_ret);
        g.X[(int)A3] = Functions + 64;
        RunCalls(g, 0, 4);
        Assert.Multiple(() =>
        {
            Assert.That(g.X[(int)A0], Is.EqualTo(Rounds));
            Assert.That(g.X[(int)A2], Is.EqualTo(Rounds * (Functions + 8)));
        });
    }

    // loop: t1 = t0 & mask; t1 <<= shift; t1 += a1; jalr t1; t0 -= 1; bnez t0,loop
    private void RunCalls(GuestHarness g, int mask, int shift)
    {
        g.X[(int)T0] = Rounds;
        g.X[(int)A1] = Functions;
        g.RunCode(
            Asm.I(0x13, 7, T1, T0, mask),
            Asm.I(0x13, 1, T1, T1, shift),
            Asm.R(0x33, 0, 0, T1, T1, A1),
            Asm.I(0x67, 0, Ra, T1, 0),
            AddImmediate(T0, T0, -1),
            Asm.B(0x63, 1, T0, 0, -20),
            Ebreak);
    }

    private static uint AddImmediate(uint rd, uint rs1, int value) => Asm.I(0x13, 0, rd, rs1, value);
}
