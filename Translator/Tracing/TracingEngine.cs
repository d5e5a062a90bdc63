using System.Collections.Concurrent;
using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Tracing;

/// <summary>
/// Runs guest code instruction by instruction and writes a <see cref="CommitLog"/> of it. Nothing is translated, and
/// instructions are counted exactly. Harts of machines have their own numbers, threads those of their first run.
/// </summary>
public sealed class TracingEngine(InstructionSet instructions, CommitLog log) : IExecutionEngine
{
    private readonly Decoder _decoder = Decoder.Of(instructions);
    private readonly ConcurrentDictionary<Hart, HartTracer> _tracers = new(ReferenceEqualityComparer.Instance);
    private int _threads;

    public EngineStatistics Statistics { get; } = new(0, 0, 0, 0, 0, 0, null);

    public Trap Run(Hart hart)
    {
        if (!_tracers.TryGetValue(hart, out HartTracer? tracer))
            _tracers[hart] = tracer = Create(hart);
        return tracer.Run();
    }

    /// <summary>Nothing is kept of a world.</summary>
    public void Attach(World world)
    {
    }

    public void FenceInstruction(Hart hart) => Interlocked.MemoryBarrier();

    /// <summary>Hands over what harts executed last; they have ended.</summary>
    public void Dispose()
    {
        foreach (HartTracer tracer in _tracers.Values)
            tracer.Dispose();
        _tracers.Clear();
    }

    private HartTracer Create(Hart hart)
    {
        foreach (Hart ended in _tracers.Keys.Where(h => h.HasEnded))
        {
            if (_tracers.TryRemove(ended, out HartTracer? tracer))
                tracer.Dispose();
        }

        int number = hart.Translation is null ? Interlocked.Increment(ref _threads) - 1 : hart.Id;
        return new HartTracer(hart, number, _decoder, log);
    }
}
