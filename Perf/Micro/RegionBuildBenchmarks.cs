using BenchmarkDotNet.Attributes;
using RvJit.Machine;
using RvJit.Translator;

namespace RvJit.Perf.Micro;

/// <summary>
/// What translating costs the thread that does it: control flow, data flow, IL, and RyuJIT's compilation, which is
/// most of it. Each operation first stores into the code, which drops the translation, and ends by running the new
/// region once, which is less than a thousandth of it.
/// </summary>
public class RegionBuildBenchmarks : IDisposable
{
    private const int A0 = 10, A1 = 11, FirstScratch = 12, Scratches = 6;
    private SmallWorld _world = null!;
    private uint _firstWord;

    /// <summary>Instructions of the region: a loop with one load and one store for every eight.</summary>
    [Params(16, 128, 256)]
    public int Instructions { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var code = new List<uint>();
        while (code.Count < Instructions - 2)
        {
            int i = code.Count;
            int rd = FirstScratch + (i % Scratches);
            int rs = FirstScratch + ((i + 1) % Scratches);
            code.Add((i % 8) switch
            {
                0 => Words.Ld(rd, A1, i),
                4 => Words.Sd(rd, A1, i + 4),
                1 or 5 => Words.Xor(rd, rd, rs),
                2 or 6 => Words.Slli(rd, rs, 3),
                _ => Words.Add(rd, rd, rs),
            });
        }

        code.Add(Words.Addi(A0, A0, -1));
        code.Add(Words.Bne(A0, 0, -4 * code.Count));
        code.Add(Words.Ebreak);
        _firstWord = code[0];
        _world = new SmallWorld(Tier.Jit, [.. code]);
        for (int i = 0; i < 2; i++)
        {
            long before = _world.Engine.Statistics.RegionsCompiled;
            TranslateRegion();
            if (_world.Engine.Statistics.RegionsCompiled != before + 1)
                throw new InvalidOperationException("an operation is not one translation");
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _world.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public void TranslateRegion()
    {
        if (!_world.World.TryStore(SmallWorld.CodeAddress, 4, _firstWord, out Trap trap))
            throw new InvalidOperationException($"cannot store into the code: {trap}");
        _world.X[A0] = 1;
        _world.X[A1] = SmallWorld.DataAddress;
        _world.RunToBreakpoint();
    }
}
