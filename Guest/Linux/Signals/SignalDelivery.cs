using RvJit.Machine;

namespace RvJit.Guest.Linux.Signals;

/// <summary>What a thread does about its signals on the way back to guest code (kernel/signal.c, arch/riscv/kernel/signal.c).</summary>
internal static unsafe class SignalDelivery
{
    private const int EcallBytes = 4;

    /// <summary>
    /// Takes every deliverable signal: handlers get their frames, default actions happen. An interrupted system call
    /// whose result asks for it is made again or fails with EINTR.
    /// </summary>
    public static void Deliver(LinuxThread thread)
    {
        ProcessSignals signals = thread.Process.Signals;
        bool handled = false;
        while (!thread.Process.Exiting && signals.TryTake(thread, out SigInfo info, out SigAction action))
        {
            if (action.Ignores(info.Signal))
                continue;
            thread.Process.Kernel?.Trace?.Signal(thread, info);
            if (action.Handler == SigAction.Default)
            {
                thread.Process.Kill(info.Signal);
                return;
            }

            if (!handled)
                SettleRestart(thread, action);
            handled = true;
            Enter(thread, info, action);
        }

        if (!handled)
            SettleRestart(thread, null);
        if (thread.Signals.SavedMask is { } mask)
        {
            thread.Signals.SavedMask = null;
            SetMask(thread, mask);
        }
    }

    public static void SetMask(LinuxThread thread, ulong mask)
    {
        lock (thread.Process.Signals.Lock)
            thread.Signals.Blocked = mask;
    }

    private static void Enter(LinuxThread thread, in SigInfo info, in SigAction action)
    {
        ThreadSignals own = thread.Signals;
        ulong mask = own.SavedMask ?? own.Blocked;
        if (!SignalFrame.TryPush(thread, info, action, mask))
        {
            // No stack for the handler: that is a fault itself, and one that SIGSEGV's handler may not see twice.
            if (info.Signal == Signal.SIGSEGV)
                thread.Process.Kill(Signal.SIGSEGV);
            else
                thread.Process.Signals.Force(thread, SigInfo.Fault(Signal.SIGSEGV, SigInfo.Kernel, 0));
            return;
        }

        own.SavedMask = null;
        ulong blocked = own.Blocked | action.Mask;
        if ((action.Flags & SigAction.SaNoDefer) == 0)
            blocked |= Signal.Bit(info.Signal);
        SetMask(thread, blocked);
    }

    /// <summary>Decides an interrupted call, once, before the first handler's frame saves the registers.</summary>
    private static void SettleRestart(LinuxThread thread, SigAction? handler)
    {
        long result = thread.TakeRestart();
        if (result == 0)
            return;
        HartState* s = thread.Hart.State;
        bool restart = handler is not { } action
            || result == -Errno.ERESTARTNOINTR
            || (result == -Errno.ERESTARTSYS && (action.Flags & SigAction.SaRestart) != 0);
        if (restart)
        {
            s->X[10] = thread.OriginalA0;
            s->Pc -= EcallBytes;
        }
        else
        {
            s->X[10] = unchecked((ulong)-Errno.EINTR);
        }
    }
}
