using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RvJit.Guest.Linux.Threads;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Signals;

/// <summary>Actions, masks, alternate stacks, and the ways to wait for a signal.</summary>
internal sealed class SignalSyscalls : ISyscallGroup
{
    private const int MaskBytes = 8;
    private const long NanosecondsPerSecond = 1_000_000_000;

    public void Register(SyscallTable table)
    {
        table.Add(132, "sigaltstack", AlternateStackCall);
        table.Add(133, "rt_sigsuspend", Suspend);
        table.Add(134, "rt_sigaction", Action);
        table.Add(135, "rt_sigprocmask", Mask);
        table.Add(136, "rt_sigpending", Pending);
        table.Add(137, "rt_sigtimedwait", TimedWait);
        table.Add(139, "rt_sigreturn", Return);
    }

    private static long Action(LinuxThread thread, in SyscallArguments args)
    {
        int signal = (int)args.A0;
        if (args.A3 != MaskBytes || !Signal.IsValid(signal))
            return -Errno.EINVAL;
        ProcessSignals signals = thread.Process.Signals;
        SigAction before;
        if (args.A1 != 0)
        {
            if (!thread.World.TryRead(args.A1, out SigAction action))
                return -Errno.EFAULT;
            if ((Signal.Bit(signal) & Signal.Unblockable) != 0)
                return -Errno.EINVAL;
            before = signals.Exchange(signal, action);
        }
        else
        {
            before = signals[signal];
        }

        return args.A2 != 0 && !thread.World.TryWrite(args.A2, before) ? -Errno.EFAULT : 0;
    }

    private static long Mask(LinuxThread thread, in SyscallArguments args)
    {
        if (args.A3 != MaskBytes)
            return -Errno.EINVAL;
        ulong before = thread.Signals.Blocked;
        if (args.A1 != 0)
        {
            if (!thread.World.TryRead(args.A1, out ulong set))
                return -Errno.EFAULT;
            ulong? mask = (int)args.A0 switch
            {
                0 => before | set,
                1 => before & ~set,
                2 => set,
                _ => null,
            };
            if (mask is not { } now)
                return -Errno.EINVAL;
            SignalDelivery.SetMask(thread, now);
        }

        return args.A2 != 0 && !thread.World.TryWrite(args.A2, before) ? -Errno.EFAULT : 0;
    }

    private static long Pending(LinuxThread thread, in SyscallArguments args)
    {
        if (args.A1 > MaskBytes)
            return -Errno.EINVAL;
        ulong set = (thread.Signals.Pending.Mask | thread.Process.Signals.Pending.Mask) & thread.Signals.Blocked;
        Span<byte> bytes = stackalloc byte[MaskBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, set);
        return thread.World.TryWrite(args.A0, bytes[..(int)args.A1]) ? 0 : -Errno.EFAULT;
    }

    private static long Suspend(LinuxThread thread, in SyscallArguments args)
    {
        if (args.A1 != MaskBytes)
            return -Errno.EINVAL;
        if (!thread.World.TryRead(args.A0, out ulong mask))
            return -Errno.EFAULT;
        thread.SetTemporaryMask(mask);
        while (!thread.Interrupted)
            thread.Parker.Park(Parker.Forever);
        return -Errno.ERESTARTNOHAND;
    }

    private static long TimedWait(LinuxThread thread, in SyscallArguments args)
    {
        if (args.A3 != MaskBytes)
            return -Errno.EINVAL;
        if (!thread.World.TryRead(args.A0, out ulong set))
            return -Errno.EFAULT;
        long deadline = Parker.Forever;
        if (args.A2 != 0)
        {
            if (!thread.World.TryRead(args.A2, out GuestTime time))
                return -Errno.EFAULT;
            if (time.Seconds < 0 || (ulong)time.Nanoseconds >= NanosecondsPerSecond)
                return -Errno.EINVAL;
            if (time.Seconds < int.MaxValue)
                deadline = Parker.Now + (time.Seconds * NanosecondsPerSecond) + time.Nanoseconds;
        }

        set &= ~Signal.Unblockable;
        ProcessSignals signals = thread.Process.Signals;
        SigInfo info;
        lock (signals.Lock)
            thread.Signals.Awaited = set;
        long result;
        while (true)
        {
            if (signals.TryTake(thread, set, out info))
            {
                result = info.Signal;
                break;
            }

            result = thread.Interrupted ? -Errno.EINTR : !thread.Parker.Park(deadline) ? -Errno.EAGAIN : 0;
            if (result < 0)
                break;
        }

        lock (signals.Lock)
            thread.Signals.Awaited = 0;
        if (result < 0 && signals.TryTake(thread, set, out info))
            result = info.Signal; // it came while we gave up
        return result > 0 && args.A1 != 0 && !thread.World.TryWrite(args.A1, info) ? -Errno.EFAULT : result;
    }

    private static long Return(LinuxThread thread, in SyscallArguments args)
    {
        if (!SignalFrame.TryPop(thread, out ulong mask))
            thread.Process.Signals.Force(thread, SigInfo.Fault(Signal.SIGSEGV, SigInfo.Kernel, 0));
        else
            SignalDelivery.SetMask(thread, mask);
        thread.ResumeGuest();
        return SyscallTable.NoReturn;
    }

    private static unsafe long AlternateStackCall(LinuxThread thread, in SyscallArguments args)
    {
        AlternateStack before = thread.Signals.AlternateStack;
        bool onIt = before.Contains(thread.Hart.State->X[2]);
        if (args.A0 != 0)
        {
            if (!thread.World.TryRead(args.A0, out AlternateStackImage image))
                return -Errno.EFAULT;
            if (onIt)
                return -Errno.EPERM;
            int mode = image.Flags & ~AlternateStack.AutoDisarm;
            if (mode is not (0 or AlternateStack.OnStack or AlternateStack.Disable))
                return -Errno.EINVAL;
            if (mode != AlternateStack.Disable && image.Bytes < AlternateStack.MinimumBytes)
                return -Errno.ENOMEM;
            thread.Signals.AlternateStack = mode == AlternateStack.Disable
                ? AlternateStack.None
                : new AlternateStack(image.Base, image.Flags & AlternateStack.AutoDisarm, image.Bytes);
        }

        var old = new AlternateStackImage(before.Base, onIt ? before.Flags | AlternateStack.OnStack : before.Flags, before.Bytes);
        return args.A1 != 0 && !thread.World.TryWrite(args.A1, old) ? -Errno.EFAULT : 0;
    }

    /// <summary>stack_t as it lies in memory.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct AlternateStackImage(ulong Base, int Flags, ulong Bytes);
}
