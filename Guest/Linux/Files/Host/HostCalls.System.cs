using System.Runtime.InteropServices;

namespace RvJit.Guest.Linux.Files.Host;

/// <summary>Clocks and facts about the machine.</summary>
internal static unsafe partial class HostCalls
{
    public static long GetTime(int clock, TimeSpec* time) => clock_gettime(clock, time) == 0 ? 0 : -Errno.EINVAL;

    public static long GetResolution(int clock, TimeSpec* time) => Result(clock_getres(clock, time));

    public static long SetTime(int clock, TimeSpec* time) => Result(clock_settime(clock, time));

    public static long GetRandom(byte* buffer, nuint count, uint flags) => Result(getrandom(buffer, count, flags));

    public static long SystemInformation(byte* buffer) => Result(sysinfo(buffer));

    public static int CurrentProcessor() => Math.Max(0, sched_getcpu());

    // The C library answers from the vDSO without entering the host kernel, so the runtime need not be told either.
    [LibraryImport("libc"), SuppressGCTransition]
    private static partial int clock_gettime(int clock, TimeSpec* time);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_getres(int clock, TimeSpec* time);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_settime(int clock, TimeSpec* time);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint getrandom(byte* buffer, nuint count, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sysinfo(byte* buffer);

    [LibraryImport("libc"), SuppressGCTransition]
    private static partial int sched_getcpu();
}
