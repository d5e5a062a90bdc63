using System.Diagnostics;
using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;
using RvJit.Translator.Isa.Tables;
using RvJit.Translator.Profiling;

namespace RvJit.Tests.Translator;

/// <summary>Where samples say that a hart was.</summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
[TestFixture(Tier.Auto)]
[Parallelizable(ParallelScope.All)]
public sealed unsafe class ProfilerTests(Tier tier)
{
    private const uint A0 = 10, A1 = 11, A2 = 12;
    private const ulong Function = GuestHarness.CodeAddress + 0x80000;

    /// <summary>More than is ever inlined.</summary>
    private const int Divisions = 200;

    private static readonly TimeSpan _running = TimeSpan.FromSeconds(1);

    /// <summary>A function without a loop, called from one: the time is the function's, although it never polls before its end.</summary>
    [TestCase(false, TestName = "{m}(direct call)")]
    [TestCase(true, TestName = "{m}(indirect call)")]
    public void AFunctionHasItsTime(bool indirect)
    {
        using var profiler = new Profiler();
        using var g = new GuestHarness(tier, options: new EngineOptions { Profiler = profiler });
        g.MapCode(Function, 0x1000);
        ulong end = g.Assemble(Function, [.. Enumerable.Repeat(Asm.R(0x33, 4, 1, A0, A1, A2), Divisions), Asm.I(0x67, 0, 0, 1, 0)]); // div; ret
        g.X[(int)A1] = ulong.MaxValue >> 1;
        g.X[(int)A2] = 3;
        g.X[5] = Function;
        g.Assemble(
            GuestHarness.CodeAddress,
            indirect ? Asm.I(0x67, 0, 1, 5, 0) : Asm.J(0x6F, 1, (int)(Function - GuestHarness.CodeAddress)), // jalr ra,t0; jal ra,function
            Asm.J(0x6F, 0, -4)); // j back
        Trap trap = RunForAWhile(g);

        HartProfile profile = profiler.Harts.Single();
        long all = profile.Samples.Sum(sample => sample.Ticks);
        long inside = profile.Samples.Where(sample => sample.Pc >= Function && sample.Pc < end).Sum(sample => sample.Ticks);
        Assert.Multiple(() =>
        {
            Assert.That(trap, Is.EqualTo(Trap.Requested));
            Assert.That(profile.Samples, Has.Count.AtLeast(3));
            Assert.That(inside, Is.GreaterThan(all / 2), string.Join('\n', profile.Samples.Take(50)));
            Assert.That(profile.Samples.Select(sample => sample.Place), Is.All.EqualTo("test"));
        });
        if (tier != Tier.Auto)
        {
            ExecutedBy expected = tier == Tier.Jit ? ExecutedBy.Region : ExecutedBy.Interpreter;
            Assert.That(profile.Samples.Count(sample => sample.By == expected), Is.GreaterThan(profile.Samples.Count / 2));
        }
    }

    [Test]
    public void NothingRunsLongerThanItsSamplesSay()
    {
        long start = Stopwatch.GetTimestamp();
        using var profiler = new Profiler();
        using var g = new GuestHarness(tier, options: new EngineOptions { Profiler = profiler, CountInstructions = true });
        g.Assemble(GuestHarness.CodeAddress, Asm.I(0x13, 0, A0, A0, 1), Asm.J(0x6F, 0, -4)); // addi a0,a0,1; j back
        RunForAWhile(g);
        HartProfile profile = profiler.Harts.Single();
        TimeSpan ran = Stopwatch.GetElapsedTime(start);
        var sampled = TimeSpan.FromTicks(profile.Samples.Sum(sample => sample.Ticks) * TimeSpan.TicksPerSecond / Stopwatch.Frequency);
        Assert.Multiple(() =>
        {
            Assert.That(sampled, Is.LessThanOrEqualTo(ran).And.GreaterThan(TimeSpan.Zero));
            Assert.That(profile.Samples.Select(sample => sample.Pc).Distinct(), Is.SubsetOf([GuestHarness.CodeAddress, GuestHarness.CodeAddress + 4]));
            Assert.That(profile.Samples.Aggregate(0UL, (sum, sample) => sum + sample.Instructions), Is.LessThanOrEqualTo(g.State->Retired).And.GreaterThan(g.State->Retired / 2));
        });
    }

    /// <summary>What a region leaves to the dispatcher is counted where it is left.</summary>
    [Test]
    public void ExitsAreCounted()
    {
        const int Rounds = 3000;
        using var profiler = new Profiler();
        using var g = new GuestHarness(tier, options: new EngineOptions { Profiler = profiler });
        g.X[(int)A0] = Rounds;
        ulong stepped = GuestHarness.CodeAddress + 4;
        g.RunCode(
            Asm.I(0x13, 0, A0, A0, -1), // addi a0,a0,-1
            0x0000100F, // fence.i
            Asm.B(0x63, 1, A0, 0, -8), // bnez a0
            0x00100073); // ebreak

        long exits = profiler.Harts.Single().Exits.Where(exit => exit.Key.Pc == stepped).Sum(exit => exit.Value);
        Assert.That(exits, tier switch
        {
            Tier.Interp => Is.Zero,
            Tier.Jit => Is.InRange(Rounds / 10, Rounds),
            _ => Is.AtMost(Rounds), // the code may have ended before its region was made
        });
    }

    private static Trap RunForAWhile(GuestHarness g)
    {
        Trap trap = default;
        var thread = new Thread(() => trap = g.Run(GuestHarness.CodeAddress));
        thread.Start();
        Thread.Sleep(_running);
        g.Hart.Request(HartRequests.Stop);
        thread.Join();
        return trap;
    }
}
