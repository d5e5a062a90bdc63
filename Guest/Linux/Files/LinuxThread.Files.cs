using RvJit.Guest.Linux.Files;

namespace RvJit.Guest.Linux;

public sealed partial class LinuxThread
{
    /// <summary>Ends this thread's waits in the host kernel.</summary>
    internal ThreadWaker Waker { get; } = new();
}
