using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;
using RvJit.Translator.Isa.Tables;

namespace RvJit.Tests.Translator;

/// <summary>
/// Regions with copies of callees, calls of a function to itself, indirect jumps to places inside, and places that only
/// run later. In the automatic tier loops are long enough to be translated on the way.
/// </summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
[TestFixture(Tier.Auto)]
public sealed unsafe class RegionShapeTests(Tier tier)
{
    private const uint Ra = 1, Sp = 2, T0 = 5, T1 = 6, A0 = 10, A1 = 11, A2 = 12, A3 = 13;
    private const uint Ebreak = 0x00100073;
    private const uint Nop = 0x00000013;
    private const ulong Function = GuestHarness.CodeAddress + 0x400;

    private static readonly uint s_ret = Asm.I(0x67, 0, 0, Ra, 0);

    private ulong Rounds => tier == Tier.Interp ? 2_000UL : 1_000_000;

    /// <summary>The callee comes back one instruction later than it was called, every time.</summary>
    [Test]
    public void AnInlinedCalleeMayReturnElsewhere()
    {
        using var g = new GuestHarness(tier);
        g.Assemble(Function, AddImmediate(Ra, Ra, 4), AddImmediate(A0, A0, 1), s_ret);

        // loop: call function; a0 += 100 (skipped); t0 -= 1; bnez t0, loop
        g.X[(int)T0] = Rounds;
        g.RunCode(
            Call(0),
            AddImmediate(A0, A0, 100),
            AddImmediate(T0, T0, -1),
            Asm.B(0x63, 1, T0, 0, -12),
            Ebreak);
        Assert.That(g.X[(int)A0], Is.EqualTo(Rounds));
    }

    /// <summary>Callees that call: what they leave in ra and on the stack is what a hart would have there.</summary>
    [Test]
    public void InlinedCallsNest()
    {
        using var g = new GuestHarness(tier);
        ulong inner = Function + 0x100;

        // function: sp -= 16; sd ra,0(sp); call inner; a1 += ra; ld ra,0(sp); sp += 16; ret
        g.Assemble(
            Function,
            AddImmediate(Sp, Sp, -16),
            Asm.S(0x23, 3, Sp, Ra, 0),
            Asm.J(0x6F, Ra, 0x100 - 8),
            Asm.R(0x33, 0, 0, A1, A1, Ra),
            Asm.I(0x03, 3, Ra, Sp, 0),
            AddImmediate(Sp, Sp, 16),
            s_ret);
        g.Assemble(inner, AddImmediate(A0, A0, 1), s_ret);
        g.X[(int)Sp] = GuestHarness.DataAddress + 0x800;
        g.X[(int)T0] = Rounds;
        g.RunCode(Call(0), AddImmediate(T0, T0, -1), Asm.B(0x63, 1, T0, 0, -8), Ebreak);
        Assert.Multiple(() =>
        {
            Assert.That(g.X[(int)A0], Is.EqualTo(Rounds));
            Assert.That(g.X[(int)A1], Is.EqualTo(Rounds * (Function + 12)));
            Assert.That(g.X[(int)Ra], Is.EqualTo(GuestHarness.CodeAddress + 4));
            Assert.That(g.X[(int)Sp], Is.EqualTo(GuestHarness.DataAddress + 0x800));
        });
    }

    /// <summary>fib by two calls of itself.</summary>
    [Test]
    public void AFunctionMayCallItself()
    {
        using var g = new GuestHarness(tier);
        g.Assemble(
            Function,
            Asm.B(0x63, 4, A0, A3, 4 * 14), // blt a0,a3,leaf
            AddImmediate(Sp, Sp, -32),
            Asm.S(0x23, 3, Sp, Ra, 0),
            Asm.S(0x23, 3, Sp, A0, 8),
            AddImmediate(A0, A0, -1),
            Asm.J(0x6F, Ra, -20),
            Asm.S(0x23, 3, Sp, A0, 16),
            Asm.I(0x03, 3, A0, Sp, 8),
            AddImmediate(A0, A0, -2),
            Asm.J(0x6F, Ra, -36),
            Asm.I(0x03, 3, T1, Sp, 16),
            Asm.R(0x33, 0, 0, A0, A0, T1),
            Asm.I(0x03, 3, Ra, Sp, 0),
            AddImmediate(Sp, Sp, 32),
            s_ret);
        g.X[(int)Sp] = GuestHarness.DataAddress + GuestHarness.DefaultBytes;
        g.X[(int)A0] = 22;
        g.X[(int)A3] = 2;
        g.RunCode(Call(0), Ebreak);
        Assert.That(g.X[(int)A0], Is.EqualTo(17711UL));
    }

    /// <summary>A jump to one of eight places, one of which it only goes to at the very end.</summary>
    [Test]
    public void AJumpTableReachesEveryPlace()
    {
        using var g = new GuestHarness(tier);
        const int Place = 16;

        // loop: t1 = t0 & 7; t1 *= 16; t1 += a1; jr t1
        // place n: a0 += 1 << n; t0 -= 1; j next; nop ... next: bnez t0, loop
        List<uint> code =
        [
            Asm.I(0x13, 7, T1, T0, 7),
            Asm.I(0x13, 1, T1, T1, 4),
            Asm.R(0x33, 0, 0, T1, T1, A1),
            Asm.I(0x67, 0, 0, T1, 0),
        ];
        int next = 16 + (8 * Place);
        for (int n = 0; n < 8; n++)
        {
            int at = 16 + (n * Place);
            code.AddRange([AddImmediate(A0, A0, 1 << n), AddImmediate(T0, T0, -1), Asm.J(0x6F, 0, next - at - 8), Nop]);
        }

        code.AddRange([Asm.B(0x63, 1, T0, 0, -next), Ebreak]);
        g.X[(int)A1] = GuestHarness.CodeAddress + 16;
        g.X[(int)T0] = Rounds;
        g.RunCode([.. code]);
        Assert.That(g.X[(int)A0], Is.EqualTo(Rounds / 8 * 255));
    }

    /// <summary>A path that is first taken long after its loop was translated, and then always.</summary>
    [Test]
    public void WhatTurnsHotLaterIsRunAsWell()
    {
        using var g = new GuestHarness(tier);

        // loop: t0 -= 1; bltu t0,a1,late; a0 += 1; back: bnez t0,loop; ebreak; late: a2 += 1; j back
        g.X[(int)A1] = Rounds / 2;
        g.X[(int)T0] = Rounds;
        g.RunCode(
            AddImmediate(T0, T0, -1),
            Asm.B(0x63, 6, T0, A1, 16),
            AddImmediate(A0, A0, 1),
            Asm.B(0x63, 1, T0, 0, -12),
            Ebreak,
            AddImmediate(A2, A2, 1),
            Asm.J(0x6F, 0, -12));
        Assert.Multiple(() =>
        {
            Assert.That(g.X[(int)A0], Is.EqualTo(Rounds / 2));
            Assert.That(g.X[(int)A2], Is.EqualTo(Rounds / 2));
        });
    }

    /// <summary>A loop that no region holds whole: the second region takes what the first could not, and no copy of what it did.</summary>
    [Test]
    public void WhatALargeRegionHoldsIsNotTranslatedTwice()
    {
        const int Instructions = 500;
        using var g = new GuestHarness(tier);
        uint[] code = [.. Enumerable.Repeat(AddImmediate(A0, A0, 1), Instructions), AddImmediate(T0, T0, -1), Asm.B(0x63, 1, T0, 0, -4 * (Instructions + 1)), Ebreak];
        g.X[(int)T0] = Rounds;
        g.RunCode(code);
        Assert.That(g.X[(int)A0], Is.EqualTo(Rounds * Instructions));
        if (tier == Tier.Auto)
            Assert.That(g.Engine.Statistics.RegionInstructions, Is.LessThanOrEqualTo(code.Length));
    }

    /// <summary>A branch that is never taken leads below address 0, out of every window: the translator does not look there.</summary>
    [Test]
    public void ABranchOutOfTheWindowIsNotFollowed()
    {
        using var g = new GuestHarness(tier);
        g.MapCode(0, 0x1000);

        // loop: t0 -= 1; beq t0,a1,-0x200; bnez t0,loop; ebreak
        g.Assemble(0x100, AddImmediate(T0, T0, -1), Asm.B(0x63, 0, T0, A1, -0x200), Asm.B(0x63, 1, T0, 0, -8), Ebreak);
        g.X[(int)A1] = ulong.MaxValue;
        g.X[(int)T0] = Rounds;
        Trap trap = g.Run(0x100);
        Assert.That(trap.Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(g.Pc, Is.EqualTo(0x10CUL));
    }

    /// <summary>A cycle of nothing but returns, and one of calls, are left when somebody asks.</summary>
    [TestCase(true, TestName = "{m}(return to itself)")]
    [TestCase(false, TestName = "{m}(call of itself)")]
    [CancelAfter(30_000)]
    public void NoCycleThroughCallsEscapesARequest(bool returns, CancellationToken cancel)
    {
        using var g = new GuestHarness(tier);
        g.Assemble(GuestHarness.CodeAddress, returns ? s_ret : Asm.J(0x6F, Ra, 0));
        g.X[(int)Ra] = GuestHarness.CodeAddress;
        Trap trap = default;
        var thread = new Thread(() => trap = g.Run(GuestHarness.CodeAddress));
        thread.Start();
        while (Volatile.Read(ref g.State->Epoch) == 0 && tier == Tier.Jit)
            cancel.ThrowIfCancellationRequested();
        Thread.Sleep(tier == Tier.Auto ? 200 : 0); // the region is there by then, or this run proves less
        g.Hart.Request(HartRequests.Interrupt);
        thread.Join();
        Assert.That(trap, Is.EqualTo(Trap.Requested));
    }

    private static uint AddImmediate(uint rd, uint rs1, int value) => Asm.I(0x13, 0, rd, rs1, value);

    /// <summary>Calls <see cref="Function"/> from so many bytes after the start of the code.</summary>
    private static uint Call(int from) => Asm.J(0x6F, Ra, (int)(Function - GuestHarness.CodeAddress) - from);
}
