using RvJit.Guest.Linux.Signals;
using RvJit.Guest.Linux.Threads;
using RvJit.Machine;

namespace RvJit.Guest.Linux;

/// <summary>One Linux thread: a hart, run by one host thread.</summary>
public sealed unsafe partial class LinuxThread(LinuxProcess process, Hart hart, int tid)
{
    private readonly Lock _gate = new();
    private Action? _wake;
    private bool _gone;
    private long _restart;

    public LinuxProcess Process { get; } = process;

    public Hart Hart { get; } = hart;

    public int Tid { get; } = tid;

    public World World => Process.World;

    public ThreadSignals Signals { get; } = new();

    /// <summary>Where to write 0 and wake a futex when the thread ends (set_tid_address, CLONE_CHILD_CLEARTID).</summary>
    public ulong ClearTidAddress { get; set; }

    /// <summary>PR_SET_NAME.</summary>
    public string Name { get; set; } = process.Name;

    /// <summary>What the thread does instead of executing guest code from its registers.</summary>
    internal Action<IExecutionEngine>? Native { get; set; }

    /// <summary>The thread called exit.</summary>
    internal bool Leaving { get; set; }

    /// <summary>a0 of the system call being served, for making it again.</summary>
    internal ulong OriginalA0 { get; set; }

    internal Parker Parker { get; } = new();

    /// <summary>
    /// Whether a system call that waits shall give up now, with <see cref="Errno.ERESTARTSYS"/> or EINTR: a signal can
    /// be delivered to this thread, or the process is ending.
    /// </summary>
    public bool Interrupted => Process.Exiting || Process.Signals.HasDeliverable(Signals);

    /// <summary>
    /// For a system call about to wait in the host: <paramref name="wake"/> is called (on any thread, perhaps more than
    /// once, and perhaps although nothing came) when <see cref="Interrupted"/> may have become true. Register first,
    /// then test <see cref="Interrupted"/>, then wait; dispose before returning.
    /// </summary>
    public InterruptScope OnInterrupt(Action wake)
    {
        Volatile.Write(ref _wake, wake);
        Interlocked.MemoryBarrier();
        return new InterruptScope(this);
    }

    /// <summary>
    /// For calls that wait under another signal mask (sigsuspend, ppoll, pselect6, epoll_pwait): the mask holds until
    /// the call returns; a handler that runs then sees and restores the old one.
    /// </summary>
    public void SetTemporaryMask(ulong mask)
    {
        Signals.SavedMask = Signals.Blocked;
        SignalDelivery.SetMask(this, mask);
    }

    /// <summary>
    /// Ends a system call: its result goes to a0, the return to user mode is counted, pending signals are delivered.
    /// Whoever answered <see cref="SyscallTable.NoReturn"/> calls this once the thread's own world is back.
    /// </summary>
    public void CompleteSyscall(long result)
    {
        if (result is -Errno.ERESTARTSYS or -Errno.ERESTARTNOINTR or -Errno.ERESTARTNOHAND or -Errno.ERESTART_RESTARTBLOCK)
            _restart = result;
        else if (result != -Errno.EINTR && Signals.SavedMask is { } mask)
            RestoreMask(mask); // the call was not interrupted, so its mask let nothing through
        Hart.State->X[10] = (ulong)result;
        ResumeGuest();
    }

    /// <summary>The way back to user mode when the registers are already what they shall be.</summary>
    internal void ResumeGuest()
    {
        Hart.Transitions.Count(TransitionKind.HostSupervisorToUser);
        if (_restart != 0 || Signals.SavedMask is not null || Interrupted)
            SignalDelivery.Deliver(this);
    }

    /// <summary>Makes the thread notice a signal or the end of its process, wherever it is.</summary>
    internal void Interrupt(HartRequests request)
    {
        lock (_gate)
        {
            if (_gone)
                return;
            Hart.Request(request);
        }

        Interlocked.MemoryBarrier();
        Parker.Unpark();
        Volatile.Read(ref _wake)?.Invoke();
    }

    /// <summary>The host thread gives the hart up.</summary>
    internal void Retire()
    {
        lock (_gate)
            _gone = true;
        Waker.Dispose();
        if (Hart.UserInterruptPort is { Receiver: { } receiver } port)
            port.Controller.Release(receiver);
        Hart.Dispose();
    }

    internal long TakeRestart()
    {
        long restart = _restart;
        _restart = 0;
        return restart;
    }

    private void RestoreMask(ulong mask)
    {
        Signals.SavedMask = null;
        SignalDelivery.SetMask(this, mask);
    }

    /// <summary>Ends a wait begun with <see cref="OnInterrupt"/>.</summary>
    public readonly ref struct InterruptScope(LinuxThread thread)
    {
        public void Dispose() => Volatile.Write(ref thread._wake, null);
    }
}
