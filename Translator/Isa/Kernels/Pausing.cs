using System.Runtime.CompilerServices;

namespace RvJit.Translator.Isa.Kernels;

/// <summary>
/// What pause does: relaxes the host processor like its own pause instruction, and now and then gives it to another thread.
/// When harts outnumber processors, one that spins would otherwise keep the hart that it waits for from running.
/// </summary>
public static class Pausing
{
    /// <summary>Pauses between two offers: together they take about as long as the system call of an offer.</summary>
    private const uint Interval = 32;

    [ThreadStatic]
    private static uint s_count;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Pause()
    {
        if (++s_count % Interval == 0)
            Thread.Yield();
        else if (System.Runtime.Intrinsics.X86.X86Base.IsSupported)
            System.Runtime.Intrinsics.X86.X86Base.Pause();
    }
}
