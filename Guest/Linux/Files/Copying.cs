using RvJit.Guest.Linux.Files.Host;

namespace RvJit.Guest.Linux.Files;

/// <summary>System calls that move bytes from file to file.</summary>
public sealed unsafe class Copying : ISyscallGroup
{
    public void Register(SyscallTable table)
    {
        table.Add(71, "sendfile", Send);
        table.Add(285, "copy_file_range", CopyRange);

        // Programs fall back to read and write.
        table.Add(75, "vmsplice", static (LinuxThread _, in SyscallArguments _) => -Errno.EINVAL);
        table.Add(76, "splice", static (LinuxThread _, in SyscallArguments _) => -Errno.EINVAL);
        table.Add(77, "tee", static (LinuxThread _, in SyscallArguments _) => -Errno.EINVAL);
    }

    private static long Send(LinuxThread thread, in SyscallArguments args)
    {
        FileTable table = thread.Process.Files.Table;
        using FileReference toReference = table.Acquire(args.A0);
        using FileReference fromReference = table.Acquire(args.A1);
        if (toReference.File is not { } to || fromReference.File is not { } from)
            return -Errno.EBADF;
        if (to.HostDescriptor < 0 || from.HostDescriptor < 0)
            return -Errno.EINVAL;
        long offset = 0;
        if (args.A2 != 0 && !thread.World.TryRead(args.A2, out offset))
            return -Errno.EFAULT;
        long result;
        nuint count = (nuint)Math.Min(args.A3, GuestVectors.MostBytes);
        do
        {
            result = HostCalls.SendFile(to.HostDescriptor, from.HostDescriptor, args.A2 != 0 ? &offset : null, count);
            if (result == -Errno.EAGAIN && to.Blocks)
            {
                long waited = to.Await(thread, PollEvents.Out);
                if (waited < 0)
                    return waited;
            }
        }
        while (result is -Errno.EINTR || (result == -Errno.EAGAIN && to.Blocks));

        if (result == -Errno.EPIPE)
            SignalBridge.BrokenPipe(thread);
        return result >= 0 && args.A2 != 0 && !thread.World.TryWrite(args.A2, offset) ? -Errno.EFAULT : result;
    }

    private static long CopyRange(LinuxThread thread, in SyscallArguments args)
    {
        FileTable table = thread.Process.Files.Table;
        using FileReference fromReference = table.Acquire(args.A0);
        using FileReference toReference = table.Acquire(args.A2);
        if (fromReference.File is not { } from || toReference.File is not { } to)
            return -Errno.EBADF;
        if (to.HostDescriptor < 0 || from.HostDescriptor < 0)
            return -Errno.EINVAL;
        long fromOffset = 0, toOffset = 0;
        if ((args.A1 != 0 && !thread.World.TryRead(args.A1, out fromOffset))
            || (args.A3 != 0 && !thread.World.TryRead(args.A3, out toOffset)))
        {
            return -Errno.EFAULT;
        }

        long result = HostCalls.CopyRange(
            from.HostDescriptor, args.A1 != 0 ? &fromOffset : null, to.HostDescriptor, args.A3 != 0 ? &toOffset : null, (nuint)args.A4, (uint)args.A5);
        if (result < 0)
            return result;
        bool written = (args.A1 == 0 || thread.World.TryWrite(args.A1, fromOffset))
            && (args.A3 == 0 || thread.World.TryWrite(args.A3, toOffset));
        return written ? result : -Errno.EFAULT;
    }
}
