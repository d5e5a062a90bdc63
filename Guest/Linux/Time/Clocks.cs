using RvJit.Guest.Linux.Files.Host;

namespace RvJit.Guest.Linux.Time;

/// <summary>System calls that read and set clocks. Guest clocks are the host's.</summary>
public sealed unsafe class Clocks : ISyscallGroup
{
    public void Register(SyscallTable table)
    {
        table.Add(112, "clock_settime", static (LinuxThread _, in SyscallArguments _) => -Errno.EPERM);
        table.Add(113, "clock_gettime", GetTime);
        table.Add(114, "clock_getres", GetResolution);
        table.Add(169, "gettimeofday", TimeOfDay);
        table.Add(170, "settimeofday", static (LinuxThread _, in SyscallArguments _) => -Errno.EPERM);
    }

    /// <summary>
    /// The host's name of a guest clock, or -1. Clocks of the calling process and thread are the host process's and
    /// thread's. A CPU clock of another thread carries its id, which the host does not know.
    /// </summary>
    internal static int HostClock(ulong clock)
    {
        const int Last = 11; // CLOCK_TAI
        const int ProcessCpu = 2;
        const int ThreadCpu = 3;
        int id = (int)clock;
        if (id >= 0)
            return id <= Last ? id : -1;

        // MAKE_PROCESS_CPUCLOCK, MAKE_THREAD_CPUCLOCK (linux/posix-timers.h): ~pid << 3 | per-thread 4 | kind.
        bool own = ~(id >> 3) == 0;
        return !own ? -1 : (id & 4) != 0 ? ThreadCpu : ProcessCpu;
    }

    private static long GetTime(LinuxThread thread, in SyscallArguments args)
    {
        TimeSpec time = default;
        int clock = HostClock(args.A0);
        long error = clock < 0 ? -Errno.EINVAL : HostCalls.GetTime(clock, &time);
        if (error < 0)
            return error;
        return thread.World.TryWrite(args.A1, time) ? 0 : -Errno.EFAULT;
    }

    private static long GetResolution(LinuxThread thread, in SyscallArguments args)
    {
        TimeSpec time = default;
        int clock = HostClock(args.A0);
        long error = clock < 0 ? -Errno.EINVAL : HostCalls.GetResolution(clock, &time);
        if (error < 0)
            return error;
        return args.A1 == 0 || thread.World.TryWrite(args.A1, time) ? 0 : -Errno.EFAULT;
    }

    private static long TimeOfDay(LinuxThread thread, in SyscallArguments args)
    {
        const int Realtime = 0;
        TimeSpec time = default;
        _ = HostCalls.GetTime(Realtime, &time);
        if (args.A0 != 0 && !thread.World.TryWrite(args.A0, time with { Nanoseconds = time.Nanoseconds / 1000 }))
            return -Errno.EFAULT;
        return args.A1 == 0 || thread.World.TryWrite(args.A1, 0L) ? 0 : -Errno.EFAULT; // struct timezone: no offset
    }
}
