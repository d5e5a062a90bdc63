using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RvJit.Machine;

/// <summary>The host's monotonic clock in the units that guests read. Asked on every return from a trap (Sstc), so it is kept cheap.</summary>
public static class HostClock
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Ticks of <see cref="UserCsrs.TimebaseHertz"/>.</summary>
    public static ulong Ticks => Count(UserCsrs.TimebaseHertz);

    /// <summary>Cycles of a nominal 1 GHz core, too.</summary>
    public static ulong Nanoseconds => Count(NanosecondsPerSecond);

    /// <summary>Inlined, so that the compiler divides by a number that it knows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Count(long hertz)
    {
        ulong now = (ulong)Stopwatch.GetTimestamp();
        return Stopwatch.Frequency % hertz == 0 ? now / (ulong)(Stopwatch.Frequency / hertz) : Scale(now, hertz);
    }

    /// <summary>Apart, because what has a UInt128 in it is not compiled ahead.</summary>
    private static ulong Scale(ulong now, long hertz) => (ulong)((UInt128)now * (ulong)hertz / (ulong)Stopwatch.Frequency);
}
