using BenchmarkDotNet.Attributes;
using RvJit.Translator;

namespace RvJit.Perf.Micro;

/// <summary>Leaving an enclave and coming back (docs/architecture.md, "One synchronous OCALL").</summary>
public class EdgeCallBenchmarks : IDisposable
{
    private const int Calls = 1000;
    private EnclaveBoard _board = null!;

    [Params(Tier.Interp, Tier.Auto)]
    public Tier Tier { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _board = new EnclaveBoard(Tier);
        for (int i = 0; i < 10; i++)
            NullOcall();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _board.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// One OCALL without data that the host does nothing with: ecall, enclave runtime, security monitor, host, and all the
    /// way back. The host is two instructions and a native handler: no Linux kernel and no device stand between.
    /// </summary>
    [Benchmark(OperationsPerInvoke = Calls)]
    public void NullOcall() => _board.Serve(Calls);
}
