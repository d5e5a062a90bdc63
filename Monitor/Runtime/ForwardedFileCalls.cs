using System.Buffers.Binary;
using static RvJit.Monitor.Runtime.EdgeSyscallLayout;

namespace RvJit.Monitor.Runtime;

/// <summary>
/// File system calls through the host (Keystone runtime/call/io_wrap.c). Unlike upstream: chdir passes its path on,
/// getcwd is bounded, epoll_pwait asks for the one event it has room for, F_GETLK brings its answer back.
/// </summary>
internal static class ForwardedFileCalls
{
    private const ulong GetLock = 5;
    private const ulong SetLock = 6;
    private const ulong SetLockWait = 7;
    private const uint SeekSet = 0;
    private const int EpollCreateHint = 1024;

    public static bool Handles(ulong number) => number
        is LinuxCall.Getcwd or LinuxCall.EpollCreate1 or LinuxCall.EpollCtl or LinuxCall.EpollPwait or LinuxCall.Fcntl
        or LinuxCall.Unlinkat or LinuxCall.Ftruncate or LinuxCall.Chdir or LinuxCall.Openat or LinuxCall.Close
        or LinuxCall.Pipe2 or LinuxCall.Lseek or LinuxCall.Read or LinuxCall.Write or LinuxCall.Newfstatat
        or LinuxCall.Fstat or LinuxCall.Sync or LinuxCall.Fsync or LinuxCall.Umask or LinuxCall.Renameat2;

    /// <summary>Writes the payload; its announced size, or -1 when it cannot be sent.</summary>
    public static int Marshal(EnclaveAddressSpace user, Span<byte> buffer, ref ForwardedSyscall call)
    {
        SyscallPayload p;
        switch (call.Number)
        {
            case LinuxCall.Openat:
            case LinuxCall.Unlinkat:
                call.MaximumResult = call.Number == LinuxCall.Openat ? int.MaxValue : 0;
                p = new SyscallPayload(user, buffer, OpenPath);
                p.Int(Fd, call.A0);
                p.Int(OpenFlags, call.A2);
                p.Int(OpenMode, call.Number == LinuxCall.Openat ? call.A3 : 0);
                p.Path(OpenPath, call.A1);
                break;
            case LinuxCall.Read:
            case LinuxCall.Write:
                call.MaximumResult = (long)Math.Min(call.A2, int.MaxValue);
                p = new SyscallPayload(user, buffer, TransferData);
                p.Int(Fd, call.A0);
                p.Long(TransferLength, call.A2);
                p.Reserve(TransferData, call.A2);
                if (call.Number == LinuxCall.Write)
                    p.Tail(TransferData, call.A1, call.A2, TransferData);
                else if (p.Fits)
                    p.Announce(TransferData + (int)call.A2);
                break;
            case LinuxCall.Close:
            case LinuxCall.Fsync:
                p = new SyscallPayload(user, buffer, 4);
                p.Int(Fd, call.A0);
                break;
            case LinuxCall.Sync:
                p = new SyscallPayload(user, buffer, 0);
                break;
            case LinuxCall.Lseek:
                bool absolute = (uint)call.A2 == SeekSet;
                call.MinimumResult = absolute ? (long)call.A1 : 0;
                call.MaximumResult = absolute ? (long)call.A1 : long.MaxValue;
                p = new SyscallPayload(user, buffer, SeekSize);
                p.Int(Fd, call.A0);
                p.Long(SeekOffset, call.A1);
                p.Int(SeekWhence, call.A2);
                break;
            case LinuxCall.Ftruncate:
                p = new SyscallPayload(user, buffer, TruncateSize);
                p.Int(Fd, call.A0);
                p.Long(TruncateLength, call.A1);
                break;
            case LinuxCall.Newfstatat:
                p = new SyscallPayload(user, buffer, StatAtPath);
                p.Int(Fd, call.A0);
                p.Int(StatAtFlags, call.A3);
                p.Path(StatAtPath, call.A1);
                break;
            case LinuxCall.Fstat:
                p = new SyscallPayload(user, buffer, StatResult + StatSize);
                p.Int(Fd, call.A0);
                break;
            case LinuxCall.Fcntl:
                p = MarshalFcntl(user, buffer, ref call);
                break;
            case LinuxCall.Getcwd:
                p = new SyscallPayload(user, buffer, GetcwdBuffer);
                call.Capacity = (int)Math.Min(call.A1, (ulong)Math.Max(0, buffer.Length - EdgeCallAbi.PayloadOffset - GetcwdBuffer));
                call.MaximumResult = long.MaxValue; // the host's own pointer, which only says yes or no
                p.Long(GetcwdLength, (ulong)call.Capacity);
                break;
            case LinuxCall.Chdir:
                p = new SyscallPayload(user, buffer, 0);
                p.Path(ChdirPath, call.A0);
                break;
            case LinuxCall.Renameat2:
                p = new SyscallPayload(user, buffer, RenameSize);
                p.Int(Fd, call.A0);
                p.PathField(RenameOldPath, call.A1, RenamePathSize);
                p.Int(RenameNewFd, call.A2);
                p.PathField(RenameNewPath, call.A3, RenamePathSize);
                p.Int(RenameFlags, call.A4);
                break;
            case LinuxCall.Pipe2:
                p = new SyscallPayload(user, buffer, PipeSize);
                p.Announce(0);
                break;
            case LinuxCall.EpollCreate1:
                call.MaximumResult = int.MaxValue;
                p = new SyscallPayload(user, buffer, EpollCreateSize);
                p.Int(0, EpollCreateHint);
                break;
            case LinuxCall.EpollCtl:
                p = new SyscallPayload(user, buffer, EpollControlEvent + EpollEventSize);
                p.Int(Fd, call.A0);
                p.Int(EpollControlOperation, call.A1);
                p.Int(EpollControlTarget, call.A2);
                if (call.A3 != 0)
                    p.User(EpollControlEvent, call.A3, EpollEventSize);
                p.Announce(EpollControlAnnounced);
                break;
            case LinuxCall.EpollPwait:
                call.MaximumResult = Math.Min((long)(int)call.A2, 1);
                p = new SyscallPayload(user, buffer, EpollWaitSize);
                p.Int(Fd, call.A0);
                p.Int(EpollWaitMaximum, (uint)call.MaximumResult);
                p.Int(EpollWaitTimeout, call.A3);
                break;
            case LinuxCall.Umask:
                call.MaximumResult = 0x1FF; // 0777
                p = new SyscallPayload(user, buffer, 4);
                p.Int(UmaskMode, call.A0);
                break;
            default:
                return -1;
        }

        return p.Fits ? p.Size : -1;
    }

    /// <summary>Copies the answer's data to the eapp; returns what the call returns.</summary>
    public static long Complete(EnclaveAddressSpace user, ReadOnlySpan<byte> buffer, in ForwardedSyscall call, long result)
    {
        ReadOnlySpan<byte> payload = buffer[EdgeCallAbi.PayloadOffset..];
        if (result < 0)
            return result;
        bool copied = call.Number switch
        {
            LinuxCall.Read => user.TryWrite(call.A1, payload.Slice(TransferData, (int)Math.Min(result, call.MaximumResult))),
            LinuxCall.Newfstatat => user.TryWrite(call.A2, payload.Slice(StatAtResult, StatSize)),
            LinuxCall.Fstat => user.TryWrite(call.A1, payload.Slice(StatResult, StatSize)),
            LinuxCall.Fcntl when call.A1 == GetLock => user.TryWrite(call.A2, payload.Slice(FcntlArgument, FlockSize)),
            LinuxCall.EpollPwait when result > 0 => user.TryWrite(call.A1, payload.Slice(EpollWaitEvent, EpollEventSize)),
            _ => true,
        };
        if (!copied)
            return -1;
        return call.Number == LinuxCall.Getcwd ? CompleteGetcwd(user, payload, call, result) : result;
    }

    private static SyscallPayload MarshalFcntl(EnclaveAddressSpace user, Span<byte> buffer, scoped ref ForwardedSyscall call)
    {
        bool hasStruct = call.A1 is GetLock or SetLock or SetLockWait;
        call.MaximumResult = int.MaxValue;
        var p = new SyscallPayload(user, buffer, FcntlArgument + 8);
        p.Int(Fd, call.A0);
        p.Int(FcntlCommand, call.A1);
        p.Int(FcntlHasStructure, hasStruct ? 1u : 0);
        if (hasStruct)
        {
            p.Tail(FcntlArgument, call.A2, FlockSize, FcntlArgument);
        }
        else
        {
            p.Long(FcntlArgument, call.A2);
            p.Announce(FcntlArgument);
        }

        return p;
    }

    /// <summary>The path with its zero, as Linux returns it: its length with the zero.</summary>
    private static long CompleteGetcwd(EnclaveAddressSpace user, ReadOnlySpan<byte> payload, in ForwardedSyscall call, long result)
    {
        if (result == 0)
            return -1;
        if (call.TrustsHostLengths)
        {
            int size = (int)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(payload[GetcwdLength..]), (ulong)(payload.Length - GetcwdBuffer));
            return user.TryWrite(call.A0, payload.Slice(GetcwdBuffer, size)) ? result : -1;
        }

        byte[] path = payload.Slice(GetcwdBuffer, call.Capacity).ToArray();
        int zero = path.AsSpan().IndexOf((byte)0);
        return zero >= 0 && user.TryWrite(call.A0, path.AsSpan(0, zero + 1)) ? zero + 1 : -1;
    }
}
