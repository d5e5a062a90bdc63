using NUnit.Framework;
using RvJit.Fuzz.Support;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;
using RvJit.Translator.Regions;

namespace RvJit.Tests.Translator;

/// <summary>Address checks that stand for many accesses change nothing that a guest can see.</summary>
public sealed unsafe class CheckTests
{
    private const ulong Page = HostMemory.PageSize;
    private const ulong Memory = LoopPrograms.Table;
    private const int MemoryPages = 9;

    /// <summary>What each page allows; around them nothing.</summary>
    private static readonly PageRow s_pages = new(
        Memory,
        Access.ReadWrite, Access.ReadWrite, Access.Read, Access.None, Access.ReadWrite, Access.None, Access.ReadWrite,
        Access.ReadWrite, Access.ReadWrite);

    /// <summary>The interpreter asks for each access; both must end in the same state after the same accesses.</summary>
    [TestCase(1, RegionCare.None)]
    [TestCase(2, RegionCare.None)]
    [TestCase(3, RegionCare.Rooms)]
    [TestCase(4, RegionCare.Rooms | RegionCare.Checks)]
    public void LoopsEndAsInterpreted(int seed, RegionCare care)
    {
        const int Programs = 40;
        const int Runs = 12;
        var random = new Random(seed);
        for (int program = 0; program < Programs; program++)
        {
            using GuestHarness expected = Make(Tier.Interp), actual = Make(Tier.Jit, care);
            uint[] code = new LoopPrograms(random).Make();
            expected.Assemble(GuestHarness.CodeAddress, code);
            actual.Assemble(GuestHarness.CodeAddress, code);
            for (int run = 0; run < Runs; run++)
            {
                ulong[] registers = Registers(random);
                Trap wanted = Start(expected, registers), got = Start(actual, registers);
                string place = $"seed {seed}, program {program}, run {run}";
                Assert.That(got, Is.EqualTo(wanted), place);
                Assert.That(actual.Pc, Is.EqualTo(expected.Pc), place);
                Assert.That(actual.X.ToArray(), Is.EqualTo(expected.X.ToArray()), place);
                Assert.That(s_pages.ContentsIn(actual), Is.EqualTo(s_pages.ContentsIn(expected)), place);
            }
        }
    }

    /// <summary>
    /// A page alone: a check of it and the next one fails, however good the accesses are. Regions must not be left for
    /// that for ever.
    /// </summary>
    [TestCase(false, TestName = "{m}(fields of a record)")]
    [TestCase(true, TestName = "{m}(a walk over the page)")]
    public void ALonePageIsNotLeftForEver(bool walks)
    {
        const int Rounds = 100_000;
        const int MostFailures = 2_000;
        using var g = new GuestHarness(Tier.Jit);
        g.Map(Memory, Page, Access.ReadWrite);
        g.X[10] = Memory;
        g.X[5] = Rounds;
        g.X[11] = Memory + Page;

        // With a walk, a1 goes from the page's start to its end and back to the start.
        uint[] code = walks
            ?
            [
                Encoder.Word("addi", rd: 12, rs1: 10),
                Encoder.Word("ld", rd: 13, rs1: 12), Encoder.Word("addi", rd: 13, rs1: 13, imm: 1),
                Encoder.Word("sd", rs1: 12, rs2: 13), Encoder.Word("addi", rd: 12, rs1: 12, imm: 8),
                Encoder.Word("addi", rd: 5, rs1: 5, imm: -1), Encoder.Word("beq", rs1: 5, imm: 12),
                Encoder.Word("bne", rs1: 12, rs2: 11, imm: -24), Encoder.Word("jal", imm: -32),
            ]
            :
            [
                Encoder.Word("ld", rd: 13, rs1: 10, imm: 8), Encoder.Word("addi", rd: 13, rs1: 13, imm: 1),
                Encoder.Word("sd", rs1: 10, rs2: 13, imm: 8), Encoder.Word("add", rd: 10, rs1: 10, rs2: 13),
                Encoder.Word("sub", rd: 10, rs1: 10, rs2: 13), Encoder.Word("sd", rs1: 10, rs2: 13, imm: 24),
                Encoder.Word("addi", rd: 5, rs1: 5, imm: -1), Encoder.Word("bne", rs1: 5, imm: -28),
            ];

        Trap trap = g.RunCode(code);

        Assert.That(trap.Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(g.World.TryRead(walks ? Memory : Memory + 8, out ulong counted));
        Assert.That(counted, Is.EqualTo(walks ? (Rounds + (Page / 8) - 1) / (Page / 8) : Rounds));
        Assert.That(g.Engine.Statistics.FailedChecks, Is.LessThan(MostFailures));
    }

    /// <summary>A hart that checks its loop once for many iterations still notices that the page is taken away.</summary>
    [Test]
    public void ALoopLosesItsPage([Values(8, -8, 0)] int step, [Values] bool unmap, [Values] bool atomic)
    {
        const int Rounds = 20;
        using var g = new GuestHarness(Tier.Jit);
        ulong physical = g.Map(Memory, Page, Access.ReadWrite);
        ulong* cell = (ulong*)g.Memory.Pointer(physical, Page) + 64;

        // for (;;) for (a2 = a0, t0 = 64; t0 != 0; t0--, a2 += step) *a2 = ++a3;
        g.Assemble(
            GuestHarness.CodeAddress,
            Encoder.Word("addi", rd: 12, rs1: 10), Encoder.Word("addi", rd: 5, imm: 64),
            Encoder.Word("addi", rd: 13, rs1: 13, imm: 1), Encoder.Word(atomic ? "amoswap.d" : "sd", rs1: 12, rs2: 13),
            Encoder.Word("addi", rd: 12, rs1: 12, imm: step), Encoder.Word("addi", rd: 5, rs1: 5, imm: -1),
            Encoder.Word("bne", rs1: 5, imm: -16), Encoder.Word("jal", imm: -28));
        g.X[10] = Memory + (64 * 8);
        for (int round = 0; round < Rounds; round++)
        {
            Trap trap = default;
            var hart = new Thread(() => trap = g.Run(GuestHarness.CodeAddress));
            ulong before = Volatile.Read(ref *cell);
            hart.Start();
            Assert.That(SpinWait.SpinUntil(() => Volatile.Read(ref *cell) != before, TimeSpan.FromSeconds(30)), "the hart stores");

            if (unmap)
                g.World.Unmap(Memory, Page);
            else
                g.World.Protect(Memory, Page, Access.Read);
            ulong last = Volatile.Read(ref *cell);
            hart.Join();

            Assert.That(trap.Cause, Is.EqualTo(TrapCause.StorePageFault));
            Assert.That(g.Pc, Is.EqualTo(GuestHarness.CodeAddress + 12));
            Assert.That(trap.Value, Is.EqualTo(g.X[12]));
            Assert.That(Volatile.Read(ref *cell), Is.EqualTo(last), "no store arrives afterwards");
            if (unmap)
                Assert.That(g.World.TryMap(Memory, Page, physical, Access.ReadWrite));
            else
                g.World.Protect(Memory, Page, Access.ReadWrite);
        }
    }

    /// <summary>A loop that steps on in two places, one of them in front of its header, entered at the header.</summary>
    [TestCase(2UL, TrapCause.Breakpoint)]
    [TestCase(3UL, TrapCause.LoadPageFault)]
    public void ALoopWithALatchInFront(ulong pages, TrapCause cause)
    {
        const int Mapped = 2;
        const int Header = 8;
        foreach (Tier tier in (Tier[])[Tier.Interp, Tier.Jit])
        {
            using var g = new GuestHarness(tier);
            g.Map(Memory, Mapped * Page, Access.ReadWrite);
            for (ulong at = Memory; at < Memory + (Mapped * Page); at += 24)
                Assert.That(g.World.TryWrite(at, 1UL));
            ulong end = g.Assemble(
                GuestHarness.CodeAddress,
                Encoder.Word("addi", rd: 12, rs1: 12, imm: 8), Encoder.Word("beq", rs1: 12, rs2: 9, imm: 28),
                Encoder.Word("ld", rd: 15, rs1: 12), Encoder.Word("bne", rs1: 15, imm: -12),
                Encoder.Word("addi", rd: 10, rs1: 10, imm: 1), Encoder.Word("sd", rs1: 12, rs2: 10),
                Encoder.Word("addi", rd: 12, rs1: 12, imm: 8), Encoder.Word("bne", rs1: 12, rs2: 9, imm: -20));
            g.X[12] = Memory;
            g.X[9] = Memory + (pages * Page);

            Trap trap = g.Run(GuestHarness.CodeAddress + Header);

            Assert.That(trap.Cause, Is.EqualTo(cause), $"{tier}");
            Assert.That(g.Pc, Is.EqualTo(cause == TrapCause.Breakpoint ? end : GuestHarness.CodeAddress + Header), $"{tier}");
            Assert.That(g.X[12], Is.EqualTo(Memory + (Mapped * Page)), $"{tier}");
            const ulong Elements = Mapped * Page / 8;
            Assert.That(g.X[10], Is.EqualTo(Elements - ((Elements + 2) / 3)), $"{tier}");
            Assert.That(g.World.TryRead(Memory + (Mapped * Page) - 16, out ulong last));
            Assert.That(last, Is.EqualTo(g.X[10]), $"{tier}");
        }
    }

    /// <summary>
    /// A loop over words that looks at some of them byte by byte, as strlen does: the bytes have the word's check, and where the
    /// pages end the word faults, or its bytes when the word is another, in both tiers.
    /// </summary>
    [Test]
    public void AWalkOverWordsAndTheirBytesEndsAtThePages()
    {
        const int Mapped = 2;
        foreach (bool ofTheWord in (bool[])[true, false])
        {
            foreach (Tier tier in (Tier[])[Tier.Interp, Tier.Jit])
            {
                using var g = new GuestHarness(tier);
                g.Map(Memory, Mapped * Page, Access.ReadWrite);
                int word = ofTheWord ? 15 : 9; // a5 walks, s1 stays
                g.X[15] = Memory;
                g.X[9] = Memory;
                uint[] code =
                [
                    Encoder.Word("ld", rd: 12, rs1: word), Encoder.Word("addi", rd: 13, rs1: 15, imm: 8),
                    Encoder.Word("andi", rd: 14, rs1: 13, imm: 64), Encoder.Word("beq", rs1: 14, imm: 24),
                    Encoder.Word("lbu", rd: 14, rs1: 13, imm: -8), Encoder.Word("bne", rs1: 14, imm: 20),
                    Encoder.Word("lbu", rd: 14, rs1: 13, imm: -7), Encoder.Word("bne", rs1: 14, imm: 12),
                    Encoder.Word("lbu", rd: 14, rs1: 13, imm: -1),
                    Encoder.Word("addi", rd: 15, rs1: 13), Encoder.Word("jal", imm: -40),
                ];
                Trap trap = g.RunCode(code);
                Assert.That(trap, Is.EqualTo(new Trap(TrapCause.LoadPageFault, Memory + (Mapped * Page) + (ofTheWord ? 0UL : 64 - 8))), $"{tier}");
                Assert.That(g.Pc, Is.EqualTo(GuestHarness.CodeAddress + (ofTheWord ? 0UL : 16)), $"{tier}");
            }
        }
    }

    /// <summary>
    /// A table at the end of memory, shorter than what its index could reach: it is used without leaving for ever, and an
    /// index too large faults where it is used.
    /// </summary>
    [TestCase("andi", 255)]
    [TestCase("srli", 56)]
    public void ATableShorterThanItsIndexAllows(string bound, int immediate)
    {
        const int Rounds = 20_000;
        const int MostFailures = 2_000;
        foreach (Tier tier in (Tier[])[Tier.Interp, Tier.Jit])
        {
            using var g = new GuestHarness(tier);
            g.Map(Memory, Page, Access.ReadWrite);
            int shift = bound == "srli" ? immediate : 0;

            // do { a4 = table[bound(a1)]++ } while (--t0 != 0), 8 bytes an element, 16 elements.
            uint[] code =
            [
                Encoder.Word(bound, rd: 12, rs1: 11, imm: immediate), Encoder.Word("slli", rd: 12, rs1: 12, imm: 3),
                Encoder.Word("add", rd: 13, rs1: 12, rs2: 10), Encoder.Word("ld", rd: 14, rs1: 13),
                Encoder.Word("addi", rd: 14, rs1: 14, imm: 1), Encoder.Word("sd", rs1: 13, rs2: 14),
                Encoder.Word("addi", rd: 5, rs1: 5, imm: -1), Encoder.Word("bne", rs1: 5, imm: -28),
            ];
            g.X[10] = Memory + Page - 128;
            g.X[11] = 15UL << shift;
            g.X[5] = Rounds;
            Assert.That(g.RunCode(code).Cause, Is.EqualTo(TrapCause.Breakpoint), $"{tier}");
            Assert.That(g.World.TryRead(Memory + Page - 8, out ulong counted));
            Assert.That(counted, Is.EqualTo(Rounds), $"{tier}");

            g.X[11] = 16UL << shift;
            g.X[5] = Rounds;
            Assert.That(g.RunCode(code), Is.EqualTo(new Trap(TrapCause.LoadPageFault, Memory + Page)), $"{tier}");
            Assert.That(g.Pc, Is.EqualTo(GuestHarness.CodeAddress + 12), $"{tier}");
            Assert.That(g.X[5], Is.EqualTo(Rounds), $"{tier}");
            Assert.That(g.Engine.Statistics.FailedChecks, Is.LessThan(MostFailures), $"{tier}");
        }
    }

    /// <summary>Pointers that run out of the window at either end, or start outside of it, fault there.</summary>
    [TestCase(0UL, -8)]
    [TestCase(0UL, -512)]
    [TestCase(World.AddressLimit - Page, 8)]
    [TestCase(World.AddressLimit - Page, 512)]
    public void WalksEndAtTheEndsOfTheWindow(ulong page, int step)
    {
        foreach (Tier tier in (Tier[])[Tier.Interp, Tier.Jit])
        {
            using var g = new GuestHarness(tier);
            g.Map(page, Page, Access.ReadWrite);
            uint[] code =
            [
                Encoder.Word("ld", rd: 13, rs1: 10), Encoder.Word("sd", rs1: 10, rs2: 10),
                Encoder.Word("addi", rd: 10, rs1: 10, imm: step), Encoder.Word("addi", rd: 5, rs1: 5, imm: -1),
                Encoder.Word("bne", rs1: 5, imm: -16),
            ];
            foreach (ulong start in (ulong[])[page + 1024, 1UL << 63, (1UL << 63) - 8, unchecked((ulong)-8), World.AddressLimit, 1UL << 50])
            {
                g.X[10] = start;
                g.X[5] = 1000;
                Trap trap = g.RunCode(code);
                bool inside = start == page + 1024;
                ulong end = !inside ? start : step > 0 ? World.AddressLimit : unchecked((ulong)step);
                Assert.That(trap, Is.EqualTo(new Trap(TrapCause.LoadPageFault, end)), $"{tier} from 0x{start:x}");
                Assert.That(g.Pc, Is.EqualTo(GuestHarness.CodeAddress));
                Assert.That(g.X[10], Is.EqualTo(end));
            }
        }
    }

    /// <summary>
    /// A parser over a string with escapes, which steps by one or two: the check of a character and the one after it is one, and only the
    /// one that is out of memory faults. Then again over most of a page, without leaving for each character.
    /// </summary>
    [TestCase(0UL)]
    [TestCase(1UL)]
    public void AWalkThatStepsByOneOrTwo(ulong first)
    {
        const ulong End = Memory + (2 * Page);
        const ulong Length = Page + 101;
        foreach (Tier tier in (Tier[])[Tier.Interp, Tier.Jit, Tier.Auto])
        {
            using var g = new GuestHarness(tier);
            g.Map(Memory, 2 * Page, Access.ReadWrite);
            for (ulong k = 0; k < Length; k += 3)
                Assert.That(g.World.TryWrite(End - 1 - k, (byte)'\\'));

            // goto step; do { a4 = a5[0]; a2 = a5 + 1; a6 = a5[1]; if (a5 == t0) break; step: a5 = a2 + (a6 == '\'); t1++; } while (true)
            uint[] code =
            [
                Encoder.Word("jal", imm: 20),
                Encoder.Word("lbu", rd: 14, rs1: 15), Encoder.Word("addi", rd: 12, rs1: 15, imm: 1),
                Encoder.Word("lbu", rd: 16, rs1: 15, imm: 1), Encoder.Word("beq", rs1: 15, rs2: 5, imm: 24),
                Encoder.Word("addi", rd: 15, rs1: 16, imm: -'\\'), Encoder.Word("sltiu", rd: 15, rs1: 15, imm: 1),
                Encoder.Word("add", rd: 15, rs1: 15, rs2: 12), Encoder.Word("addi", rd: 6, rs1: 6, imm: 1),
                Encoder.Word("jal", imm: -32),
            ];
            g.X[12] = End - Length - first;
            Trap trap = g.RunCode(code);

            // The last character may be stepped to, or over.
            bool isAtLast = g.X[15] == End - 1;
            Assert.That(trap, Is.EqualTo(new Trap(TrapCause.LoadPageFault, End)), $"{tier}");
            Assert.That(g.Pc, Is.EqualTo(GuestHarness.CodeAddress + (isAtLast ? 12UL : 4)), $"{tier}");
            Assert.That(g.X[15], Is.EqualTo(isAtLast ? End - 1 : End), $"{tier}");
            (ulong steps, ulong failures) = (g.X[6], (ulong)g.Engine.Statistics.FailedChecks);
            using var interpreted = new GuestHarness(Tier.Interp);
            interpreted.Map(Memory, 2 * Page, Access.ReadWrite);
            for (ulong k = 0; k < Length; k += 3)
                Assert.That(interpreted.World.TryWrite(End - 1 - k, (byte)'\\'));
            interpreted.X[12] = End - Length - first;
            Assert.That(interpreted.RunCode(code), Is.EqualTo(trap), $"{tier}");
            Assert.That(g.X.ToArray(), Is.EqualTo(interpreted.X.ToArray()), $"{tier}");
            Assert.That(failures, Is.LessThan(steps), $"{tier}");
        }
    }

    private static GuestHarness Make(Tier tier, RegionCare care = RegionCare.None)
    {
        var g = new GuestHarness(tier, options: new EngineOptions { Care = care });
        s_pages.MapInto(g);
        return g;
    }

    private static ulong[] Registers(Random random)
    {
        var registers = new ulong[32];
        for (int k = 1; k < registers.Length; k++)
            registers[k] = (ulong)random.Next(16);
        for (int k = 0; k < LoopPrograms.Pointers; k++)
        {
            // Near an edge of a page, mostly, and sometimes where no memory can be.
            ulong edge = Memory + ((ulong)random.Next(MemoryPages) * Page);
            long away = random.Next(4) == 0 ? random.Next((int)Page) : random.Next(-64, 64) & -8;
            registers[LoopPrograms.FirstPointer + k] = random.Next(40) == 0 ? (ulong)random.NextInt64() << 8 : edge + (ulong)away;
        }

        registers[LoopPrograms.FirstCounter] = (ulong)random.Next(1, 400);
        return registers;
    }

    private static Trap Start(GuestHarness g, ulong[] registers)
    {
        registers.CopyTo(g.X);
        return g.Run(GuestHarness.CodeAddress);
    }
}
