using RvJit.Guest.Linux.Files;
using RvJit.Guest.Linux.Files.Host;

namespace RvJit.Guest.Linux.Time;

/// <summary>System calls that sleep. An interrupted sleep says what was left of it.</summary>
public sealed unsafe class Sleeping : ISyscallGroup
{
    private const int Monotonic = 1;

    public void Register(SyscallTable table)
    {
        table.Add(101, "nanosleep", static (LinuxThread t, in SyscallArguments a) => Sleep(t, Monotonic, absolute: false, a.A0, a.A1));
        table.Add(115, "clock_nanosleep", ClockSleep);
    }

    private static long ClockSleep(LinuxThread thread, in SyscallArguments args)
    {
        const int ThreadCpu = 3;
        const ulong Absolute = 1; // TIMER_ABSTIME
        int clock = Clocks.HostClock(args.A0);
        if (clock is < 0 or ThreadCpu)
            return -Errno.EINVAL;
        return Sleep(thread, clock, (args.A1 & Absolute) != 0, args.A2, args.A3);
    }

    private static long Sleep(LinuxThread thread, int clock, bool absolute, ulong address, ulong remainder)
    {
        if (!thread.World.TryRead(address, out TimeSpec time))
            return -Errno.EFAULT;
        if (!time.IsValid)
            return -Errno.EINVAL;
        while (true)
        {
            TimeSpec now = default;
            if (absolute && HostCalls.GetTime(clock, &now) < 0)
                return -Errno.EINVAL;
            long left = absolute ? time.Total - now.Total : time.Total;
            if (left <= 0)
                return 0;
            long deadline = ThreadWaker.After(left);
            if (thread.Waker.Sleep(thread, deadline) == 0)
            {
                if (!absolute)
                    return 0;
                continue; // a clock that was set back has more to go
            }

            if (absolute)
                return -Errno.ERESTARTNOHAND;
            if (remainder != 0 && !thread.World.TryWrite(remainder, TimeSpec.Of(Math.Max(0, deadline - ThreadWaker.Now))))
                return -Errno.EFAULT;
            return -Errno.EINTR;
        }
    }
}
