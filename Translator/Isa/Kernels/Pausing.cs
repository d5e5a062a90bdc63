using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RvJit.Translator.Isa.Kernels;

/// <summary>
/// What pause does: relaxes the host processor like its own pause instruction, and now and then gives it to another thread.
/// When harts outnumber processors, one that spins would otherwise keep the hart that it waits for from running. Where
/// nobody takes the processor, it is offered ever more rarely: an answer that comes during the offer's system call is late.
/// </summary>
public static class Pausing
{
    /// <summary>Pauses between two offers, the least and the most: 0.5 us, some 70 us.</summary>
    private const uint Often = 32;
    private const uint Seldom = 4096;

    /// <summary>An offer that took longer than this was taken: the call alone is less than half of it.</summary>
    private static readonly long s_taken = Stopwatch.Frequency / 500_000;

    [ThreadStatic]
    private static uint s_left;

    [ThreadStatic]
    private static uint s_interval;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Pause()
    {
        if (s_left != 0)
        {
            s_left--;
            if (System.Runtime.Intrinsics.X86.X86Base.IsSupported)
                System.Runtime.Intrinsics.X86.X86Base.Pause();
            return;
        }

        Offer();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Offer()
    {
        long before = Stopwatch.GetTimestamp();
        Thread.Yield();
        s_interval = Stopwatch.GetTimestamp() - before > s_taken ? Often : Math.Clamp(s_interval * 2, Often, Seldom);
        s_left = s_interval;
    }
}
