using RvJit.Guest.Linux.Signals;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Threads;

/// <summary>Threads as pthreads make them: clone(2) with shared memory, set_tid_address, exit, gettid.</summary>
internal sealed unsafe class ThreadSyscalls : ISyscallGroup
{
    private const ulong CloneVm = 0x100;
    private const ulong CloneSigHand = 0x800;
    private const ulong CloneThread = 0x10000;
    private const ulong CloneSetTls = 0x80000;
    private const ulong CloneParentSetTid = 0x100000;
    private const ulong CloneChildClearTid = 0x200000;
    private const ulong CloneChildSetTid = 0x1000000;

    private const ulong MembarrierRegistrations = 0x1 | 0x2 | 0x4 | 0x8 | 0x10;

    public void Register(SyscallTable table)
    {
        table.Add(93, "exit", Exit);
        table.Add(94, "exit_group", ExitGroup);
        table.Add(96, "set_tid_address", SetTidAddress);
        table.Add(99, "set_robust_list", static (LinuxThread _, in SyscallArguments a) => a.A1 == 24 ? 0 : -Errno.EINVAL);
        table.Add(178, "gettid", static (LinuxThread t, in SyscallArguments _) => t.Tid);
        table.Add(220, "clone", Clone);
        table.Add(283, "membarrier", Membarrier);

        // glibc tries these first and has another way.
        table.Add(293, "rseq", static (LinuxThread _, in SyscallArguments _) => -Errno.ENOSYS);
        table.Add(435, "clone3", static (LinuxThread _, in SyscallArguments _) => -Errno.ENOSYS);
    }

    private static long Exit(LinuxThread thread, in SyscallArguments args)
    {
        thread.Process.NoteThreadExit(thread, (int)args.A0);
        thread.Leaving = true;
        return SyscallTable.NoReturn;
    }

    private static long ExitGroup(LinuxThread thread, in SyscallArguments args)
    {
        thread.Process.Exit((int)args.A0);
        return SyscallTable.NoReturn;
    }

    private static long SetTidAddress(LinuxThread thread, in SyscallArguments args)
    {
        thread.ClearTidAddress = args.A0;
        return thread.Tid;
    }

    /// <summary>clone(2) with riscv's order of arguments: flags, stack, parent tid, tls, child tid.</summary>
    private static long Clone(LinuxThread parent, in SyscallArguments args)
    {
        const ulong Needed = CloneVm | CloneSigHand | CloneThread;
        ulong flags = args.A0;
        if ((flags & CloneThread) != 0 && (flags & Needed) != Needed)
            return -Errno.EINVAL;
        if ((flags & Needed) != Needed)
        {
            parent.Process.Kernel?.Trace?.Note(parent, "clone: only threads are supported; a new process is answered with ENOSYS");
            return -Errno.ENOSYS;
        }

        if (parent.Process.Kernel is not { } kernel)
            return -Errno.ENOSYS;
        int tid = kernel.NextId();
        var hart = new Hart(tid, parent.Hart.Pmp.Count) { Extensions = parent.Hart.Extensions };
        hart.Pmp.CopyFrom(parent.Hart.Pmp);
        var child = new LinuxThread(parent.Process, hart, tid) { Name = parent.Name };
        HartContext context = default;
        context.Save(parent.Hart.State);
        context.Restore(hart.State);
        hart.State->X[10] = 0;
        if (args.A1 != 0)
            hart.State->X[2] = args.A1;
        if ((flags & CloneSetTls) != 0)
            hart.State->X[4] = args.A3;
        if ((flags & CloneChildClearTid) != 0)
            child.ClearTidAddress = args.A4;
        child.Signals.Blocked = parent.Signals.Blocked;
        if (((flags & CloneParentSetTid) != 0 && !parent.World.TryWrite(args.A2, tid))
            || ((flags & CloneChildSetTid) != 0 && !parent.World.TryWrite(args.A4, tid)))
        {
            hart.Dispose();
            return -Errno.EFAULT;
        }

        if (!kernel.TryStart(child))
        {
            hart.Dispose();
            return -Errno.EAGAIN;
        }

        return tid;
    }

    /// <summary>membarrier(2): the barrier itself is that of the host, process-wide.</summary>
    private static long Membarrier(LinuxThread thread, in SyscallArguments args)
    {
        const ulong Query = 0;
        const ulong RegisterGlobalExpedited = 4;
        const ulong RegisterPrivateExpedited = 16;
        if (args.A1 != 0)
            return -Errno.EINVAL;
        switch (args.A0)
        {
            case Query:
                return (long)MembarrierRegistrations;
            case 1 or 2 or 8:
                Interlocked.MemoryBarrierProcessWide();
                return 0;
            case RegisterGlobalExpedited or RegisterPrivateExpedited:
                return 0;
            default:
                return -Errno.EINVAL;
        }
    }
}
