using System.Buffers.Binary;
using RvJit.Guest.Linux;
using RvJit.Monitor.Runtime;
using static RvJit.Monitor.Runtime.EdgeSyscallLayout;

namespace RvJit.Guest.Keystone;

/// <summary>
/// Turns the payload of a forwarded system call into the arguments of that call, with pointers into the shared buffer
/// as the host's process sees it (Keystone sdk/src/edge/edge_syscall.c). Nothing may reach beyond the buffer.
/// </summary>
/// <param name="utm">The buffer.</param>
/// <param name="payload">Where the payload starts in it.</param>
/// <param name="size">How long the argument says that it is; calls that only bring something back say less than they use.</param>
/// <param name="address">Guest address of the buffer.</param>
internal readonly ref struct EdgeSyscallArguments(Span<byte> utm, int payload, int size, ulong address)
{
    private readonly Span<byte> _bytes = utm[payload..];
    private readonly ulong _address = address + (ulong)payload;
    private readonly int _size = size;

    /// <summary>The enclave's last close must not take the process's own streams along.</summary>
    public static bool WouldCloseStream(ulong number, in SyscallArguments arguments) =>
        number == LinuxCall.Close && (uint)arguments.A0 <= 2;

    public bool TryDecode(ulong number, out SyscallArguments a)
    {
        a = default;
        if (_bytes.Length < SelectSize) // the largest structure
            return false;
        ulong fd = Int(Fd);
        switch (number)
        {
            case LinuxCall.Openat when EndsInside(OpenPath):
                a = new(fd, At(OpenPath), Int(OpenFlags), Int(OpenMode), 0, 0);
                return true;
            case LinuxCall.Unlinkat when EndsInside(OpenPath):
                a = new(fd, At(OpenPath), Int(OpenFlags), 0, 0, 0);
                return true;
            case LinuxCall.Read or LinuxCall.Write when Holds(TransferData, Long(TransferLength)):
                a = new(fd, At(TransferData), Long(TransferLength), 0, 0, 0);
                return true;
            case LinuxCall.Close or LinuxCall.Fsync:
                a = new(fd, 0, 0, 0, 0, 0);
                return true;
            case LinuxCall.Sync or LinuxCall.Getuid:
                return true;
            case LinuxCall.Lseek:
                a = new(fd, Long(SeekOffset), Int(SeekWhence), 0, 0, 0);
                return true;
            case LinuxCall.Ftruncate:
                a = new(fd, Long(TruncateLength), 0, 0, 0, 0);
                return true;
            case LinuxCall.Newfstatat when EndsInside(StatAtPath):
                a = new(fd, At(StatAtPath), At(StatAtResult), Int(StatAtFlags), 0, 0);
                return true;
            case LinuxCall.Fstat:
                a = new(fd, At(StatResult), 0, 0, 0, 0);
                return true;
            case LinuxCall.Fcntl:
                a = new(fd, Int(FcntlCommand), Int(FcntlHasStructure) != 0 ? At(FcntlArgument) : Long(FcntlArgument), 0, 0, 0);
                return true;
            case LinuxCall.Getcwd when Holds(GetcwdBuffer, Long(GetcwdLength)):
                a = new(At(GetcwdBuffer), Long(GetcwdLength), 0, 0, 0, 0);
                return true;
            case LinuxCall.Chdir when EndsInside(ChdirPath):
                a = new(At(ChdirPath), 0, 0, 0, 0, 0);
                return true;
            case LinuxCall.Renameat2 when IsText(RenameOldPath, RenamePathSize) && IsText(RenameNewPath, RenamePathSize):
                a = new(fd, At(RenameOldPath), Int(RenameNewFd), At(RenameNewPath), Int(RenameFlags), 0);
                return true;
            case LinuxCall.Pipe2:
                a = new(At(PipeFds), 0, 0, 0, 0, 0);
                return true;
            case LinuxCall.EpollCreate1:
                return true;
            case LinuxCall.EpollCtl:
                a = new(fd, Int(EpollControlOperation), Int(EpollControlTarget), At(EpollControlEvent), 0, 0);
                return true;
            case LinuxCall.EpollPwait when Int(EpollWaitMaximum) == 1:
                a = new(fd, At(EpollWaitEvent), 1, Int(EpollWaitTimeout), 0, 0);
                return true;
            case LinuxCall.Umask:
                a = new(Int(UmaskMode), 0, 0, 0, 0, 0);
                return true;
            default:
                return TryDecodeNetwork(number, fd, out a);
        }
    }

    private bool TryDecodeNetwork(ulong number, ulong fd, out SyscallArguments a)
    {
        a = default;
        ulong noAddress = Int(MessageNoAddress);
        switch (number)
        {
            case LinuxCall.Socket:
                a = new(Int(SocketDomain), Int(SocketType), Int(SocketProtocol), 0, 0, 0);
                return true;
            case LinuxCall.Listen:
                a = new(fd, Int(ListenBacklog), 0, 0, 0, 0);
                return true;
            case LinuxCall.Setsockopt when Holds(OptionValue, Int(OptionLength)):
                a = new(fd, Int(OptionLevel), Int(OptionName), At(OptionValue), Int(OptionLength), 0);
                return true;
            case LinuxCall.Connect or LinuxCall.Bind when Int(NameLength) <= StorageSize:
                a = new(fd, At(NameAddress), Int(NameLength), 0, 0, 0);
                return true;
            case LinuxCall.Accept or LinuxCall.Getpeername when Int(NameLength) <= StorageSize:
                a = new(fd, At(NameAddress), At(NameLength), 0, 0, 0);
                return true;
            case LinuxCall.Getsockname when Int(SmallNameLength) <= SockaddrSize:
                a = new(fd, At(SmallNameAddress), At(SmallNameLength), 0, 0, 0);
                return true;
            case LinuxCall.Sendto when Holds(MessageData, Long(MessageLength)) && Int(MessageAddressLength) <= SockaddrSize:
                a = new(fd, At(MessageData), Long(MessageLength), Int(MessageFlags), noAddress != 0 ? 0 : At(MessageAddress), Int(MessageAddressLength));
                return true;
            case LinuxCall.Recvfrom when Holds(MessageData, Long(MessageLength)) && Int(MessageAddressLength) <= SockaddrSize:
                a = new(
                    fd, At(MessageData), Long(MessageLength), Int(MessageFlags),
                    noAddress != 0 ? 0 : At(MessageAddress), noAddress != 0 ? 0 : At(MessageAddressLength));
                return true;
            case LinuxCall.Sendfile:
                a = new(fd, Long(SendfileInput), Int(SendfileNoOffset) != 0 ? 0 : At(SendfileOffset), Long(SendfileCount), 0, 0);
                return true;
            case LinuxCall.Pselect6:
                a = new(Int(SelectCount), Set(0), Set(1), Set(2), Int(SelectNoTime) != 0 ? 0 : At(SelectTime), 0);
                return true;
            default:
                return false;
        }
    }

    private ulong Set(int index) => Int(SelectNoSets + (4 * index)) != 0 ? 0 : At(SelectSets + (index * FdSetSize));

    private ulong At(int offset) => _address + (ulong)offset;

    private ulong Int(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[offset..]);

    private ulong Long(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[offset..]);

    private bool Holds(int offset, ulong bytes) => bytes <= (ulong)(_bytes.Length - offset);

    /// <summary>A path that ends within the argument.</summary>
    private bool EndsInside(int offset) => offset < _size && _bytes[offset.._size].Contains((byte)0);

    private bool IsText(int offset, int bytes) => _bytes.Slice(offset, bytes).Contains((byte)0);
}
