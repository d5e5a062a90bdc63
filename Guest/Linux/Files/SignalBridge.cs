using RvJit.Guest.Linux.Identity;
using RvJit.Guest.Linux.Signals;

namespace RvJit.Guest.Linux.Files;

/// <summary>Where system calls about files touch signals.</summary>
internal static class SignalBridge
{
    private const ulong MaskBytes = 8;

    /// <summary>Writing to what nobody reads any more raises SIGPIPE besides failing with EPIPE.</summary>
    public static void BrokenPipe(LinuxThread thread) =>
        _ = thread.Process.Signals.Send(thread, SigInfo.From(Signal.SIGPIPE, SigInfo.User, thread.Process.Pid, HostIdentity.User));

    /// <summary>ppoll and its like wait under a mask of their own, if they are given one: 0, EINVAL or EFAULT.</summary>
    public static long UseMask(LinuxThread thread, ulong address, ulong size)
    {
        if (address == 0)
            return 0;
        if (size != MaskBytes)
            return -Errno.EINVAL;
        if (!thread.World.TryRead(address, out ulong mask))
            return -Errno.EFAULT;
        thread.SetTemporaryMask(mask);
        return 0;
    }
}
