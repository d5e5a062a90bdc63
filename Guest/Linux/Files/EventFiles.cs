using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using RvJit.Guest.Linux.Files.Host;

namespace RvJit.Guest.Linux.Files;

/// <summary>epoll, eventfd and timerfd: host descriptors that are waited for here.</summary>
public sealed unsafe class EventFiles : ISyscallGroup
{
    private const int Common = OpenFlags.CloseOnExec | OpenFlags.NonBlocking;

    /// <summary>At most this many events come from one call; more are found by the next.</summary>
    private const int MostEvents = 256;

    /// <summary>struct epoll_event of riscv64: events at 0, data at 8.</summary>
    private const int GuestEventBytes = 16;

    private const int GuestData = 8;

    /// <summary>x86-64 alone packs the structure.</summary>
    private static readonly int s_hostEventBytes = HostCalls.IsArm64 ? 16 : 12;

    private static readonly int s_hostData = HostCalls.IsArm64 ? 8 : 4;

    public void Register(SyscallTable table)
    {
        table.Add(19, "eventfd2", EventDescriptor);
        table.Add(20, "epoll_create1", Create);
        table.Add(21, "epoll_ctl", Control);
        table.Add(22, "epoll_pwait", Wait);
        table.Add(85, "timerfd_create", TimerCreate);
        table.Add(86, "timerfd_settime", TimerSet);
        table.Add(87, "timerfd_gettime", TimerGet);
        table.Add(441, "epoll_pwait2", WaitPrecisely);
    }

    private static long EventDescriptor(LinuxThread thread, in SyscallArguments args)
    {
        int flags = (int)args.A1;
        long fd = HostCalls.EventDescriptor((uint)args.A0, flags | Common);
        return fd < 0 ? fd : Install(thread, fd, flags);
    }

    private static long TimerCreate(LinuxThread thread, in SyscallArguments args)
    {
        int flags = (int)args.A1;
        long fd = HostCalls.TimerCreate((int)args.A0, flags | Common);
        return fd < 0 ? fd : Install(thread, fd, flags);
    }

    private static long Create(LinuxThread thread, in SyscallArguments args)
    {
        int flags = (int)args.A0;
        long fd = HostCalls.EpollCreate(flags | OpenFlags.CloseOnExec);
        return fd < 0 ? fd : Install(thread, fd, flags);
    }

    private static long Install(LinuxThread thread, long fd, int flags) => thread.Process.Files.Table.AddOrClose(
        HostFile.Stream((int)fd, (flags & OpenFlags.NonBlocking) != 0), (flags & OpenFlags.CloseOnExec) != 0);

    /// <summary>struct itimerspec is the same on all 64-bit machines: interval and value.</summary>
    private static long TimerSet(LinuxThread thread, in SyscallArguments args)
    {
        const int Bytes = 32;
        byte* value = stackalloc byte[Bytes];
        byte* old = stackalloc byte[Bytes];
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (!thread.World.TryRead(args.A2, new Span<byte>(value, Bytes)))
            return -Errno.EFAULT;
        if (reference.File is not { } file)
            return -Errno.EBADF;
        long error = file.HostDescriptor < 0 ? -Errno.EINVAL : HostCalls.TimerSet(file.HostDescriptor, (int)args.A1, value, old);
        if (error < 0)
            return error;
        return args.A3 == 0 || thread.World.TryWrite(args.A3, new ReadOnlySpan<byte>(old, Bytes)) ? 0 : -Errno.EFAULT;
    }

    private static long TimerGet(LinuxThread thread, in SyscallArguments args)
    {
        const int Bytes = 32;
        byte* value = stackalloc byte[Bytes];
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        long error = file.HostDescriptor < 0 ? -Errno.EINVAL : HostCalls.TimerGet(file.HostDescriptor, value);
        if (error < 0)
            return error;
        return thread.World.TryWrite(args.A1, new ReadOnlySpan<byte>(value, Bytes)) ? 0 : -Errno.EFAULT;
    }

    private static long Control(LinuxThread thread, in SyscallArguments args)
    {
        const int Delete = 2; // EPOLL_CTL_DEL
        FileTable table = thread.Process.Files.Table;
        byte* guest = stackalloc byte[GuestEventBytes];
        byte* host = stackalloc byte[GuestEventBytes];
        var from = new Span<byte>(guest, GuestEventBytes);
        if ((int)args.A1 == Delete)
            from.Clear();
        else if (!thread.World.TryRead(args.A3, from))
            return -Errno.EFAULT;
        using FileReference epollReference = table.Acquire(args.A0);
        using FileReference fileReference = table.Acquire(args.A2);
        if (epollReference.File is not { } epoll || fileReference.File is not { } file)
            return -Errno.EBADF;
        if (epoll.HostDescriptor < 0)
            return -Errno.EINVAL;
        if (file.HostDescriptor < 0)
            return -Errno.EPERM; // as for files that cannot be polled
        *(uint*)host = *(uint*)guest;
        Unsafe.WriteUnaligned(host + s_hostData, *(ulong*)(guest + GuestData));
        return HostCalls.EpollControl(epoll.HostDescriptor, (int)args.A1, file.HostDescriptor, host);
    }

    private static long Wait(LinuxThread thread, in SyscallArguments args)
    {
        int milliseconds = (int)args.A3;
        long deadline = milliseconds < 0 ? ThreadWaker.Forever : ThreadWaker.After(milliseconds * 1_000_000L);
        return Wait(thread, args, deadline, immediate: milliseconds == 0);
    }

    private static long WaitPrecisely(LinuxThread thread, in SyscallArguments args)
    {
        long error = Polling.ReadTimeout(thread.World, args.A3, out long deadline);
        return error < 0 ? error : Wait(thread, args, deadline, immediate: false);
    }

    private static long Wait(LinuxThread thread, in SyscallArguments args, long deadline, bool immediate)
    {
        if ((int)args.A2 <= 0 || (int)args.A2 > int.MaxValue / GuestEventBytes)
            return -Errno.EINVAL;
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        long error = SignalBridge.UseMask(thread, args.A4, args.A5);
        if (error < 0)
            return error;
        while (true)
        {
            long found = Take(thread, file.HostDescriptor, args);
            if (found != 0 || immediate)
                return found;
            long waited = thread.Waker.Wait(thread, file.HostDescriptor, PollEvents.In, deadline);
            if (waited <= 0)
                return waited; // at the deadline, or EINTR: it is never restarted
        }
    }

    /// <summary>Takes the events that are there; none is lost when the guest's array is bad only in part.</summary>
    [SkipLocalsInit]
    private static long Take(LinuxThread thread, int epoll, in SyscallArguments args)
    {
        byte* host = stackalloc byte[MostEvents * GuestEventBytes];
        ulong room = Math.Min(args.A2, MostEvents);
        byte* guest = GuestVectors.Clip(thread.World, args.A1, room * GuestEventBytes, Machine.Access.Write, out nuint valid);
        int count = (int)(valid / GuestEventBytes);
        if (guest == null || count == 0)
            return -Errno.EFAULT;
        long found = HostCalls.EpollWait(epoll, host, count, 0);
        if (found == -Errno.EINTR)
            return 0;
        var to = new Span<byte>(guest, count * GuestEventBytes);
        for (int i = 0; i < found; i++)
        {
            Span<byte> slot = to.Slice(i * GuestEventBytes, GuestEventBytes);
            byte* from = host + (i * s_hostEventBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(slot, Unsafe.ReadUnaligned<uint>(from));
            BinaryPrimitives.WriteUInt64LittleEndian(slot[GuestData..], Unsafe.ReadUnaligned<ulong>(from + s_hostData));
        }

        return found;
    }
}
