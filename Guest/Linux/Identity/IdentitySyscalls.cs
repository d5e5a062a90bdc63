namespace RvJit.Guest.Linux.Identity;

/// <summary>Who a process is: ids, sessions, capabilities. Ids can be "changed" to what they are.</summary>
internal sealed class IdentitySyscalls : ISyscallGroup
{
    private const ulong Unchanged = 0xFFFF_FFFF;

    public void Register(SyscallTable table)
    {
        table.Add(90, "capget", CapGet);
        table.Add(91, "capset", static (LinuxThread _, in SyscallArguments _) => -Errno.EPERM);
        table.Add(143, "setregid", static (LinuxThread _, in SyscallArguments a) => Keep(HostIdentity.Group, a.A0, a.A1));
        table.Add(144, "setgid", static (LinuxThread _, in SyscallArguments a) => Keep(HostIdentity.Group, a.A0));
        table.Add(145, "setreuid", static (LinuxThread _, in SyscallArguments a) => Keep(HostIdentity.User, a.A0, a.A1));
        table.Add(146, "setuid", static (LinuxThread _, in SyscallArguments a) => Keep(HostIdentity.User, a.A0));
        table.Add(147, "setresuid", static (LinuxThread _, in SyscallArguments a) => Keep(HostIdentity.User, a.A0, a.A1, a.A2));
        table.Add(148, "getresuid", static (LinuxThread t, in SyscallArguments a) => WriteThree(t, a, HostIdentity.User, HostIdentity.EffectiveUser));
        table.Add(149, "setresgid", static (LinuxThread _, in SyscallArguments a) => Keep(HostIdentity.Group, a.A0, a.A1, a.A2));
        table.Add(150, "getresgid", static (LinuxThread t, in SyscallArguments a) => WriteThree(t, a, HostIdentity.Group, HostIdentity.EffectiveGroup));
        table.Add(154, "setpgid", static (LinuxThread _, in SyscallArguments _) => 0);
        table.Add(155, "getpgid", static (LinuxThread t, in SyscallArguments a) => a.A0 == 0 || (int)a.A0 == t.Process.Pid ? t.Process.Pid : -Errno.ESRCH);
        table.Add(156, "getsid", static (LinuxThread t, in SyscallArguments a) => a.A0 == 0 || (int)a.A0 == t.Process.Pid ? t.Process.Pid : -Errno.ESRCH);
        table.Add(157, "setsid", static (LinuxThread _, in SyscallArguments _) => -Errno.EPERM); // a group leader already
        table.Add(158, "getgroups", static (LinuxThread _, in SyscallArguments _) => 0);
        table.Add(159, "setgroups", static (LinuxThread _, in SyscallArguments _) => -Errno.EPERM);
        table.Add(172, "getpid", static (LinuxThread t, in SyscallArguments _) => t.Process.Pid);
        table.Add(173, "getppid", static (LinuxThread t, in SyscallArguments _) => t.Process.ParentPid);
        table.Add(174, "getuid", static (LinuxThread _, in SyscallArguments _) => HostIdentity.User);
        table.Add(175, "geteuid", static (LinuxThread _, in SyscallArguments _) => HostIdentity.EffectiveUser);
        table.Add(176, "getgid", static (LinuxThread _, in SyscallArguments _) => HostIdentity.Group);
        table.Add(177, "getegid", static (LinuxThread _, in SyscallArguments _) => HostIdentity.EffectiveGroup);
        table.Add(95, "waitid", static (LinuxThread _, in SyscallArguments _) => -Errno.ECHILD);
        table.Add(260, "wait4", static (LinuxThread _, in SyscallArguments _) => -Errno.ECHILD);
    }

    private static long Keep(uint current, params ReadOnlySpan<ulong> wanted)
    {
        foreach (ulong id in wanted)
        {
            if ((uint)id != current && (uint)id != Unchanged)
                return -Errno.EPERM;
        }

        return 0;
    }

    private static long WriteThree(LinuxThread thread, in SyscallArguments args, uint real, uint effective) =>
        thread.World.TryWrite(args.A0, real) && thread.World.TryWrite(args.A1, effective) && thread.World.TryWrite(args.A2, effective)
            ? 0
            : -Errno.EFAULT;

    /// <summary>capget(2): no capabilities. The header's version is corrected as Linux does.</summary>
    private static long CapGet(LinuxThread thread, in SyscallArguments args)
    {
        const uint Version3 = 0x20080522;
        const int DataBytes = 24;
        if (!thread.World.TryRead(args.A0, out uint version))
            return -Errno.EFAULT;
        if (version != Version3)
        {
            if (!thread.World.TryWrite(args.A0, Version3))
                return -Errno.EFAULT;
            return args.A1 == 0 ? 0 : -Errno.EINVAL;
        }

        Span<byte> none = stackalloc byte[DataBytes];
        none.Clear();
        return args.A1 == 0 || thread.World.TryWrite(args.A1, none) ? 0 : -Errno.EFAULT;
    }
}
