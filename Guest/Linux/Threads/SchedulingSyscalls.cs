using System.Buffers.Binary;

namespace RvJit.Guest.Linux.Threads;

/// <summary>sched_*(2) and priorities: the host schedules, the guest may ask.</summary>
internal sealed class SchedulingSyscalls : ISyscallGroup
{
    /// <summary>Bytes of the kernel's CPU mask.</summary>
    private const int MaskBytes = 8;
    private const int MostProcessors = MaskBytes * 8;

    private static int Processors => Math.Min(Environment.ProcessorCount, MostProcessors);

    public void Register(SyscallTable table)
    {
        table.Add(118, "sched_setparam", Accept);
        table.Add(119, "sched_setscheduler", Accept);
        table.Add(120, "sched_getscheduler", Accept); // SCHED_OTHER is 0
        table.Add(121, "sched_getparam", GetParameter);
        table.Add(122, "sched_setaffinity", Accept);
        table.Add(123, "sched_getaffinity", GetAffinity);
        table.Add(124, "sched_yield", Yield);
        table.Add(125, "sched_get_priority_max", static (LinuxThread _, in SyscallArguments a) => a.A0 is 1 or 2 ? 99 : 0);
        table.Add(126, "sched_get_priority_min", static (LinuxThread _, in SyscallArguments a) => a.A0 is 1 or 2 ? 1 : 0);
        table.Add(140, "setpriority", Accept);
        table.Add(141, "getpriority", static (LinuxThread _, in SyscallArguments _) => 20); // nice 0 as the system call says it
    }

    private static long Accept(LinuxThread thread, in SyscallArguments args) => 0;

    private static long Yield(LinuxThread thread, in SyscallArguments args)
    {
        Thread.Yield();
        return 0;
    }

    private static long GetParameter(LinuxThread thread, in SyscallArguments args) =>
        thread.World.TryWrite(args.A1, 0) ? 0 : -Errno.EFAULT;

    private static long GetAffinity(LinuxThread thread, in SyscallArguments args)
    {
        if (args.A1 < MaskBytes || (args.A1 & (MaskBytes - 1)) != 0)
            return -Errno.EINVAL;
        Span<byte> mask = stackalloc byte[MaskBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(mask, ulong.MaxValue >> (MostProcessors - Processors));
        return thread.World.TryWrite(args.A2, mask) ? MaskBytes : -Errno.EFAULT;
    }
}
