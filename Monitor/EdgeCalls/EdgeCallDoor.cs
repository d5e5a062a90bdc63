using System.Runtime.CompilerServices;
using RvJit.Machine;

namespace RvJit.Monitor.EdgeCalls;

/// <summary>
/// Where one side of a region sleeps and the other rings. Protocol: each sleeper remembers how many rings it has heard, so
/// a ring between its last look at the rings and its sleep ends the sleep at once; the first sleep of a sleeper may end for
/// a ring of long ago. Who wakes looks at the rings again.
/// </summary>
public sealed class EdgeCallDoor
{
    private readonly object _gate = new();
    private readonly ConditionalWeakTable<object, StrongBox<long>> _heard = [];
    private long _rings;
    private int _asleep;

    /// <summary>Called after each ring, on the ringer's thread.</summary>
    public event Action? Rung;

    /// <summary>Times the door was rung.</summary>
    public long Rings => Volatile.Read(ref _rings);

    public void Ring()
    {
        Interlocked.Increment(ref _rings);
        if (Volatile.Read(ref _asleep) != 0)
            Nudge();
        Rung?.Invoke();
    }

    /// <summary>Sleepers look whether they shall give up.</summary>
    public void Nudge()
    {
        lock (_gate)
            System.Threading.Monitor.PulseAll(_gate);
    }

    /// <summary>Whether a sleeper has rings to hear; it has heard them then.</summary>
    public bool Hear(object sleeper)
    {
        StrongBox<long> heard = _heard.GetOrCreateValue(sleeper);
        long rings = Rings;
        bool any = heard.Value != rings;
        heard.Value = rings;
        return any;
    }

    /// <summary>
    /// Sleeps until somebody rings, <paramref name="giveUp"/> holds (whoever makes it true calls <see cref="Nudge"/>
    /// afterwards) or the time is over. True when it was a ring.
    /// </summary>
    public bool Sleep(object sleeper, Func<bool> giveUp, TimeSpan limit)
    {
        long end = limit == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + (long)Math.Ceiling(limit.TotalMilliseconds);
        if (ShortWait.ComesTrue((Door: this, Sleeper: sleeper), static w => w.Door.Hear(w.Sleeper)))
            return true;
        lock (_gate)
        {
            Interlocked.Increment(ref _asleep);
            try
            {
                while (!Hear(sleeper))
                {
                    long left = end == long.MaxValue ? int.MaxValue : end - Environment.TickCount64;
                    if (left <= 0 || giveUp())
                        return false;
                    System.Threading.Monitor.Wait(_gate, (int)Math.Min(left, int.MaxValue));
                }

                return true;
            }
            finally
            {
                Interlocked.Decrement(ref _asleep);
            }
        }
    }
}
