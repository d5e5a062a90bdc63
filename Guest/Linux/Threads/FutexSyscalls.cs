using RvJit.Machine;

namespace RvJit.Guest.Linux.Threads;

/// <summary>futex(2).</summary>
internal sealed class FutexSyscalls : ISyscallGroup
{
    private const ulong Private = 128;
    private const ulong ClockRealTime = 256;
    private const uint AnyBits = uint.MaxValue;
    private const long NanosecondsPerSecond = 1_000_000_000;

    public void Register(SyscallTable table) => table.Add(98, "futex", Futex);

    private static long Futex(LinuxThread thread, in SyscallArguments args)
    {
        FutexTable futexes = thread.Process.Futexes;
        uint value = (uint)args.A2;
        bool realTime = (args.A1 & ClockRealTime) != 0;
        switch (args.A1 & ~(Private | ClockRealTime))
        {
            case 0: // FUTEX_WAIT: a relative time
                return ReadDeadline(thread, args.A3, absolute: false, realTime, out long deadline) is < 0 and var error
                    ? error
                    : futexes.Wait(thread, args.A0, value, AnyBits, deadline);
            case 9: // FUTEX_WAIT_BITSET: a point in time
                return ReadDeadline(thread, args.A3, absolute: true, realTime, out long until) is < 0 and var failed
                    ? failed
                    : futexes.Wait(thread, args.A0, value, (uint)args.A5, until);
            case 1: // FUTEX_WAKE
                return Wake(thread, args.A0, (int)value, AnyBits);
            case 10: // FUTEX_WAKE_BITSET
                return Wake(thread, args.A0, (int)value, (uint)args.A5);
            case 3: // FUTEX_REQUEUE
                return futexes.Requeue(thread.World, args.A0, (int)value, (int)args.A3, args.A4, null);
            case 4: // FUTEX_CMP_REQUEUE
                return futexes.Requeue(thread.World, args.A0, (int)value, (int)args.A3, args.A4, (uint)args.A5);
            case 5: // FUTEX_WAKE_OP
                return futexes.WakeOperation(thread.World, args.A0, (int)value, args.A4, (int)args.A3, (uint)args.A5);
            default: // priority inheritance
                return -Errno.ENOSYS;
        }
    }

    /// <summary>A waiter's word must be readable, a waker's need not exist; Linux wakes one even for a count of 0.</summary>
    private static long Wake(LinuxThread thread, ulong address, int count, uint bits)
    {
        if ((address & 3) != 0 || bits == 0)
            return -Errno.EINVAL;
        return address >= World.AddressLimit ? -Errno.EFAULT : thread.Process.Futexes.Wake(address, Math.Max(count, 1), bits);
    }

    private static long ReadDeadline(LinuxThread thread, ulong address, bool absolute, bool realTime, out long deadline)
    {
        deadline = Parker.Forever;
        if (address == 0)
            return 0;
        if (!thread.World.TryRead(address, out GuestTime time))
            return -Errno.EFAULT;
        if (time.Seconds < 0 || (ulong)time.Nanoseconds >= NanosecondsPerSecond)
            return -Errno.EINVAL;
        long now = absolute && realTime
            ? (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100
            : absolute ? Parker.Now : 0;
        if (time.Seconds >= (long.MaxValue / NanosecondsPerSecond) - 1)
            return 0;
        long rest = (time.Seconds * NanosecondsPerSecond) + time.Nanoseconds - now;
        long start = Parker.Now;
        deadline = rest <= 0 ? start : rest >= long.MaxValue - start ? Parker.Forever : start + rest;
        return 0;
    }
}

/// <summary>struct __kernel_timespec.</summary>
internal readonly record struct GuestTime(long Seconds, long Nanoseconds);
