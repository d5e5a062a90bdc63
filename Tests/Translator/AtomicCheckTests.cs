using NUnit.Framework;
using RvJit.Fuzz.Support;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Translator;

/// <summary>Address and alignment checks of atomic operations, alone, in loops and among loads and stores.</summary>
public sealed unsafe class AtomicCheckTests
{
    private const ulong Page = HostMemory.PageSize;
    private const ulong Memory = LoopPrograms.Table;

    /// <summary>An atomic operation is checked with the accesses beside it; where it faults, and how, stays its own.</summary>
    [TestCase(Memory, TrapCause.Breakpoint, 24, TestName = "{m}(allowed)")]
    [TestCase(Memory + 1, TrapCause.StoreAddressMisaligned, 8, TestName = "{m}(not aligned)")]
    [TestCase(Memory + Page - 8, TrapCause.LoadPageFault, 16, TestName = "{m}(the load behind it has no page)")]
    [TestCase(Memory + (2 * Page), TrapCause.StorePageFault, 8, TestName = "{m}(only readable)")]
    [TestCase(World.AddressLimit, TrapCause.LoadPageFault, 0, TestName = "{m}(outside of the window)")]
    public void AtomicsAmongAccesses(ulong address, TrapCause cause, int trapsAt)
    {
        foreach (Tier tier in (Tier[])[Tier.Interp, Tier.Jit])
        {
            using var g = new GuestHarness(tier);
            g.Map(Memory, Page, Access.ReadWrite);
            g.Map(Memory + (2 * Page), Page, Access.Read);
            uint[] code =
            [
                Encoder.Word("lb", rd: 11, rs1: 10), Encoder.Word("addi", rd: 12, imm: 1),
                Encoder.Word("amoadd.d", rd: 13, rs1: 10, rs2: 12), Encoder.Word("addi", rd: 14, rs1: 13, imm: 1),
                Encoder.Word("ld", rd: 15, rs1: 10, imm: 8), Encoder.Word("amoadd.d", rd: 16, rs1: 10, rs2: 12),
            ];
            for (ulong round = 0; round < 3; round++)
            {
                g.X[10] = address;
                g.X[13] = 99;
                Trap trap = g.RunCode(code);
                ulong added = trapsAt switch { > 20 => 2u, > 8 => 1u, _ => 0u };
                Assert.That(trap.Cause, Is.EqualTo(cause), $"{tier}");
                Assert.That(g.Pc, Is.EqualTo(GuestHarness.CodeAddress + (ulong)trapsAt), $"{tier}");
                Assert.That(g.X[13], Is.EqualTo(added == 0 ? 99 : round * added), $"{tier}, round {round}");
            }
        }
    }

    /// <summary>A loop asks once whether its atomics are aligned; where one is not, the loop traps there, with all before it done.</summary>
    [Test]
    public void ALoopOfAtomicsKnowsOddAddresses([Values(Tier.Interp, Tier.Jit)] Tier tier)
    {
        const int Rounds = 100;
        using var g = new GuestHarness(tier);
        g.Map(Memory, 2 * Page, Access.ReadWrite);

        // for (t0 = 100; t0 != 0; t0--) { a3++; *(int*)a0 += a3; *(long*)a0 ^= a3; *(long*)a1 |= a3; }
        uint[] code =
        [
            Encoder.Word("addi", rd: 13, rs1: 13, imm: 1), Encoder.Word("amoadd.w", rs1: 10, rs2: 13),
            Encoder.Word("amoxor.d", rs1: 10, rs2: 13), Encoder.Word("amoor.d", rs1: 11, rs2: 13),
            Encoder.Word("addi", rd: 5, rs1: 5, imm: -1), Encoder.Word("bne", rs1: 5, imm: -20),
        ];
        foreach ((ulong first, ulong second, int trapsAt) in ((ulong, ulong, int)[])
            [(8, 16, 24), (12, 16, 8), (8, 20, 12), (10, 16, 4), (8, 16, 24), (8, 17, 12), (16, 8, 24)])
        {
            g.X[10] = Memory + first;
            g.X[11] = Memory + second;
            g.X[5] = Rounds;
            g.X[13] = 0;
            Trap trap = g.RunCode(code);
            bool all = trapsAt == 24;
            Assert.That(trap.Cause, Is.EqualTo(all ? TrapCause.Breakpoint : TrapCause.StoreAddressMisaligned), $"{first} {second}");
            Assert.That(g.Pc, Is.EqualTo(GuestHarness.CodeAddress + (ulong)trapsAt), $"{first} {second}");
            if (!all)
                Assert.That(trap.Value, Is.EqualTo(Memory + (trapsAt == 12 ? second : first)));
            Assert.That(g.X[13], Is.EqualTo(all ? Rounds : 1), $"{first} {second}");
        }
    }

    /// <summary>The last page of a mapping holds a lock: nothing behind it may be asked for, or it is left for ever.</summary>
    [Test]
    public void AnAtomicInALonePageStaysInside()
    {
        using var g = new GuestHarness(Tier.Jit);
        g.Map(Memory, Page, Access.ReadWrite);
        g.X[10] = Memory + Page - 8;
        g.X[5] = 1000;
        g.X[12] = 3;

        // do { amoadd.d; lr.d; sc.d } while (--t0 != 0), outside of what a loop's own checks cover.
        g.RunCode(
            Encoder.Word("amoadd.d", rd: 13, rs1: 10, rs2: 12), Encoder.Word("lr.d", rd: 14, rs1: 10),
            Encoder.Word("addi", rd: 14, rs1: 14, imm: 1), Encoder.Word("sc.d", rd: 15, rs1: 10, rs2: 14),
            Encoder.Word("addi", rd: 5, rs1: 5, imm: -1), Encoder.Word("beq", rs1: 5, imm: 8), Encoder.Word("jal", imm: -24));

        Assert.That(g.World.TryRead(Memory + Page - 8, out ulong sum));
        Assert.That(sum, Is.EqualTo(4000));
        Assert.That(g.Engine.Statistics.FailedChecks, Is.Zero);
    }

    /// <summary>Another hart stores between lr and sc, which a region checks together: sc must not store.</summary>
    [Test]
    public void AnotherHartStoresBetweenLoadAndStore([Values(Tier.Interp, Tier.Jit)] Tier tier, [Values] bool word)
    {
        const ulong Rounds = 60_000;
        using var g = new GuestHarness(tier);
        g.World.Share();
        g.Map(Memory, Page, Access.ReadWrite);
        using var other = new Hart(1);
        other.EnterWorld(g.World);
        string size = word ? "w" : "d";

        // do { do { lr; addi; sc } while (failed) } while (--t0 != 0)
        g.Assemble(
            GuestHarness.CodeAddress,
            Encoder.Word($"lr.{size}", rd: 11, rs1: 10), Encoder.Word("addi", rd: 11, rs1: 11, imm: 1),
            Encoder.Word($"sc.{size}", rd: 12, rs1: 10, rs2: 11), Encoder.Word("bne", rs1: 12, imm: -12),
            Encoder.Word("addi", rd: 5, rs1: 5, imm: -1), Encoder.Word("bne", rs1: 5, imm: -20));
        var thread = new Thread(() => Count(other));
        thread.Start();
        Count(g.Hart);
        thread.Join();

        Assert.That(g.World.TryRead(Memory, out ulong sum));
        Assert.That(sum, Is.EqualTo(2 * Rounds));

        void Count(Hart hart)
        {
            hart.State->X[10] = Memory;
            hart.State->X[5] = Rounds;
            hart.State->Pc = GuestHarness.CodeAddress;
            _ = g.Engine.Run(hart);
        }
    }
}
