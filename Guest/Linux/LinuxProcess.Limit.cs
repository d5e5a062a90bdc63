using RvJit.Guest.Linux.Signals;

namespace RvJit.Guest.Linux;

/// <param name="Tid">The thread that came there first.</param>
/// <param name="Pc">Its next instruction.</param>
/// <param name="Instructions">How many it has executed.</param>
public sealed record LimitReached(int Tid, ulong Pc, ulong Instructions);

/// <summary>The end of a process by <see cref="LinuxOptions.MostInstructions"/>.</summary>
public sealed partial class LinuxProcess
{
    private LimitReached? _limit;

    /// <summary>Where the limit ended the process, if it did.</summary>
    public LimitReached? Limit => Volatile.Read(ref _limit);

    internal unsafe void StopAtLimit(LinuxThread thread)
    {
        if (!Exiting)
            _ = Interlocked.CompareExchange(ref _limit, new LimitReached(thread.Tid, thread.Hart.State->Pc, thread.Hart.State->Retired), null);
        Kill(Signal.SIGKILL);
    }
}
