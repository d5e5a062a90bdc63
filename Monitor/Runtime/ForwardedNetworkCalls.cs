using System.Buffers.Binary;
using static RvJit.Monitor.Runtime.EdgeSyscallLayout;

namespace RvJit.Monitor.Runtime;

/// <summary>
/// Socket system calls through the host (Keystone runtime/call/net_wrap.c). Unlike upstream: address lengths are read
/// once and kept private, accept and recvfrom bring the peer's address back, pselect6 takes its mask as Linux passes it.
/// </summary>
internal static class ForwardedNetworkCalls
{
    private const int MaximumOption = 256;
    private const int TimespecSize = 16;

    public static bool Handles(ulong number) => number
        is LinuxCall.Sendfile or LinuxCall.Pselect6 or LinuxCall.Getuid or LinuxCall.Socket or LinuxCall.Bind
        or LinuxCall.Listen or LinuxCall.Accept or LinuxCall.Connect or LinuxCall.Getsockname or LinuxCall.Getpeername
        or LinuxCall.Sendto or LinuxCall.Recvfrom or LinuxCall.Setsockopt;

    public static int Marshal(EnclaveAddressSpace user, Span<byte> buffer, ref ForwardedSyscall call)
    {
        SyscallPayload p;
        switch (call.Number)
        {
            case LinuxCall.Getuid:
                call.MaximumResult = uint.MaxValue;
                p = new SyscallPayload(user, buffer, 0);
                break;
            case LinuxCall.Socket:
                call.MaximumResult = int.MaxValue;
                p = new SyscallPayload(user, buffer, SocketSize);
                p.Int(SocketDomain, call.A0);
                p.Int(SocketType, call.A1);
                p.Int(SocketProtocol, call.A2);
                break;
            case LinuxCall.Listen:
                p = new SyscallPayload(user, buffer, ListenSize);
                p.Int(Fd, call.A0);
                p.Int(ListenBacklog, call.A1);
                break;
            case LinuxCall.Setsockopt when (uint)call.A4 <= MaximumOption:
                p = new SyscallPayload(user, buffer, OptionValue);
                p.Int(Fd, call.A0);
                p.Int(OptionLevel, call.A1);
                p.Int(OptionName, call.A2);
                p.Int(OptionLength, call.A4);
                p.Tail(OptionValue, call.A3, (uint)call.A4, OptionValue);
                break;
            case LinuxCall.Connect when (uint)call.A2 <= StorageSize:
            case LinuxCall.Bind when (uint)call.A2 <= StorageSize:
                p = new SyscallPayload(user, buffer, NameSize);
                p.Int(Fd, call.A0);
                p.User(NameAddress, call.A1, (int)call.A2);
                p.Int(NameLength, call.A2);
                break;
            case LinuxCall.Accept:
            case LinuxCall.Getpeername:
            case LinuxCall.Getsockname:
                call.MaximumResult = call.Number == LinuxCall.Accept ? int.MaxValue : 0;
                return MarshalName(user, buffer, ref call);
            case LinuxCall.Sendto:
            case LinuxCall.Recvfrom:
                return MarshalMessage(user, buffer, ref call);
            case LinuxCall.Sendfile:
                call.MaximumResult = (long)Math.Min(call.A3, int.MaxValue);
                p = new SyscallPayload(user, buffer, SendfileSize);
                p.Int(Fd, call.A0);
                p.Long(SendfileInput, (uint)call.A1);
                p.Int(SendfileNoOffset, call.A2 == 0 ? 1u : 0);
                if (call.A2 != 0)
                    p.User(SendfileOffset, call.A2, 8);
                p.Long(SendfileCount, (ulong)call.MaximumResult);
                break;
            case LinuxCall.Pselect6:
                return MarshalSelect(user, buffer, ref call);
            default:
                return -1;
        }

        return p.Fits ? p.Size : -1;
    }

    public static long Complete(EnclaveAddressSpace user, ReadOnlySpan<byte> buffer, in ForwardedSyscall call, long result)
    {
        ReadOnlySpan<byte> payload = buffer[EdgeCallAbi.PayloadOffset..];
        if (result < 0)
            return result;
        bool copied = call.Number switch
        {
            LinuxCall.Accept or LinuxCall.Getpeername => TryCopyName(user, payload, call, NameAddress, NameLength, call.A1, call.A2),
            LinuxCall.Getsockname => TryCopyName(user, payload, call, SmallNameAddress, SmallNameLength, call.A1, call.A2),
            LinuxCall.Recvfrom => user.TryWrite(call.A1, payload.Slice(MessageData, (int)Math.Min(result, call.MaximumResult)))
                && TryCopyName(user, payload, call, MessageAddress, MessageAddressLength, call.A4, call.A5),
            LinuxCall.Sendfile when call.A2 != 0 => user.TryWrite(call.A2, payload.Slice(SendfileOffset, 8)),
            LinuxCall.Pselect6 => TryCopySet(user, payload, call.A1, 0)
                && TryCopySet(user, payload, call.A2, 1)
                && TryCopySet(user, payload, call.A3, 2),
            _ => true,
        };
        return copied ? result : -1;
    }

    private static int MarshalName(EnclaveAddressSpace user, Span<byte> buffer, ref ForwardedSyscall call)
    {
        bool small = call.Number == LinuxCall.Getsockname;
        if (!TryNameCapacity(user, call.A1, call.A2, small ? SockaddrSize : StorageSize, out call.Capacity))
            return -1;
        var p = new SyscallPayload(user, buffer, small ? SmallNameSize : NameSize);
        p.Int(Fd, call.A0);
        p.Int(small ? SmallNameLength : NameLength, (uint)call.Capacity);
        return p.Fits ? p.Size : -1;
    }

    private static int MarshalMessage(EnclaveAddressSpace user, Span<byte> buffer, ref ForwardedSyscall call)
    {
        bool send = call.Number == LinuxCall.Sendto;
        bool hasAddress = call.A4 != 0;
        call.MaximumResult = (long)Math.Min(call.A2, int.MaxValue);
        var p = new SyscallPayload(user, buffer, MessageSize);
        p.Int(Fd, call.A0);
        p.Long(MessageLength, call.A2);
        p.Int(MessageFlags, call.A3);
        p.Int(MessageNoAddress, hasAddress ? 0u : 1);
        if (hasAddress && send)
        {
            if ((uint)call.A5 > SockaddrSize)
                return -1;
            p.User(MessageAddress, call.A4, (int)call.A5);
            p.Int(MessageAddressLength, call.A5);
        }
        else if (hasAddress)
        {
            if (!TryNameCapacity(user, call.A4, call.A5, SockaddrSize, out call.Capacity))
                return -1;
            p.Int(MessageAddressLength, (uint)call.Capacity);
        }

        p.Reserve(MessageData, call.A2);
        if (send)
            p.Tail(MessageData, call.A1, call.A2, MessageSize);
        return p.Fits ? p.Size : -1;
    }

    private static int MarshalSelect(EnclaveAddressSpace user, Span<byte> buffer, ref ForwardedSyscall call)
    {
        call.MaximumResult = 3 * FdSetSize * 8;
        var p = new SyscallPayload(user, buffer, SelectSize);
        p.Int(SelectCount, call.A0);
        Optional(ref p, SelectNoSets, SelectSets, call.A1, FdSetSize);
        Optional(ref p, SelectNoSets + 4, SelectSets + FdSetSize, call.A2, FdSetSize);
        Optional(ref p, SelectNoSets + 8, SelectSets + (2 * FdSetSize), call.A3, FdSetSize);
        Optional(ref p, SelectNoTime, SelectTime, call.A4, TimespecSize);

        // The sixth argument points to {mask, bytes of mask} (Linux fs/select.c).
        ulong mask = 0, maskBytes = 0;
        if (call.A5 != 0 && !(user.TryRead(call.A5, out mask) && user.TryRead(call.A5 + 8, out maskBytes)))
            return -1;
        Optional(ref p, SelectNoMask, SelectMask, mask, (int)Math.Min(maskBytes, MaskSize));
        return p.Fits ? p.Size : -1;
    }

    private static void Optional(ref SyscallPayload p, int nullFlag, int offset, ulong address, int bytes)
    {
        p.Int(nullFlag, address == 0 ? 1u : 0);
        if (address != 0)
            p.User(offset, address, bytes);
    }

    /// <summary>The eapp's length word, read once: how much address it has room for. No address, no room.</summary>
    private static bool TryNameCapacity(EnclaveAddressSpace user, ulong address, ulong length, int maximum, out int capacity)
    {
        capacity = 0;
        if (address == 0)
            return true;
        if (!user.TryRead(length, out uint bytes) || bytes > maximum)
            return false;
        capacity = (int)bytes;
        return true;
    }

    private static bool TryCopyName(
        EnclaveAddressSpace user, ReadOnlySpan<byte> payload, in ForwardedSyscall call, int offset, int lengthOffset, ulong address, ulong length)
    {
        if (address == 0)
            return true;
        uint claimed = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(payload[lengthOffset..]), StorageSize);
        int bytes = (int)(call.TrustsHostLengths ? claimed : Math.Min(claimed, (uint)call.Capacity));
        return user.TryWrite(address, payload.Slice(offset, bytes)) && user.TryWrite(length, claimed);
    }

    private static bool TryCopySet(EnclaveAddressSpace user, ReadOnlySpan<byte> payload, ulong address, int index) =>
        address == 0 || user.TryWrite(address, payload.Slice(SelectSets + (index * FdSetSize), FdSetSize));
}
