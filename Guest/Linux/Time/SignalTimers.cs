using RvJit.Guest.Linux.Files;
using RvJit.Guest.Linux.Files.Host;
using RvJit.Guest.Linux.Signals;

namespace RvJit.Guest.Linux.Time;

/// <summary>setitimer and the timers of timer_create. They are as fine as the host's pool timers: a millisecond.</summary>
public sealed class SignalTimers : ISyscallGroup
{
    private const long NanosecondsPerMicrosecond = 1000;
    private const int Monotonic = 1;

    public void Register(SyscallTable table)
    {
        table.Add(102, "getitimer", GetInterval);
        table.Add(103, "setitimer", SetInterval);
        table.Add(107, "timer_create", Create);
        table.Add(108, "timer_gettime", Get);
        table.Add(109, "timer_getoverrun", GetOverrun);
        table.Add(110, "timer_settime", Set);
        table.Add(111, "timer_delete", static (LinuxThread t, in SyscallArguments a) => t.Process.Timers.Delete(a.A0) ? 0 : -Errno.EINVAL);
    }

    /// <summary>ITIMER_VIRTUAL and ITIMER_PROF count processor time that is not the guest's own here.</summary>
    private static long CheckKind(ulong kind) => kind switch
    {
        0 => 0, // ITIMER_REAL
        1 or 2 => -Errno.ENOSYS,
        _ => -Errno.EINVAL,
    };

    private static long GetInterval(LinuxThread thread, in SyscallArguments args)
    {
        long error = CheckKind(args.A0);
        if (error < 0)
            return error;
        return thread.World.TryWrite(args.A1, ToMicroseconds(thread.Process.Timers.Alarm.Current)) ? 0 : -Errno.EFAULT;
    }

    private static long SetInterval(LinuxThread thread, in SyscallArguments args)
    {
        long error = CheckKind(args.A0);
        if (error < 0)
            return error;
        TimerSetting wanted = default;
        if (args.A1 != 0 && !thread.World.TryRead(args.A1, out wanted))
            return -Errno.EFAULT;
        wanted = new TimerSetting(FromMicroseconds(wanted.Interval), FromMicroseconds(wanted.Value));
        if (!wanted.IsValid)
            return -Errno.EINVAL;
        TimerSetting before = thread.Process.Timers.Alarm.Set(Deadline(wanted.Value), wanted.Interval.Total);
        return args.A2 == 0 || thread.World.TryWrite(args.A2, ToMicroseconds(before)) ? 0 : -Errno.EFAULT;
    }

    private static long Create(LinuxThread thread, in SyscallArguments args)
    {
        int clock = Clocks.HostClock(args.A0);
        if (clock is < 0 or 2 or 3) // CPU-time clocks: nothing tells when they have advanced
            return -Errno.EINVAL;
        var notice = new TimerNotice(Signal.SIGALRM, 0, 0, HasValue: false);
        if (args.A1 != 0)
        {
            if (!thread.World.TryRead(args.A1, out SignalEvent told))
                return -Errno.EFAULT;
            if (!TryNotice(thread, told, out notice))
                return -Errno.EINVAL;
        }

        long id = thread.Process.Timers.Create(clock, notice);
        if (id >= 0 && !thread.World.TryWrite(args.A2, (int)id))
        {
            _ = thread.Process.Timers.Delete((ulong)id);
            return -Errno.EFAULT;
        }

        return Math.Min(id, 0);
    }

    private static bool TryNotice(LinuxThread thread, in SignalEvent told, out TimerNotice notice)
    {
        const int ToProcess = 0; // SIGEV_SIGNAL
        const int Silent = 1; // SIGEV_NONE
        const int ToThread = 4; // SIGEV_THREAD_ID
        bool signals = told.Notify is ToProcess or ToThread;
        notice = new TimerNotice(signals ? told.Signal : 0, told.Value, told.Notify == ToThread ? told.Tid : 0, HasValue: true);
        if (!signals)
            return told.Notify == Silent;
        return told.Signal is > 0 and <= Signal.Last
            && (told.Notify != ToThread || thread.Process.FindThread(told.Tid) is not null);
    }

    private static long Get(LinuxThread thread, in SyscallArguments args)
    {
        if (thread.Process.Timers.Find(args.A0) is not { } timer)
            return -Errno.EINVAL;
        return thread.World.TryWrite(args.A1, timer.Timer.Current) ? 0 : -Errno.EFAULT;
    }

    private static long GetOverrun(LinuxThread thread, in SyscallArguments args) =>
        thread.Process.Timers.Find(args.A0) is { } timer ? timer.Overrun : -Errno.EINVAL;

    private static unsafe long Set(LinuxThread thread, in SyscallArguments args)
    {
        const ulong Absolute = 1; // TIMER_ABSTIME
        if (!thread.World.TryRead(args.A2, out TimerSetting wanted))
            return -Errno.EFAULT;
        if (!wanted.IsValid || thread.Process.Timers.Find(args.A0) is not { } timer)
            return -Errno.EINVAL;
        long first = Deadline(wanted.Value);
        if ((args.A1 & Absolute) != 0 && wanted.Value != default && timer.Clock != Monotonic)
        {
            TimeSpec now = default;
            _ = HostCalls.GetTime(timer.Clock, &now);
            first = ThreadWaker.After(Math.Max(0, wanted.Value.Total - now.Total));
        }
        else if ((args.A1 & Absolute) != 0 && wanted.Value != default)
        {
            first = wanted.Value.Total;
        }

        TimerSetting before = timer.Timer.Set(first, wanted.Interval.Total);
        return args.A3 == 0 || thread.World.TryWrite(args.A3, before) ? 0 : -Errno.EFAULT;
    }

    private static long Deadline(TimeSpec value) => value == default ? ThreadWaker.Forever : ThreadWaker.After(value.Total);

    private static TimeSpec FromMicroseconds(TimeSpec time) =>
        (ulong)time.Nanoseconds < 1_000_000 ? time with { Nanoseconds = time.Nanoseconds * NanosecondsPerMicrosecond } : new TimeSpec(-1, 0);

    /// <summary>What is left is rounded up: it is never told as nothing while there is something.</summary>
    private static TimerSetting ToMicroseconds(TimerSetting setting) => new(ToMicroseconds(setting.Interval), ToMicroseconds(setting.Value));

    private static TimeSpec ToMicroseconds(TimeSpec time)
    {
        TimeSpec rounded = TimeSpec.Of(time.Total + NanosecondsPerMicrosecond - 1);
        return rounded with { Nanoseconds = rounded.Nanoseconds / NanosecondsPerMicrosecond };
    }

    /// <summary>The start of struct sigevent (asm-generic/siginfo.h), which is 64 bytes.</summary>
    private readonly record struct SignalEvent(ulong Value, int Signal, int Notify, int Tid);
}
