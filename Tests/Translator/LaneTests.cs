using System.Runtime.Intrinsics.X86;
using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;
using RvJit.Translator.Inspection;
using RvJit.Translator.Regions;

namespace RvJit.Tests.Translator;

/// <summary>Loops that host vectors do end as the interpreter ends them, which does one instruction after the other.</summary>
public sealed unsafe class LaneTests
{
    private const ulong Page = HostMemory.PageSize;
    private const ulong Memory = 0x40_0000;
    private const int MemoryPages = 7;
    private const uint RoundingUp = RvJit.Translator.Isa.Kernels.RoundingModes.Up << 5;

    /// <summary>What each page allows; around them nothing.</summary>
    private static readonly PageRow s_pages = new(
        Memory, Access.ReadWrite, Access.ReadWrite, Access.Read, Access.ReadWrite, Access.ReadWrite, Access.None, Access.ReadWrite);

    private static readonly ulong[] s_doubles =
    [
        0, 1UL << 63, 1, 0x3ff0_0000_0000_0000, 0x7fe0_0000_0000_0000, 0x0010_0000_0000_0000, 0x7ff0_0000_0000_0000,
        0xfff0_0000_0000_0000, 0x7ff8_0000_0000_0000, 0x7ff8_0000_dead_beef, 0x7ff0_0000_0000_0001,
    ];

    private static readonly uint[] s_singles =
        [0, 1U << 31, 1, 0x3f80_0000, 0x7f00_0000, 0x0080_0000, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 0x7fc1_2345, 0x7f80_0001];

    [TestCase(1, RegionCare.None, false)]
    [TestCase(2, RegionCare.None, false)]
    [TestCase(3, RegionCare.None, true)]
    [TestCase(4, RegionCare.Rooms, false)]
    [TestCase(5, RegionCare.None, false)]
    public void LoopsEndAsInterpreted(int seed, RegionCare care, bool counts)
    {
        const int Programs = 32;
        const int Runs = 8;
        const int LeastDone = Programs / 4;
        var random = new Random(seed);
        var programs = new LanePrograms(random);
        (int done, int pipelined) = (0, 0);
        for (int program = 0; program < Programs; program++)
        {
            var log = new RegionLog();
            using GuestHarness expected = Make(new EngineOptions(CountInstructions: counts), Tier.Interp);
            using GuestHarness actual = Make(new EngineOptions(CountInstructions: counts) { Care = care, Log = log }, Tier.Jit);
            uint[] code = programs.Make();
            expected.Assemble(GuestHarness.CodeAddress, code);
            actual.Assemble(GuestHarness.CodeAddress, code);
            for (int run = 0; run < Runs; run++)
            {
                int data = random.Next();
                (ulong[] x, ulong[] f) = Registers(random, programs);
                Trap wanted = Start(expected, x, f, data, programs), got = Start(actual, x, f, data, programs);
                string place = $"seed {seed}, program {program}, run {run}";
                Assert.That(got, Is.EqualTo(wanted), place);
                Assert.That(actual.Pc, Is.EqualTo(expected.Pc), place);
                Assert.That(actual.X.ToArray(), Is.EqualTo(expected.X.ToArray()), place);
                Assert.That(actual.F.ToArray(), Is.EqualTo(expected.F.ToArray()), place);
                Assert.That(actual.Fcsr, Is.EqualTo(expected.Fcsr), place);
                Assert.That(s_pages.ContentsIn(actual), Is.EqualTo(s_pages.ContentsIn(expected)), place);
                if (counts)
                    Assert.That(actual.State->Retired, Is.EqualTo(expected.State->Retired), place);
            }

            Assert.That(actual.Engine.Statistics.CompileFailures, Is.Zero, actual.Engine.Statistics.LastCompileFailure);
            bool isDone = log.Regions.Any(r => r.Region.LaneLoops != 0);
            done += isDone ? 1 : 0;
            pipelined += isDone && programs.IsPipelined ? 1 : 0;
        }

        if (!Avx2.IsSupported || !Fma.IsSupported)
            return;
        Assert.That(done, Is.GreaterThan(LeastDone), "vectors are used");
        Assert.That(pipelined, Is.Not.Zero, "and where a loop is entered in its middle");
    }

    private static GuestHarness Make(EngineOptions options, Tier tier)
    {
        var g = new GuestHarness(tier, options: options);
        s_pages.MapInto(g);
        return g;
    }

    /// <summary>Arrays that lie apart, overlap, touch pages that do not allow them; bounds that are met and some that are missed.</summary>
    private static (ulong[] X, ulong[] F) Registers(Random random, LanePrograms p)
    {
        var x = new ulong[32];
        var f = new ulong[32];
        for (int k = 1; k < x.Length; k++)
            x[k] = (ulong)random.NextInt64() >> random.Next(64);
        for (int k = 0; k < f.Length; k++)
            f[k] = p.Width == sizeof(float) ? Single(random) | 0xffff_ffff_0000_0000 : Double(random);
        int pages = random.Next(3) == 0 ? MemoryPages : 2;
        for (int k = 0; k < LanePrograms.Arrays; k++)
        {
            ulong at = Memory + (ulong)random.Next(256, (int)Page * pages);
            if (k != 0 && random.Next(3) == 0)
                at = x[LanePrograms.Array] + (ulong)(random.Next(-80, 80) * (random.Next(2) == 0 ? p.Width : 1));
            x[LanePrograms.Array + k] = at;
        }

        int count = random.Next(1, 1 + (random.Next(3) == 0 ? 700 : 90));
        x[LanePrograms.Counter] = (ulong)count;
        x[LanePrograms.Bound] = x[LanePrograms.Array] + (ulong)((long)count * p.Step) + (ulong)(random.Next(6) == 0 ? random.Next(-9, 9) : 0);
        if (random.Next(4) != 0)
            x[LanePrograms.Address] = x[LanePrograms.Array];
        x[LanePrograms.Distance] = (ulong)(long)random.Next(-200, 200);
        return (x, f);
    }

    private static ulong Double(Random random) =>
        random.Next(40) == 0 ? s_doubles[random.Next(s_doubles.Length)] : BitConverter.DoubleToUInt64Bits(random.NextDouble() - 0.5);

    private static uint Single(Random random) =>
        random.Next(40) == 0 ? s_singles[random.Next(s_singles.Length)] : BitConverter.SingleToUInt32Bits(random.NextSingle() - 0.5f);

    private static Trap Start(GuestHarness g, ulong[] x, ulong[] f, int seed, LanePrograms p)
    {
        var random = new Random(seed);
        x.CopyTo(g.X);
        f.CopyTo(g.F);
        g.Fcsr = random.Next(2) == 0 ? 0 : RoundingUp;
        g.State->Retired = 0;
        foreach (ulong page in s_pages.Mapped)
        {
            for (ulong at = page; at < page + Page; at += sizeof(ulong))
            {
                *(ulong*)(g.World.Base + at) = !p.IsFloat ? (ulong)random.NextInt64()
                    : p.Width == sizeof(double) ? Double(random) : Single(random) | ((ulong)Single(random) << 32);
            }
        }

        return g.Run(GuestHarness.CodeAddress);
    }
}
