using System.Diagnostics;

namespace RvJit.Machine;

/// <summary>
/// What a hart waits for is often under way on another processor and comes in a microsecond, while the host's kernel takes tens of them
/// to wake a thread. So who waits looks first, for about as long as being woken would take, and then sleeps: it wastes at most
/// as much as sleeping at once would have cost.
/// </summary>
public static class ShortWait
{
    /// <summary>Microseconds to look; two threads that wake each other by Monitor.Pulse on one core take some 25 a round trip.</summary>
    private const int Longest = 20;

    /// <summary>Looks, each with a pause of some 40 ns that leaves the core to its other thread, between readings of the clock.</summary>
    private const int LooksPerReading = 8;

    private static readonly long s_longest = Stopwatch.Frequency * Longest / 1_000_000;

    /// <summary>Nobody can make anything true while this thread looks.</summary>
    private static readonly bool s_isAlone = Environment.ProcessorCount == 1;

    /// <summary>Whether a condition of something comes true soon.</summary>
    public static bool ComesTrue<T>(T of, Func<T, bool> condition)
    {
        if (s_isAlone)
            return condition(of);
        long end = Stopwatch.GetTimestamp() + s_longest;
        do
        {
            for (int i = 0; i < LooksPerReading; i++)
            {
                if (condition(of))
                    return true;
                Thread.SpinWait(1);
            }
        }
        while (Stopwatch.GetTimestamp() < end);
        return false;
    }
}
