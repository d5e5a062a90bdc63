using System.Runtime.InteropServices;

namespace RvJit.Guest.Linux.Files.Host;

/// <summary>
/// Calls of the host's C library behind the guest's file system calls, one partial per area. Every call here returns
/// what a system call returns: a result, or a negated errno. Host and guest errno numbers are the same on every Linux
/// that .NET runs on (asm-generic/errno.h), so nothing is translated.
/// </summary>
internal static unsafe partial class HostCalls
{
    /// <summary>AT_FDCWD: the host process's own working directory.</summary>
    public const int CurrentDirectory = -100;

    /// <summary>O_DIRECT and its neighbours have other bits on Arm hosts.</summary>
    public static readonly bool IsArm64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private static long Result(nint value) => value >= 0 ? value : -Marshal.GetLastPInvokeError();

    private static long Result(long value) => value >= 0 ? value : -Marshal.GetLastPInvokeError();

    private static long Result(int value) => value >= 0 ? value : -Marshal.GetLastPInvokeError();
}

/// <summary>struct timespec of 64-bit Linux, guest and host alike.</summary>
internal record struct TimeSpec(long Seconds, long Nanoseconds)
{
    public const long PerSecond = 1_000_000_000;

    public readonly bool IsValid => Seconds >= 0 && (ulong)Nanoseconds < PerSecond;

    /// <summary>Saturating: a wait of 292 years is a wait for ever.</summary>
    public readonly long Total =>
        Seconds > (long.MaxValue - Nanoseconds) / PerSecond ? long.MaxValue : (Seconds * PerSecond) + Nanoseconds;

    public static TimeSpec Of(long nanoseconds) => new(nanoseconds / PerSecond, nanoseconds % PerSecond);
}

/// <summary>struct iovec with a host address in it.</summary>
internal unsafe struct HostVector
{
    public byte* Base;
    public nuint Length;

    public static ulong Total(HostVector* vectors, int count)
    {
        ulong total = 0;
        for (int i = 0; i < count; i++)
            total += vectors[i].Length;
        return total;
    }
}
