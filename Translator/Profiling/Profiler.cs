using System.Collections.Concurrent;
using System.Diagnostics;
using RvJit.Machine;

namespace RvJit.Translator.Profiling;

/// <summary>
/// Asks every hart that executes guest code, a thousand times a second, where it is (<see cref="EngineOptions.Profiler"/>).
/// Samples and exits may be read when no hart runs any more.
/// </summary>
public sealed class Profiler : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentDictionary<Hart, HartProfile> _harts = new(ReferenceEqualityComparer.Instance);
    private readonly Thread _thread;
    private volatile bool _stopping;

    public Profiler()
    {
        _thread = new Thread(Work) { IsBackground = true, Name = "profiler", Priority = ThreadPriority.AboveNormal };
        _thread.Start();
    }

    public IReadOnlyList<HartProfile> Harts => [.. _harts.Values.OrderBy(hart => hart.Id)];

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
    }

    internal HartProfile Of(Hart hart) => _harts.GetOrAdd(hart, static hart => new HartProfile(hart.Id));

    private void Work()
    {
        long last = Stopwatch.GetTimestamp();
        while (!_stopping)
        {
            Thread.Sleep(s_interval);
            long now = Stopwatch.GetTimestamp();
            foreach ((_, HartProfile hart) in _harts)
                hart.Ask(now - last);
            last = now;
        }
    }
}
