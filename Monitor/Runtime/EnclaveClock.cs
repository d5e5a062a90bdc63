using System.Diagnostics;

namespace RvJit.Monitor.Runtime;

/// <summary>The one clock of an enclave, whatever clock is asked for (upstream: cycles, taken for nanoseconds).</summary>
internal static class EnclaveClock
{
    public const long NanosecondsPerSecond = 1_000_000_000;

    private static readonly long s_start = Stopwatch.GetTimestamp();

    /// <summary>Nanoseconds since the start.</summary>
    public static long Now => (long)(Stopwatch.GetElapsedTime(s_start).TotalSeconds * NanosecondsPerSecond);

    /// <summary>A struct timespec of the eapp in nanoseconds; false when it is unreadable or no time.</summary>
    public static bool TryRead(EnclaveAddressSpace user, ulong address, out long nanoseconds)
    {
        nanoseconds = 0;
        if (!user.TryRead(address, out long seconds) || !user.TryRead(address + sizeof(long), out long rest)
            || seconds < 0 || rest is < 0 or >= NanosecondsPerSecond)
        {
            return false;
        }

        nanoseconds = seconds > (long.MaxValue / NanosecondsPerSecond) - 1 ? long.MaxValue : (seconds * NanosecondsPerSecond) + rest;
        return true;
    }
}
