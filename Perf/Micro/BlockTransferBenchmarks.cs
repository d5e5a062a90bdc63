using BenchmarkDotNet.Attributes;
using RvJit.Translator;

namespace RvJit.Perf.Micro;

/// <summary>
/// Getting from one piece of code to the next where they do not lie together: targets are 64 KiB apart, which is further
/// than a translated region follows jumps; small functions that are called directly are copied in from anywhere. What is
/// done on the way is a handful of register instructions.
/// </summary>
public class BlockTransferBenchmarks : IDisposable
{
    private const int RA = 1, T0 = 5, A0 = 10, A2 = 12;
    private const int Rounds = 20_000;
    private const int Targets = 3;

    private SmallWorld _jumps = null!;
    private SmallWorld _calls = null!;
    private SmallWorld _indirect = null!;

    [Params(Tier.Interp, Tier.Auto)]
    public Tier Tier { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _jumps = new SmallWorld(
            Tier,
            Words.Addi(A0, A0, -1),
            Words.Beq(A0, 0, 8),
            Words.Jal(0, (int)Distance(0) - 8),
            Words.Ebreak);
        _jumps.AddCode(
            SmallWorld.CodeAddress + Distance(0),
            Words.Addi(A2, A2, 1),
            Words.Jal(0, -(int)Distance(0) - 4));

        _calls = new SmallWorld(
            Tier,
            Words.Jal(RA, (int)Distance(0)),
            Words.Addi(A0, A0, -1),
            Words.Bne(A0, 0, -8),
            Words.Ebreak);
        WriteFunction(_calls, 0);

        // The targets take turns in T0, so that the call site sees another one each time.
        const int spare = T0 + Targets;
        _indirect = new SmallWorld(
            Tier,
            Words.Jalr(RA, T0, 0),
            Words.Addi(spare, T0, 0),
            Words.Addi(T0, T0 + 1, 0),
            Words.Addi(T0 + 1, T0 + 2, 0),
            Words.Addi(T0 + 2, spare, 0),
            Words.Addi(A0, A0, -1),
            Words.Bne(A0, 0, -24),
            Words.Ebreak);
        for (int i = 0; i < Targets; i++)
            WriteFunction(_indirect, i);

        _jumps.Settle(JumpAway);
        _calls.Settle(CallAndReturn);
        _indirect.Settle(IndirectCallAndReturn);
        if (_indirect.X[A2] != 0)
            throw new InvalidOperationException("a call was lost");
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _jumps.Dispose();
        _calls.Dispose();
        _indirect.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>One jump; there and back is two.</summary>
    [Benchmark(OperationsPerInvoke = 2 * Rounds)]
    public void JumpAway() => Run(_jumps);

    /// <summary>One call of a small function, and its return.</summary>
    [Benchmark(OperationsPerInvoke = Rounds)]
    public void CallAndReturn() => Run(_calls);

    /// <summary>One call through a register to one of three functions, in turns, and its return.</summary>
    [Benchmark(OperationsPerInvoke = Rounds)]
    public void IndirectCallAndReturn()
    {
        for (int i = 0; i < Targets; i++)
            _indirect.X[T0 + i] = SmallWorld.CodeAddress + Distance(i);
        _indirect.X[A2] = Rounds;
        Run(_indirect);
    }

    private static ulong Distance(int target) => ((ulong)target + 2) << 16;

    private static void WriteFunction(SmallWorld world, int index) => world.AddCode(
        SmallWorld.CodeAddress + Distance(index),
        Words.Addi(A2, A2, -1),
        Words.Jalr(0, RA, 0));

    private static void Run(SmallWorld world)
    {
        world.X[A0] = Rounds;
        world.RunToBreakpoint();
    }
}
