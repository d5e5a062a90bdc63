using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;
using RvJit.Translator.Isa.Tables;

namespace RvJit.Tests.Translator;

/// <summary>What the two tiers promise beyond single instructions: stack, polls, coherence, counts, rounding.</summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
[TestFixture(Tier.Auto)]
public sealed unsafe class EngineTests(Tier tier)
{
    private const uint A0 = 10, A1 = 11, A2 = 12, T0 = 5;
    private const uint Ebreak = 0x00100073;
    private const uint FenceI = 0x0000100F;

    /// <summary>Farther than one region reaches, so that each jump is a transfer between regions.</summary>
    private const ulong Far = GuestHarness.CodeAddress + 0x100000;

    [Test]
    public void TransfersBetweenRegionsUseNoStack()
    {
        var counted = 0UL;
        var thread = new Thread(() => counted = CountDownAcrossRegions(2_000_000), 256 << 10);
        thread.Start();
        thread.Join();
        Assert.That(counted, Is.EqualTo(2_000_000UL));
    }

    [Test]
    public void TransfersThroughRegistersUseNoStack()
    {
        var counted = 0UL;
        var thread = new Thread(() => counted = CallAcrossRegions(1_000_000), 256 << 10);
        thread.Start();
        thread.Join();
        Assert.That(counted, Is.EqualTo(1_000_000UL));
    }

    [TestCase(false, TestName = "{m}(direct jump to itself)")]
    [TestCase(true, TestName = "{m}(indirect jump to itself)")]
    [CancelAfter(30_000)]
    public void NoLoopEscapesARequest(bool indirect, CancellationToken cancel)
    {
        using var g = new GuestHarness(tier);
        if (indirect)
            g.Assemble(GuestHarness.CodeAddress, Asm.I(0x67, 0, 0, A0, 0)); // jr a0
        else
            g.Assemble(GuestHarness.CodeAddress, Asm.J(0x6F, 0, 0)); // j .
        g.X[(int)A0] = GuestHarness.CodeAddress;
        Trap trap = default;
        var thread = new Thread(() => trap = g.Run(GuestHarness.CodeAddress));
        thread.Start();
        while (Volatile.Read(ref g.State->Epoch) == 0 && tier == Tier.Jit)
            cancel.ThrowIfCancellationRequested();
        g.Hart.Request(HartRequests.Interrupt);
        thread.Join();
        Assert.Multiple(() =>
        {
            Assert.That(trap, Is.EqualTo(Trap.Requested));
            Assert.That(g.Pc, Is.EqualTo(GuestHarness.CodeAddress));
            Assert.That(g.Hart.TakeRequests(), Is.EqualTo(HartRequests.Interrupt));
        });
    }

    /// <summary>A function is called, rewritten by guest stores, and called again: often, so that it is translated.</summary>
    [Test]
    public void RewrittenCodeIsRunAsRewritten()
    {
        using var g = new GuestHarness(tier);
        ulong function = GuestHarness.CodeAddress + 0x1000;
        uint one = Asm.I(0x13, 0, A0, A0, 1);
        uint two = Asm.I(0x13, 0, A0, A0, 2);
        uint ret = Asm.I(0x67, 0, 0, 1, 0);
        g.Assemble(function, one, ret);

        // loop: sw a2,0(a1); fence.i; jalr a1; sw t1,0(a1); fence.i; jalr a1; addi t0,t0,-1; bnez t0,loop; ebreak
        g.Assemble(
            GuestHarness.CodeAddress,
            Asm.S(0x23, 2, A1, A2, 0),
            FenceI,
            Asm.I(0x67, 0, 1, A1, 0),
            Asm.S(0x23, 2, A1, 6, 0),
            FenceI,
            Asm.I(0x67, 0, 1, A1, 0),
            Asm.I(0x13, 0, T0, T0, -1),
            Asm.B(0x63, 1, T0, 0, -28),
            Ebreak);
        const ulong Rounds = 600;
        g.X[(int)A0] = 0;
        g.X[(int)A1] = function;
        g.X[(int)A2] = one;
        g.X[6] = two;
        g.X[(int)T0] = Rounds;
        Trap trap = g.Run(GuestHarness.CodeAddress);
        Assert.Multiple(() =>
        {
            Assert.That(trap.Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(g.X[(int)A0], Is.EqualTo(3 * Rounds));
        });
    }

    /// <summary>The same, with the stores made through another address of the same physical page.</summary>
    [Test]
    public void CodeRewrittenThroughAnAliasIsRunAsRewritten()
    {
        using var g = new GuestHarness(tier);
        ulong function = GuestHarness.CodeAddress + 0x1000;
        g.World.TryFindRun(function, out MappedRun run);
        g.World.TryMap(Far, 0x1000, run.PhysicalAt(function), Access.ReadWrite);
        uint one = Asm.I(0x13, 0, A0, A0, 1);
        uint two = Asm.I(0x13, 0, A0, A0, 2);
        g.Assemble(function, one, Asm.I(0x67, 0, 0, 1, 0));

        // loop: sw a2,0(a3); fence.i; jalr a1; sw t1,0(a3); fence.i; jalr a1; addi t0,t0,-1; bnez t0,loop; ebreak
        g.X[(int)A1] = function;
        g.X[(int)A2] = one;
        g.X[13] = Far;
        g.X[6] = two;
        const ulong Rounds = 600;
        g.X[(int)T0] = Rounds;
        g.RunCode(
            Asm.S(0x23, 2, 13, A2, 0),
            FenceI,
            Asm.I(0x67, 0, 1, A1, 0),
            Asm.S(0x23, 2, 13, 6, 0),
            FenceI,
            Asm.I(0x67, 0, 1, A1, 0),
            Asm.I(0x13, 0, T0, T0, -1),
            Asm.B(0x63, 1, T0, 0, -28),
            Ebreak);
        Assert.That(g.X[(int)A0], Is.EqualTo(3 * Rounds));
    }

    /// <summary>Data beside code in one page: the stores go through, and the code stays what it is.</summary>
    [Test]
    public void DataBesideCodeMayBeWritten()
    {
        using var g = new GuestHarness(tier);

        // loop: ld a2,512(a1); addi a2,a2,1; sd a2,512(a1); addi t0,t0,-1; bnez t0,loop; ebreak
        g.X[(int)A1] = GuestHarness.CodeAddress;
        g.X[(int)T0] = 5000;
        g.World.TryWrite(GuestHarness.CodeAddress + 512, 0UL);
        Trap trap = g.RunCode(
            Asm.I(0x03, 3, A2, A1, 512),
            Asm.I(0x13, 0, A2, A2, 1),
            Asm.S(0x23, 3, A1, A2, 512),
            Asm.I(0x13, 0, T0, T0, -1),
            Asm.B(0x63, 1, T0, 0, -16),
            Ebreak);
        g.World.TryRead(GuestHarness.CodeAddress + 512, out ulong value);
        Assert.Multiple(() =>
        {
            Assert.That(trap.Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(value, Is.EqualTo(5000UL));
        });
    }

    /// <summary>A right taken away by another thread ends a running store loop, and nothing is stored afterwards.</summary>
    [Test]
    [CancelAfter(30_000)]
    public void ARevokedPageIsNotWrittenAgain(CancellationToken cancel)
    {
        using var g = new GuestHarness(tier);

        // loop: addi a0,a0,1; sd a0,0(a1); j loop
        g.Assemble(
            GuestHarness.CodeAddress,
            Asm.I(0x13, 0, A0, A0, 1),
            Asm.S(0x23, 3, A1, A0, 0),
            Asm.J(0x6F, 0, -8));
        g.X[(int)A1] = GuestHarness.DataAddress;
        Trap trap = default;
        var thread = new Thread(() => trap = g.Run(GuestHarness.CodeAddress));
        thread.Start();
        ulong seen = 0;
        while (seen < 100_000)
        {
            cancel.ThrowIfCancellationRequested();
            g.World.TryRead(GuestHarness.DataAddress, out seen);
        }

        g.World.Protect(GuestHarness.DataAddress, 0x1000, Access.Read);
        g.World.TryRead(GuestHarness.DataAddress, out ulong atReturn);
        thread.Join();
        g.World.TryRead(GuestHarness.DataAddress, out ulong later);
        Assert.Multiple(() =>
        {
            Assert.That(trap, Is.EqualTo(new Trap(TrapCause.StorePageFault, GuestHarness.DataAddress)));
            Assert.That(later, Is.EqualTo(atReturn));
            Assert.That(g.X[(int)A0], Is.EqualTo(atReturn + 1), "the trapping store has the next value");
        });
    }

    [Test]
    public void HostArithmeticNeverSeesTheGuestsRounding()
    {
        using var g = new GuestHarness(tier);
        g.Fcsr = 3 << 5; // RUP
        g.F[10] = BitConverter.DoubleToUInt64Bits(1);
        g.F[11] = BitConverter.DoubleToUInt64Bits(3);
        g.X[(int)T0] = 2000;

        // loop: fdiv.d fa2,fa0,fa1; addi t0,t0,-1; bnez t0,loop; ebreak
        g.RunCode(
            Asm.R(0x53, 7, 0x0D, 12, 10, 11),
            Asm.I(0x13, 0, T0, T0, -1),
            Asm.B(0x63, 1, T0, 0, -8),
            Ebreak);
        double three = double.Parse("3");
        Assert.Multiple(() =>
        {
            Assert.That(g.F[12], Is.EqualTo(0x3FD5_5555_5555_5556UL), "guest: one third rounded up");
            Assert.That(BitConverter.DoubleToUInt64Bits(1 / three), Is.EqualTo(0x3FD5_5555_5555_5555UL), "host: to nearest");
            Assert.That(g.Fcsr, Is.EqualTo((3u << 5) | 1), "only inexact was raised");
        });
    }

    /// <summary>frm = RMM cannot be done by the host: translated code must leave the arithmetic to the kernels.</summary>
    [Test]
    public void RoundingToMaxMagnitudeIsExact()
    {
        using var g = new GuestHarness(tier);
        g.Fcsr = 4 << 5;
        g.F[10] = BitConverter.DoubleToUInt64Bits(1);
        g.F[11] = 0x3CA0_0000_0000_0000; // half an ulp of 1: a tie
        g.X[(int)T0] = 1000;
        g.RunCode(
            Asm.R(0x53, 7, 0x01, 12, 10, 11),
            Asm.I(0x13, 0, T0, T0, -1),
            Asm.B(0x63, 1, T0, 0, -8),
            Ebreak);
        Assert.That(g.F[12], Is.EqualTo(0x3FF0_0000_0000_0001UL));
    }

    private ulong CountDownAcrossRegions(ulong rounds)
    {
        using var g = new GuestHarness(tier);
        g.MapCode(Far, 0x1000);
        int there = (int)(Far - GuestHarness.CodeAddress);

        // here: addi a0,a0,-1; addi a1,a1,1; beqz a0,end; j there; end: ebreak.   there: j here
        g.Assemble(
            GuestHarness.CodeAddress,
            Asm.I(0x13, 0, A0, A0, -1),
            Asm.I(0x13, 0, A1, A1, 1),
            Asm.B(0x63, 0, A0, 0, 8),
            Asm.J(0x6F, 0, there - 12),
            Ebreak);
        g.Assemble(Far, Asm.J(0x6F, 0, -there));
        g.X[(int)A0] = rounds;
        g.Run(GuestHarness.CodeAddress);
        return g.X[(int)A1];
    }

    private ulong CallAcrossRegions(ulong rounds)
    {
        using var g = new GuestHarness(tier);
        g.MapCode(Far, 0x1000);

        // loop: jalr a2; addi a0,a0,-1; bnez a0,loop; ebreak.   far: addi a1,a1,1; ret
        g.Assemble(
            GuestHarness.CodeAddress,
            Asm.I(0x67, 0, 1, A2, 0),
            Asm.I(0x13, 0, A0, A0, -1),
            Asm.B(0x63, 1, A0, 0, -8),
            Ebreak);
        g.Assemble(Far, Asm.I(0x13, 0, A1, A1, 1), Asm.I(0x67, 0, 0, 1, 0));
        g.X[(int)A0] = rounds;
        g.X[(int)A2] = Far;
        g.Run(GuestHarness.CodeAddress);
        return g.X[(int)A1];
    }
}
