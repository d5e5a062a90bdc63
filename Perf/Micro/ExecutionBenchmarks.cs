using BenchmarkDotNet.Attributes;
using RvJit.Machine;
using RvJit.Translator;

namespace RvJit.Perf.Micro;

/// <summary>
/// Small loops in the interpreter (Interp) and, once it has found them hot, as translated regions (Auto, the default of
/// rvjit). A region this small and regular is the translator's best case; for programs see <c>compare</c>.
/// </summary>
public class ExecutionBenchmarks : IDisposable
{
    private const int T0 = 5, T1 = 6, T2 = 7, A0 = 10, A1 = 11, T3 = 28;

    private const int ArithmeticRounds = 20_000;
    private const int ArithmeticLength = 7;
    private const int Elements = SmallWorld.DataBytes / 8;
    private const int SlowStores = 2_000;
    private const int Traps = 10_000;

    private readonly CountingHandler _handler = new();
    private SmallWorld _arithmetic = null!;
    private SmallWorld _memory = null!;
    private SmallWorld _codePage = null!;
    private SmallWorld _trap = null!;

    [Params(Tier.Interp, Tier.Auto)]
    public Tier Tier { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _arithmetic = new SmallWorld(
            Tier,
            Words.Addi(T0, T0, 1),
            Words.Xor(T1, T1, T0),
            Words.Add(T2, T2, T1),
            Words.Slli(T3, T2, 3),
            Words.Sub(T1, T3, T1),
            Words.Addi(A0, A0, -1),
            Words.Bne(A0, 0, -24),
            Words.Ebreak);
        _memory = new SmallWorld(
            Tier,
            Words.Ld(T0, A0, 0),
            Words.Addi(T0, T0, 1),
            Words.Sd(T0, A0, 0),
            Words.Addi(A0, A0, 8),
            Words.Bne(A0, A1, -16),
            Words.Ebreak);
        _codePage = new SmallWorld(
            Tier,
            Words.Sd(T0, A1, 0),
            Words.Addi(A0, A0, -1),
            Words.Bne(A0, 0, -8),
            Words.Ebreak);
        _trap = new SmallWorld(Tier, Words.Ecall, Words.Jal(0, -4));
        _trap.World.TrapHandler = _handler;

        _arithmetic.Settle(ArithmeticLoop);
        _memory.Settle(LoadAddStore);
        if (!_memory.World.TryRead(SmallWorld.DataAddress, out ulong first) || first == 0)
            throw new InvalidOperationException("the memory loop did not do its work");
        _codePage.Settle(StoreToCodePage);
        EcallRoundTrip();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _arithmetic.Dispose();
        _memory.Dispose();
        _codePage.Dispose();
        _trap.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>One instruction of a loop of seven: register arithmetic and the branch back.</summary>
    [Benchmark(OperationsPerInvoke = ArithmeticRounds * ArithmeticLength)]
    [BenchmarkCategory(InstructionRateColumn.Category)]
    public void ArithmeticLoop()
    {
        _arithmetic.X[A0] = ArithmeticRounds;
        _arithmetic.RunToBreakpoint();
    }

    /// <summary>One element of an array in place: load, add, store, step, branch; both accesses pass their checks.</summary>
    [Benchmark(OperationsPerInvoke = Elements)]
    public void LoadAddStore()
    {
        _memory.X[A0] = SmallWorld.DataAddress;
        _memory.X[A1] = SmallWorld.DataAddress + SmallWorld.DataBytes;
        _memory.RunToBreakpoint();
    }

    /// <summary>One store that fails its check because the page also holds code, done precisely, with the loop around it.</summary>
    [Benchmark(OperationsPerInvoke = SlowStores)]
    public void StoreToCodePage()
    {
        _codePage.X[A0] = SlowStores;
        _codePage.X[A1] = SmallWorld.CodeAddress + (SmallWorld.CodeBytes / 2);
        _codePage.RunToBreakpoint();
    }

    /// <summary>One ecall to a native handler that only skips it, and back, with the jump that closes the loop.</summary>
    [Benchmark(OperationsPerInvoke = Traps)]
    public void EcallRoundTrip()
    {
        _handler.Left = Traps;
        _trap.Pc = SmallWorld.CodeAddress;
        HartRunner.Run(_trap.Hart, _trap.Engine);
    }

    private sealed unsafe class CountingHandler : ITrapHandler
    {
        public int Left { get; set; }

        public TrapOutcome Handle(Hart hart, in Trap trap)
        {
            if (trap.Cause != TrapCause.EnvironmentCallFromU)
                throw new InvalidOperationException($"the loop ended with {trap}");
            hart.State->Pc += 4;
            return --Left == 0 ? TrapOutcome.Exit : TrapOutcome.Resume;
        }
    }
}
