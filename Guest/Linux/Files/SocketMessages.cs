using System.Runtime.CompilerServices;
using RvJit.Guest.Linux.Files.Host;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Files;

/// <summary>System calls that send and receive on sockets. All of them are sendmsg and recvmsg in the host.</summary>
public sealed unsafe class SocketMessages : ISyscallGroup
{
    private const int Peek = 2; // MSG_PEEK
    private const int ControlTruncated = 8; // MSG_CTRUNC
    private const int DoNotWait = 0x40; // MSG_DONTWAIT
    private const int WaitAll = 0x100; // MSG_WAITALL
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL
    private const int WaitForOne = 0x10000; // MSG_WAITFORONE
    private const int CloseOnExec = 0x40000000; // MSG_CMSG_CLOEXEC
    private const int MessageBytes = 56; // struct msghdr
    private const int MultipleBytes = 64; // struct mmsghdr
    private const int LargestControl = 8192;

    public void Register(SyscallTable table)
    {
        table.Add(206, "sendto", SendTo);
        table.Add(207, "recvfrom", ReceiveFrom);
        table.Add(211, "sendmsg", static (LinuxThread t, in SyscallArguments a) => SendMessage(t, a.A0, a.A1, (int)a.A2));
        table.Add(212, "recvmsg", static (LinuxThread t, in SyscallArguments a) => ReceiveMessage(t, a.A0, a.A1, (int)a.A2));
        table.Add(243, "recvmmsg", ReceiveMany);
        table.Add(269, "sendmmsg", SendMany);
    }

    /// <summary>struct msghdr as the guest has it.</summary>
    private readonly record struct GuestMessage(
        ulong Name, ulong NameLength, ulong Vectors, ulong VectorCount, ulong Control, ulong ControlLength, ulong Flags);

    private static long SendTo(LinuxThread thread, in SyscallArguments args)
    {
        HostMessage message = default;
        return Send(thread, args.A0, [new GuestVector(args.A1, args.A2)], args.A4, (uint)args.A5, &message, (int)args.A3);
    }

    [SkipLocalsInit]
    private static long SendMessage(LinuxThread thread, ulong fd, ulong address, int flags)
    {
        byte* control = stackalloc byte[LargestControl];
        if (!thread.World.TryRead(address, out GuestMessage guest))
            return -Errno.EFAULT;
        if (guest.VectorCount > GuestVectors.Most)
            return -Errno.EMSGSIZE;
        Span<GuestVector> vectors = stackalloc GuestVector[(int)guest.VectorCount];
        long count = GuestVectors.Read(thread.World, guest.Vectors, guest.VectorCount, vectors);
        if (count < 0)
            return count;
        HostMessage message = default;
        if (guest.Control != 0 && guest.ControlLength != 0)
        {
            if (guest.ControlLength > LargestControl)
                return -Errno.ENOBUFS;
            var bytes = new Span<byte>(control, (int)guest.ControlLength);
            if (!thread.World.TryRead(guest.Control, bytes))
                return -Errno.EFAULT;
            long error = ControlMessages.ToHost(thread, bytes);
            if (error < 0)
                return error;
            message.Control = control;
            message.ControlLength = (nuint)guest.ControlLength;
        }

        return Send(thread, fd, vectors, guest.Name, (uint)guest.NameLength, &message, flags);
    }

    /// <summary>A stream socket that waits sends everything; a datagram goes whole or not at all.</summary>
    [SkipLocalsInit]
    private static long Send(
        LinuxThread thread, ulong fd, ReadOnlySpan<GuestVector> vectors, ulong name, uint nameLength, HostMessage* message, int flags)
    {
        byte* address = stackalloc byte[SocketAddresses.Longest];
        HostVector* host = stackalloc HostVector[vectors.Length];
        using FileReference reference = thread.Process.Files.Table.Acquire(fd);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        if (file.HostDescriptor < 0)
            return -Errno.ENOTSOCK;
        int directory = -1;
        long length = name == 0 ? 0 : SocketAddresses.Import(thread, name, nameLength, address, out directory);
        if (length < 0)
            return length;
        message->Name = name == 0 ? null : address;
        message->NameLength = (uint)length;
        long result = SendAll(thread, file, vectors, host, message, flags);
        SocketAddresses.Close(directory);
        if (result == -Errno.EPIPE && (flags & NoSignal) == 0)
            SignalBridge.BrokenPipe(thread);
        return result;
    }

    private static long SendAll(
        LinuxThread thread, GuestFile file, ReadOnlySpan<GuestVector> vectors, HostVector* host, HostMessage* message, int flags)
    {
        bool waits = file.Blocks && (flags & DoNotWait) == 0;
        ulong done = 0;
        while (true)
        {
            long count = GuestVectors.Import(thread.World, vectors, Access.Read, done, host, out ulong total);
            message->Vectors = host;
            message->VectorCount = (nuint)Math.Max(0, count);
            long result = count < 0 ? count : HostCalls.SendMessage(file.HostDescriptor, message, flags | NoSignal);
            if (result == -Errno.EINTR)
                continue;
            if (result == -Errno.EAGAIN && waits)
            {
                result = file.Await(thread, PollEvents.Out);
                if (result == 0)
                    continue;
            }

            if (result < 0)
                return done > 0 ? (long)done : result;
            done += (ulong)result;
            if ((ulong)result >= total || result == 0 || !waits)
                return (long)done;
            message->Control = null; // went with the first part
            message->ControlLength = 0;
        }
    }

    [SkipLocalsInit]
    private static long ReceiveFrom(LinuxThread thread, in SyscallArguments args)
    {
        byte* name = stackalloc byte[SocketAddresses.Longest];
        using FileReference reference = thread.Process.Files.Table.Acquire(args.A0);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        if (file.HostDescriptor < 0)
            return -Errno.ENOTSOCK;
        HostMessage message = default;
        message.Name = name;
        long result = Receive(thread, file, [new GuestVector(args.A1, args.A2)], &message, (int)args.A3);
        if (result < 0 || args.A4 == 0)
            return result;
        long error = SocketAddresses.Export(thread.World, name, message.NameLength, args.A4, args.A5);
        return error < 0 ? error : result;
    }

    [SkipLocalsInit]
    private static long ReceiveMessage(LinuxThread thread, ulong fd, ulong address, int flags)
    {
        byte* name = stackalloc byte[SocketAddresses.Longest];
        byte* control = stackalloc byte[LargestControl];
        World world = thread.World;
        if (!world.TryRead(address, out GuestMessage guest))
            return -Errno.EFAULT;
        if (guest.VectorCount > GuestVectors.Most)
            return -Errno.EMSGSIZE;
        using FileReference reference = thread.Process.Files.Table.Acquire(fd);
        if (reference.File is not { } file)
            return -Errno.EBADF;
        if (file.HostDescriptor < 0)
            return -Errno.ENOTSOCK;
        Span<GuestVector> vectors = stackalloc GuestVector[(int)guest.VectorCount];
        long count = GuestVectors.Read(world, guest.Vectors, guest.VectorCount, vectors);
        if (count < 0)
            return count;
        HostMessage message = default;
        message.Name = name;
        message.Control = guest.Control == 0 ? null : control;
        message.ControlLength = guest.Control == 0 ? 0 : (nuint)Math.Min(guest.ControlLength, LargestControl);
        long result = Receive(thread, file, vectors, &message, flags);
        if (result < 0)
            return result;

        var received = new Span<byte>(control, (int)message.ControlLength);
        if (!ControlMessages.ToGuest(thread, received, (flags & CloseOnExec) != 0))
            message.Flags |= ControlTruncated;
        uint nameLength = guest.Name == 0 ? 0 : message.NameLength;
        int copied = (int)Math.Min(Math.Min(nameLength, (uint)guest.NameLength), SocketAddresses.Longest);
        const int NameLengthOffset = 8;
        const int ControlLengthOffset = 40;
        const int FlagsOffset = 48;
        bool written = world.TryWrite(guest.Name, new ReadOnlySpan<byte>(name, copied))
            && world.TryWrite(guest.Control, received)
            && world.TryWrite(address + NameLengthOffset, nameLength)
            && world.TryWrite(address + ControlLengthOffset, (ulong)message.ControlLength)
            && world.TryWrite(address + FlagsOffset, message.Flags & ~CloseOnExec);
        return written ? result : -Errno.EFAULT;
    }

    [SkipLocalsInit]
    private static long Receive(LinuxThread thread, GuestFile file, ReadOnlySpan<GuestVector> vectors, HostMessage* message, int flags)
    {
        HostVector* host = stackalloc HostVector[vectors.Length];
        nuint controlRoom = message->ControlLength;
        bool waits = file.Blocks && (flags & DoNotWait) == 0;
        bool all = waits && (flags & (WaitAll | Peek)) == WaitAll;
        ulong done = 0;
        while (true)
        {
            long result = waits && file.WaitsBeforeReading ? file.Await(thread, PollEvents.In) : 0;
            ulong total = 0;
            if (result == 0)
            {
                long count = GuestVectors.Import(thread.World, vectors, Access.Write, done, host, out total);
                message->Vectors = host;
                message->VectorCount = (nuint)Math.Max(0, count);
                message->NameLength = SocketAddresses.Longest;
                message->ControlLength = done == 0 ? controlRoom : 0;
                result = count < 0 ? count : HostCalls.ReceiveMessage(file.HostDescriptor, message, flags | CloseOnExec);
            }

            if (result == -Errno.EINTR)
                continue;
            if (result == -Errno.EAGAIN && waits)
            {
                result = file.Await(thread, PollEvents.In);
                if (result == 0)
                    continue;
            }

            if (result < 0)
                return done > 0 ? (long)done : result;
            done += (ulong)result;
            GuestVectors.NoteWritten(thread.World, vectors, (long)done);
            if (!all || result == 0 || (ulong)result >= total || IsDatagram(file))
                return (long)done;
        }
    }

    private static bool IsDatagram(GuestFile file)
    {
        const int SocketLevel = 1;
        const int TypeOption = 3; // SO_TYPE
        const int Stream = 1;
        int type = 0;
        uint length = sizeof(int);
        return HostCalls.GetOption(file.HostDescriptor, SocketLevel, TypeOption, (byte*)&type, &length) < 0 || type != Stream;
    }

    private static long SendMany(LinuxThread thread, in SyscallArguments args)
    {
        uint count = Math.Min((uint)args.A2, GuestVectors.Most);
        for (uint i = 0; i < count; i++)
        {
            ulong at = args.A1 + (i * MultipleBytes);
            long result = SendMessage(thread, args.A0, at, (int)args.A3);
            if (result >= 0 && !thread.World.TryWrite(at + MessageBytes, (uint)result))
                result = -Errno.EFAULT;
            if (result < 0)
                return i > 0 ? i : result;
        }

        return count;
    }

    private static long ReceiveMany(LinuxThread thread, in SyscallArguments args)
    {
        uint count = Math.Min((uint)args.A2, GuestVectors.Most);
        int flags = (int)args.A3;
        long error = Polling.ReadTimeout(thread.World, args.A4, out long deadline);
        if (error < 0)
            return error;
        for (uint i = 0; i < count; i++)
        {
            ulong at = args.A1 + (i * MultipleBytes);
            long result = ReceiveMessage(thread, args.A0, at, flags & ~WaitForOne);
            if (result >= 0 && !thread.World.TryWrite(at + MessageBytes, (uint)result))
                result = -Errno.EFAULT;
            if (result < 0)
                return i > 0 ? i : result;
            if ((flags & WaitForOne) != 0)
                flags |= DoNotWait;
            if (deadline != ThreadWaker.Forever && ThreadWaker.Now >= deadline)
                return i + 1; // as in Linux, the limit is looked at only between messages
        }

        return count;
    }
}
