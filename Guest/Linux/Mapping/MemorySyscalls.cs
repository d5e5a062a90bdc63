using RvJit.Guest.Linux.Files;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Mapping;

/// <summary>The memory system calls.</summary>
internal sealed class MemorySyscalls : ISyscallGroup
{
    private const ulong ProtectionMask = 7;

    public void Register(SyscallTable table)
    {
        table.Add(214, "brk", static (LinuxThread t, in SyscallArguments a) => t.Process.Map.Break(a.A0));
        table.Add(215, "munmap", static (LinuxThread t, in SyscallArguments a) => t.Process.Map.Unmap(a.A0, a.A1));
        table.Add(216, "mremap", static (LinuxThread t, in SyscallArguments a) => t.Process.Map.Move(a.A0, a.A1, a.A2, (MoveFlags)a.A3, a.A4));
        table.Add(222, "mmap", MapMemory);
        table.Add(226, "mprotect", Protect);
        table.Add(227, "msync", static (LinuxThread t, in SyscallArguments a) => t.Process.Map.Sync(a.A0, a.A1));
        table.Add(228, "mlock", Lock);
        table.Add(229, "munlock", Lock);
        table.Add(230, "mlockall", Accept);
        table.Add(231, "munlockall", Accept);
        table.Add(232, "mincore", InCore);
        table.Add(233, "madvise", Advise);
        table.Add(284, "mlock2", Lock);
    }

    private static long Accept(LinuxThread thread, in SyscallArguments args) => 0;

    private static long MapMemory(LinuxThread thread, in SyscallArguments args)
    {
        LinuxProcess process = thread.Process;
        var access = (Access)(args.A2 & ProtectionMask);
        var flags = (MapFlags)args.A3;
        MapFlags type = flags & MapFlags.TypeMask;
        if (type is not (MapFlags.Shared or MapFlags.Private or MapFlags.SharedValidate) || !UserLayout.IsAligned(args.A5))
            return -Errno.EINVAL;
        if ((flags & MapFlags.Anonymous) != 0)
            return process.Map.Map(args.A0, args.A1, access, flags);
        if (process.MappableFiles is not { } files)
            return -Errno.EBADF;
        if (files is FileTable table)
        {
            using FileReference reference = table.Acquire(args.A4);
            if (reference.File is { HostDescriptor: < 0 } device)
                return process.Map.MapDevice(thread, device, args);
        }

        return MapFile(process.Map, files, args, access, flags);
    }

    private static long MapFile(MemoryMap map, IMappableFiles files, in SyscallArguments args, Access access, MapFlags flags)
    {
        // A shared mapping may be made writable later when the descriptor allows it, so that is tried first.
        bool shared = (flags & MapFlags.TypeMask) != MapFlags.Private;
        int descriptor = (int)args.A4;
        long error = files.TryOpen(descriptor, shared, out IMappableFile? file);
        bool writable = shared && error == 0;
        if (error == -Errno.EACCES && shared && (access & Access.Write) == 0)
            error = files.TryOpen(descriptor, false, out file);
        return error < 0 ? error : map.MapFile(args.A0, args.A1, access, flags, file!, writable, (long)args.A5);
    }

    private static long Protect(LinuxThread thread, in SyscallArguments args)
    {
        const ulong GrowsDownOrUp = 0x0300_0000;
        if ((args.A2 & ~(ProtectionMask | GrowsDownOrUp)) != 0)
            return -Errno.EINVAL;
        return thread.Process.Map.Protect(args.A0, args.A1, (Access)(args.A2 & ProtectionMask));
    }

    private static long Lock(LinuxThread thread, in SyscallArguments args) =>
        args.A1 == 0 || thread.Process.Map.Covers(args.A0, args.A1) ? 0 : -Errno.ENOMEM;

    private static long InCore(LinuxThread thread, in SyscallArguments args)
    {
        if (!UserLayout.IsAligned(args.A0))
            return -Errno.EINVAL;
        if (!thread.Process.Map.Covers(args.A0, args.A1))
            return -Errno.ENOMEM;
        var resident = new byte[(args.A1 + UserLayout.Page - 1) / UserLayout.Page];
        Array.Fill(resident, (byte)1);
        return thread.World.TryWrite(args.A2, resident) ? 0 : -Errno.EFAULT;
    }

    private static long Advise(LinuxThread thread, in SyscallArguments args)
    {
        const int DontNeed = 4;
        int advice = (int)args.A2;
        bool known = advice is (>= 0 and <= 4) or (>= 8 and <= 25);
        if (!known || !UserLayout.IsAligned(args.A0))
            return -Errno.EINVAL;
        if (args.A1 == 0)
            return 0;
        if (advice == DontNeed)
            return thread.Process.Map.DropContents(args.A0, args.A1);
        return thread.Process.Map.Covers(args.A0, args.A1) ? 0 : -Errno.ENOMEM;
    }
}
