using System.Runtime.CompilerServices;
using RvJit.Guest.Linux.Files.Host;

namespace RvJit.Guest.Linux.Files;

/// <summary>
/// Sockets, but for messages. Numbers of families, types, levels and options are asm-generic on x86-64, Arm64 and
/// riscv64. Every socket is non-blocking in the host; a guest that wants to wait waits here.
/// </summary>
public sealed unsafe class Sockets : ISyscallGroup
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int ErrorOption = 4; // SO_ERROR
    private const int ReceiveTimeout = 20; // SO_RCVTIMEO_OLD
    private const int SendTimeout = 21; // SO_SNDTIMEO_OLD
    private const int HostFlags = OpenFlags.CloseOnExec | OpenFlags.NonBlocking; // SOCK_* have the bits of O_*
    private const int LargestOption = 4096;

    public void Register(SyscallTable table)
    {
        table.Add(198, "socket", Create);
        table.Add(199, "socketpair", CreatePair);
        table.Add(200, "bind", static (LinuxThread t, in SyscallArguments a) => WithAddress(t, a, HostCalls.Bind));
        table.Add(201, "listen", Listen);
        table.Add(202, "accept", static (LinuxThread t, in SyscallArguments a) => Accept(t, a, 0));
        table.Add(203, "connect", Connect);
        table.Add(204, "getsockname", static (LinuxThread t, in SyscallArguments a) => Name(t, a, HostCalls.SocketName));
        table.Add(205, "getpeername", static (LinuxThread t, in SyscallArguments a) => Name(t, a, HostCalls.PeerName));
        table.Add(208, "setsockopt", SetOption);
        table.Add(209, "getsockopt", GetOption);
        table.Add(210, "shutdown", Shutdown);
        table.Add(242, "accept4", static (LinuxThread t, in SyscallArguments a) => Accept(t, a, (int)a.A3));
    }

    private delegate long AddressCall(int fd, byte* address, uint length);

    private delegate long NameCall(int fd, byte* address, uint* length);

    private static long Create(LinuxThread thread, in SyscallArguments args)
    {
        int type = (int)args.A1;
        long fd = HostCalls.Socket((int)args.A0, type | HostFlags, (int)args.A2);
        return fd < 0 ? fd : Install(thread, fd, type);
    }

    private static long Install(LinuxThread thread, long fd, int flags) => thread.Process.Files.Table.AddOrClose(
        HostFile.Stream((int)fd, (flags & OpenFlags.NonBlocking) != 0), (flags & OpenFlags.CloseOnExec) != 0);

    private static long CreatePair(LinuxThread thread, in SyscallArguments args)
    {
        int* pair = stackalloc int[2];
        int type = (int)args.A1;
        long error = HostCalls.SocketPair((int)args.A0, type | HostFlags, (int)args.A2, pair);
        return error < 0 ? error : OpenClose.InstallPair(thread, pair, type, args.A3);
    }

    private static long Listen(LinuxThread thread, in SyscallArguments args)
    {
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        return reference.File is { } file ? HostCalls.Listen(SocketOf(file), (int)args.A1) : -Errno.EBADF;
    }

    private static long Shutdown(LinuxThread thread, in SyscallArguments args)
    {
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        return reference.File is { } file ? HostCalls.Shutdown(SocketOf(file), (int)args.A1) : -Errno.EBADF;
    }

    /// <summary>The host says what is no socket; a device has no host descriptor and answers EBADF (-1).</summary>
    private static int SocketOf(GuestFile file) => file.HostDescriptor;

    private static long Accept(LinuxThread thread, in SyscallArguments args, int flags)
    {
        byte* address = stackalloc byte[SocketAddresses.Longest];
        if ((flags & ~HostFlags) != 0)
            return -Errno.EINVAL;
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        while (true)
        {
            uint length = SocketAddresses.Longest;
            long waited = file.WaitsBeforeReading ? file.Await(thread, PollEvents.In) : 0;
            if (waited < 0)
                return waited;
            long fd = HostCalls.Accept(SocketOf(file), address, &length, HostFlags);
            if (fd >= 0)
                return Deliver(thread, args, fd, flags, address, length);
            if (fd == -Errno.EINTR)
                continue;
            if (fd != -Errno.EAGAIN || !file.Blocks)
                return fd;
            waited = file.Await(thread, PollEvents.In);
            if (waited < 0)
                return waited;
        }
    }

    private static long Deliver(LinuxThread thread, in SyscallArguments args, long fd, int flags, byte* address, uint length)
    {
        long guest = Install(thread, fd, flags);
        if (guest < 0)
            return guest;
        long error = SocketAddresses.Export(thread.World, address, length, args.A1, args.A2);
        if (error == 0)
            return guest;
        _ = thread.Process.Files.Table.Close((ulong)guest);
        return error;
    }

    private static long WithAddress(LinuxThread thread, in SyscallArguments args, AddressCall call)
    {
        byte* address = stackalloc byte[SocketAddresses.Longest];
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        long length = SocketAddresses.Import(thread, args.A1, (uint)args.A2, address, out int directory);
        long result = length < 0 ? length : call(SocketOf(file), address, (uint)length);
        SocketAddresses.Close(directory);
        return result;
    }

    private static long Connect(LinuxThread thread, in SyscallArguments args)
    {
        const long Pause = 1_000_000;
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        while (true)
        {
            long result = WithAddress(thread, args, HostCalls.Connect);
            if (!file.Blocks)
                return result;
            switch (result)
            {
                case -Errno.EINTR:
                    break;
                case -Errno.EAGAIN: // a local socket whose listener's queue is full; nothing tells when it is not
                    if (thread.Waker.Sleep(thread, ThreadWaker.After(Pause)) < 0)
                        return -Errno.ERESTARTSYS;
                    break;
                case -Errno.EINPROGRESS or -Errno.EALREADY: // EALREADY: the call made again after an interruption
                    long waited = file.Await(thread, PollEvents.Out);
                    return waited < 0 ? (waited == -Errno.EAGAIN ? -Errno.EINPROGRESS : waited) : Outcome(file);
                default:
                    return result;
            }
        }
    }

    /// <summary>How a connection attempt ended.</summary>
    private static long Outcome(GuestFile file)
    {
        int error = 0;
        uint length = sizeof(int);
        long result = HostCalls.GetOption(SocketOf(file), SocketLevel, ErrorOption, (byte*)&error, &length);
        return result < 0 ? result : -error;
    }

    private static long Name(LinuxThread thread, in SyscallArguments args, NameCall call)
    {
        byte* address = stackalloc byte[SocketAddresses.Longest];
        uint length = SocketAddresses.Longest;
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        long error = call(SocketOf(file), address, &length);
        if (error < 0)
            return error;
        return args.A1 == 0 ? -Errno.EFAULT : SocketAddresses.Export(thread.World, address, length, args.A1, args.A2);
    }

    /// <summary>
    /// Options whose value holds an address inside are refused: the host would take a guest address for its own.
    /// </summary>
    private static bool HoldsAddress(int level, int name)
    {
        const int Ip = 0;
        const int Ip6 = 41;
        const int Tcp = 6;
        return (level, name) switch
        {
            (SocketLevel, 26 or 51) => true, // SO_ATTACH_FILTER, SO_ATTACH_REUSEPORT_CBPF
            (Ip or Ip6, 64) => true, // IPT_SO_SET_REPLACE, IP6T_SO_SET_REPLACE
            (Tcp, 35) => true, // TCP_ZEROCOPY_RECEIVE
            _ => false,
        };
    }

    [SkipLocalsInit]
    private static long SetOption(LinuxThread thread, in SyscallArguments args)
    {
        byte* value = stackalloc byte[LargestOption];
        int level = (int)args.A1;
        int name = (int)args.A2;
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        if (args.A4 > LargestOption)
            return -Errno.EINVAL;
        if (HoldsAddress(level, name))
            return -Errno.ENOPROTOOPT;
        if (!thread.World.TryRead(args.A3, new Span<byte>(value, (int)args.A4)))
            return -Errno.EFAULT;
        long error = HostCalls.SetOption(SocketOf(file), level, name, value, (uint)args.A4);
        if (error == 0 && level == SocketLevel && file is HostFile socket && args.A4 >= 16)
        {
            // struct timeval: seconds and microseconds; zero is no limit.
            var time = new TimeSpec(((long*)value)[0], ((long*)value)[1] * 1000);
            long limit = time.Total > 0 ? time.Total : ThreadWaker.Forever;
            if (name == ReceiveTimeout)
                socket.ReceiveTimeout = limit;
            else if (name == SendTimeout)
                socket.SendTimeout = limit;
        }

        return error;
    }

    [SkipLocalsInit]
    private static long GetOption(LinuxThread thread, in SyscallArguments args)
    {
        byte* value = stackalloc byte[LargestOption];
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        if (!thread.World.TryRead(args.A4, out int room))
            return -Errno.EFAULT;
        if (room < 0)
            return -Errno.EINVAL;
        if (HoldsAddress((int)args.A1, (int)args.A2))
            return -Errno.ENOPROTOOPT;
        uint length = (uint)Math.Min(room, LargestOption);
        long error = HostCalls.GetOption(SocketOf(file), (int)args.A1, (int)args.A2, value, &length);
        if (error < 0)
            return error;
        bool written = thread.World.TryWrite(args.A3, new ReadOnlySpan<byte>(value, (int)Math.Min(length, LargestOption)))
            && thread.World.TryWrite(args.A4, length);
        return written ? 0 : -Errno.EFAULT;
    }
}
