using System.Runtime.InteropServices;
using RvJit.Guest.Linux.Files;

namespace RvJit.Guest.Linux.Identity;

/// <summary>Resource limits and usage.</summary>
internal sealed class LimitSyscalls : ISyscallGroup
{
    private const int ClockTicksPerSecond = 100;

    public void Register(SyscallTable table)
    {
        table.Add(153, "times", Times);
        table.Add(163, "getrlimit", static (LinuxThread t, in SyscallArguments a) => Limit(t, a.A0, 0, a.A1));
        table.Add(164, "setrlimit", static (LinuxThread t, in SyscallArguments a) => Limit(t, a.A0, a.A1, 0));
        table.Add(165, "getrusage", Usage);
        table.Add(261, "prlimit64", PrLimit);
    }

    private static long PrLimit(LinuxThread thread, in SyscallArguments args) =>
        args.A0 != 0 && (int)args.A0 != thread.Process.Pid ? -Errno.ESRCH : Limit(thread, args.A1, args.A2, args.A3);

    private static long Limit(LinuxThread thread, ulong resource, ulong newAddress, ulong oldAddress)
    {
        if (resource >= ResourceLimits.Count)
            return -Errno.EINVAL;
        ResourceLimit? wanted = null;
        if (newAddress != 0)
        {
            if (!thread.World.TryRead(newAddress, out ResourceLimit limit))
                return -Errno.EFAULT;
            if (limit.Soft > limit.Hard)
                return -Errno.EINVAL;
            wanted = limit;
        }

        long error = thread.Process.Limits.Exchange((int)resource, wanted, out ResourceLimit before);
        if (error < 0)
            return error;
        if (wanted is not null && resource == ResourceLimits.Files)
            thread.Process.Files.Table.Limit = FileTable.LimitOf(wanted.Value.Soft);
        return oldAddress != 0 && !thread.World.TryWrite(oldAddress, before) ? -Errno.EFAULT : 0;
    }

    private static long Times(LinuxThread thread, in SyscallArguments args)
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        var ticks = new TimesImage(Ticks(self.UserProcessorTime), Ticks(self.PrivilegedProcessorTime), 0, 0);
        if (args.A0 != 0 && !thread.World.TryWrite(args.A0, ticks))
            return -Errno.EFAULT;
        return Environment.TickCount64 / (1000 / ClockTicksPerSecond);
    }

    private static long Ticks(TimeSpan time) => time.Ticks * ClockTicksPerSecond / TimeSpan.TicksPerSecond;

    private static long Usage(LinuxThread thread, in SyscallArguments args)
    {
        const int Self = 0;
        const int OfThread = 1;
        const int Children = -1;
        int who = (int)args.A0;
        if (who is not (Self or OfThread or Children))
            return -Errno.EINVAL;
        var usage = default(UsageImage);
        if (who != Children)
        {
            using var self = System.Diagnostics.Process.GetCurrentProcess();
            usage.UserSeconds = (long)self.UserProcessorTime.TotalSeconds;
            usage.UserMicroseconds = (long)self.UserProcessorTime.TotalMicroseconds % 1_000_000;
            usage.SystemSeconds = (long)self.PrivilegedProcessorTime.TotalSeconds;
            usage.SystemMicroseconds = (long)self.PrivilegedProcessorTime.TotalMicroseconds % 1_000_000;
            usage.LargestResidentKilobytes = self.PeakWorkingSet64 / 1024;
        }

        return thread.World.TryWrite(args.A1, usage) ? 0 : -Errno.EFAULT;
    }

    private readonly record struct TimesImage(long User, long System, long ChildrenUser, long ChildrenSystem);

    /// <summary>struct rusage: two times, then fourteen counts.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 144)]
    private struct UsageImage
    {
        public long UserSeconds;
        public long UserMicroseconds;
        public long SystemSeconds;
        public long SystemMicroseconds;
        public long LargestResidentKilobytes;
    }
}
