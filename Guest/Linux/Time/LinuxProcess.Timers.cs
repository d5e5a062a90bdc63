using RvJit.Guest.Linux.Time;

namespace RvJit.Guest.Linux;

public sealed partial class LinuxProcess
{
    private readonly Lock _timersLock = new();
    private ProcessTimers? _timers;

    /// <summary>Timers that end in signals; made when the first is asked for.</summary>
    internal ProcessTimers Timers
    {
        get
        {
            lock (_timersLock)
                return _timers ??= new ProcessTimers(this);
        }
    }
}
