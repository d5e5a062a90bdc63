using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RvJit.Guest.Linux.Threads;

/// <summary>
/// Where one thread sleeps. A token protocol on one host futex word: <see cref="Unpark"/> leaves a token (1) and wakes;
/// <see cref="Park"/> takes the token or sleeps until there is one. A token may be stale, so whoever parks looks again
/// at what it waits for, and whoever changes that does so before it unparks.
/// </summary>
internal sealed unsafe partial class Parker
{
    public const long Forever = long.MaxValue;

    private const long NanosecondsPerSecond = 1_000_000_000;
    private const int FutexWakePrivate = 1 | 128;
    private const int FutexWaitBitsetPrivate = 9 | 128; // absolute CLOCK_MONOTONIC timeout
    private const int MatchAny = -1;

    private static readonly nint s_futexNumber = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 202 : 98;

    private readonly int[] _cell = GC.AllocateArray<int>(16, pinned: true);

    private nint Word => Marshal.UnsafeAddrOfPinnedArrayElement(_cell, 0);

    /// <summary>CLOCK_MONOTONIC in nanoseconds, the clock of all deadlines.</summary>
    public static long Now => Stopwatch.GetTimestamp() * (NanosecondsPerSecond / Stopwatch.Frequency);

    /// <summary>Sleeps until a token comes; false when the deadline passed first.</summary>
    public bool Park(long deadline)
    {
        while (Interlocked.Exchange(ref _cell[0], 0) == 0)
        {
            if (deadline == Forever)
            {
                _ = syscall(s_futexNumber, Word, FutexWaitBitsetPrivate, 0, 0, 0, MatchAny);
                continue;
            }

            if (Now >= deadline)
                return false;
            var time = new HostTime(deadline / NanosecondsPerSecond, deadline % NanosecondsPerSecond);
            _ = syscall(s_futexNumber, Word, FutexWaitBitsetPrivate, 0, (nint)(&time), 0, MatchAny);
        }

        return true;
    }

    public void Unpark()
    {
        if (Interlocked.Exchange(ref _cell[0], 1) == 0)
            _ = syscall(s_futexNumber, Word, FutexWakePrivate, 1, 0, 0, 0);
    }

    private readonly record struct HostTime(long Seconds, long Nanoseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint word, nint operation, nint value, nint time, nint word2, nint value3);
}
