namespace RvJit.Guest.Linux.Signals;

/// <summary>
/// The signal state of a process and the one lock over it and its threads' signal state. Sending: queue under the lock,
/// then interrupt a thread that does not block the signal. Taking: only by the thread itself, between instructions.
/// </summary>
public sealed class ProcessSignals(LinuxProcess process)
{
    private readonly SigAction[] _actions = new SigAction[Signal.Last + 1];

    public Lock Lock { get; } = new();

    /// <summary>Signals sent to the process as a whole.</summary>
    public PendingSignals Pending { get; } = new();

    public SigAction this[int signal]
    {
        get
        {
            lock (Lock)
                return _actions[signal];
        }
    }

    /// <summary>rt_sigaction(2): the previous action.</summary>
    public SigAction Exchange(int signal, SigAction action)
    {
        lock (Lock)
        {
            SigAction before = _actions[signal];
            _actions[signal] = action with { Mask = action.Mask & ~Signal.Unblockable };
            if (action.Ignores(signal))
            {
                Pending.Discard(signal);
                foreach (LinuxThread thread in process.Threads)
                    thread.Signals.Pending.Discard(signal);
            }

            return before;
        }
    }

    /// <summary>execve(2) resets what was caught.</summary>
    public void ResetCaught()
    {
        lock (Lock)
        {
            for (int i = 1; i < _actions.Length; i++)
                _actions[i] = _actions[i].Handler == SigAction.Ignore ? new SigAction(SigAction.Ignore, 0, 0) : default;
        }
    }

    /// <summary>Sends to the process: some thread that does not block it takes it. 0 or a negated errno.</summary>
    public long Send(in SigInfo info)
    {
        if (info.Signal == Signal.SIGKILL)
        {
            process.Kill(info.Signal);
            return 0;
        }

        LinuxThread? receiver = null;
        lock (Lock)
        {
            ulong bit = Signal.Bit(info.Signal);
            IReadOnlyList<LinuxThread> threads = process.Threads;
            bool ignored = _actions[info.Signal].Ignores(info.Signal);
            foreach (LinuxThread thread in threads)
            {
                if ((thread.Signals.Blocked & bit) == 0 || (thread.Signals.Awaited & bit) != 0)
                {
                    receiver = thread;
                    break;
                }
            }

            if (ignored && (receiver is null ? threads.Count == 0 : (receiver.Signals.Awaited & bit) == 0))
                return 0;
            if (!Pending.Add(info))
                return -Errno.EAGAIN;
        }

        receiver?.Interrupt(Machine.HartRequests.Interrupt);
        return 0;
    }

    /// <summary>Sends to one thread.</summary>
    public long Send(LinuxThread thread, in SigInfo info)
    {
        if (info.Signal == Signal.SIGKILL)
        {
            process.Kill(info.Signal);
            return 0;
        }

        lock (Lock)
        {
            ulong bit = Signal.Bit(info.Signal);
            ThreadSignals signals = thread.Signals;
            bool waiting = (signals.Awaited & bit) != 0;
            if (_actions[info.Signal].Ignores(info.Signal) && (signals.Blocked & bit) == 0 && !waiting)
                return 0;
            if (!signals.Pending.Add(info))
                return -Errno.EAGAIN;
            if ((signals.Blocked & bit) != 0 && !waiting)
                return 0;
        }

        thread.Interrupt(Machine.HartRequests.Interrupt);
        return 0;
    }

    /// <summary>
    /// A signal the thread's own instruction raised. It cannot be put off: when blocked or ignored it takes its default
    /// action, which ends the process (kernel/signal.c, force_sig_info_to_task).
    /// </summary>
    public void Force(LinuxThread thread, in SigInfo info)
    {
        lock (Lock)
        {
            ulong bit = Signal.Bit(info.Signal);
            SigAction action = _actions[info.Signal];
            bool blocked = (thread.Signals.Blocked & bit) != 0;
            if (blocked || action.Handler == SigAction.Ignore)
            {
                _actions[info.Signal] = default;
                thread.Signals.Blocked &= ~bit;
            }

            thread.Signals.Pending.Discard(info.Signal);
            _ = thread.Signals.Pending.Add(info);
        }
    }

    /// <summary>The thread takes its next signal and the action for it; the one-shot ones are reset at once.</summary>
    internal bool TryTake(LinuxThread thread, out SigInfo info, out SigAction action)
    {
        lock (Lock)
        {
            ulong set = ~thread.Signals.Blocked;
            action = default;
            if (!thread.Signals.Pending.TryTake(set, out info) && !Pending.TryTake(set, out info))
                return false;
            action = _actions[info.Signal];
            if ((action.Flags & SigAction.SaResetHand) != 0 && action.Handler > SigAction.Ignore)
                _actions[info.Signal] = default;
            return true;
        }
    }

    /// <summary>For sigtimedwait: takes a pending signal of a set, blocked or not.</summary>
    internal bool TryTake(LinuxThread thread, ulong set, out SigInfo info)
    {
        lock (Lock)
            return thread.Signals.Pending.TryTake(set, out info) || Pending.TryTake(set, out info);
    }

    /// <summary>The whole process's mask changed hands: a pending process signal may now be for this thread.</summary>
    internal bool HasDeliverable(ThreadSignals signals) => ((signals.Pending.Mask | Pending.Mask) & (~signals.Blocked | signals.Awaited)) != 0;
}

/// <summary>The signal state of a thread.</summary>
public sealed class ThreadSignals
{
    private ulong _blocked;
    private ulong _awaited;

    /// <summary>The signal mask. Written by the thread itself, under the process's signal lock.</summary>
    public ulong Blocked
    {
        get => Volatile.Read(ref _blocked);
        set => Volatile.Write(ref _blocked, value & ~Signal.Unblockable);
    }

    /// <summary>What sigtimedwait is waiting for.</summary>
    public ulong Awaited
    {
        get => Volatile.Read(ref _awaited);
        set => Volatile.Write(ref _awaited, value);
    }

    /// <summary>The mask to go back to once a handler ran for sigsuspend, ppoll, pselect or epoll_pwait.</summary>
    public ulong? SavedMask { get; set; }

    public PendingSignals Pending { get; } = new();

    public AlternateStack AlternateStack { get; set; } = AlternateStack.None;
}
