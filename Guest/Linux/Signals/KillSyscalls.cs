using RvJit.Guest.Linux.Identity;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Signals;

/// <summary>Sending signals.</summary>
internal sealed class KillSyscalls : ISyscallGroup
{
    public void Register(SyscallTable table)
    {
        table.Add(129, "kill", Kill);
        table.Add(130, "tkill", static (LinuxThread t, in SyscallArguments a) => SendToThread(t, -1, (int)a.A0, (int)a.A1));
        table.Add(131, "tgkill", static (LinuxThread t, in SyscallArguments a) =>
            (int)a.A0 <= 0 ? -Errno.EINVAL : SendToThread(t, (int)a.A0, (int)a.A1, (int)a.A2));
        table.Add(138, "rt_sigqueueinfo", QueueInfo);
        table.Add(240, "rt_tgsigqueueinfo", QueueThreadInfo);
    }

    private static long Kill(LinuxThread thread, in SyscallArguments args)
    {
        int pid = (int)args.A0;
        int signal = (int)args.A1;
        LinuxProcess self = thread.Process;
        if (signal != 0 && !Signal.IsValid(signal))
            return -Errno.EINVAL;
        if (pid is not (0 or -1) && Math.Abs((long)pid) != self.Pid)
            return -Errno.ESRCH; // there is one guest process; the host's are out of reach
        return signal == 0 ? 0 : self.Signals.Send(SigInfo.From(signal, SigInfo.User, self.Pid, HostIdentity.User));
    }

    private static long SendToThread(LinuxThread thread, int group, int tid, int signal)
    {
        LinuxProcess self = thread.Process;
        if (tid <= 0 || (signal != 0 && !Signal.IsValid(signal)))
            return -Errno.EINVAL;
        LinuxThread? target = group < 0 || group == self.Pid ? self.FindThread(tid) : null;
        if (target is null)
            return -Errno.ESRCH;
        return signal == 0 ? 0 : self.Signals.Send(target, SigInfo.From(signal, SigInfo.ThreadKill, self.Pid, HostIdentity.User));
    }

    private static long QueueInfo(LinuxThread thread, in SyscallArguments args)
    {
        LinuxProcess self = thread.Process;
        if (ReadInfo(thread.World, args.A2, (int)args.A1, out SigInfo info) is < 0 and var error)
            return error;
        if ((int)args.A0 != self.Pid)
            return -Errno.ESRCH;
        return info.Signal == 0 ? 0 : self.Signals.Send(info);
    }

    private static long QueueThreadInfo(LinuxThread thread, in SyscallArguments args)
    {
        LinuxProcess self = thread.Process;
        if (ReadInfo(thread.World, args.A3, (int)args.A2, out SigInfo info) is < 0 and var error)
            return error;
        LinuxThread? target = (int)args.A0 == self.Pid ? self.FindThread((int)args.A1) : null;
        if (target is null)
            return -Errno.ESRCH;
        return info.Signal == 0 ? 0 : self.Signals.Send(target, info);
    }

    private static long ReadInfo(World world, ulong address, int signal, out SigInfo info)
    {
        if (!world.TryRead(address, out info))
            return -Errno.EFAULT;
        info.Signal = signal;
        return signal == 0 || Signal.IsValid(signal) ? 0 : -Errno.EINVAL;
    }
}
