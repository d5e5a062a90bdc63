using RvJit.Guest.Linux.Threads;
using RvJit.Machine;

namespace RvJit.Guest.Linux;

/// <summary>One Linux thread: a hart, run by one host thread.</summary>
public sealed partial class LinuxThread(LinuxProcess process, Hart hart, int tid)
{
    private Action? _wake;

    public LinuxProcess Process { get; } = process;

    public Hart Hart { get; } = hart;

    public int Tid { get; } = tid;

    public World World => Process.World;

    internal Parker Parker { get; } = new();

    /// <summary>
    /// Whether a system call that waits shall give up now, with <see cref="Errno.ERESTARTSYS"/> or EINTR: a signal can
    /// be delivered to this thread, or the process is ending.
    /// </summary>
    public bool Interrupted => Process.Exiting;

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

    /// <summary>Makes the thread notice a signal or the end of its process, wherever it is.</summary>
    internal void Interrupt(HartRequests request)
    {
        Hart.Request(request);
        Interlocked.MemoryBarrier();
        Parker.Unpark();
        Volatile.Read(ref _wake)?.Invoke();
    }

    /// <summary>Ends a wait begun with <see cref="OnInterrupt"/>.</summary>
    public readonly ref struct InterruptScope(LinuxThread thread)
    {
        public void Dispose() => Volatile.Write(ref thread._wake, null);
    }
}
