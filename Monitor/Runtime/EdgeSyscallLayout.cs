namespace RvJit.Monitor.Runtime;

/// <summary>
/// Payloads of forwarded system calls: where each field lies behind the call's number, as the structures of Keystone
/// sdk/include/edge/edge_syscall.h are compiled for RV64. Paths and data reach as far as the argument does.
/// </summary>
public static class EdgeSyscallLayout
{
    /// <summary>Where the descriptor is in every payload that has one.</summary>
    public const int Fd = 0;

    /// <summary>struct stat of RV64 Linux.</summary>
    public const int StatSize = 128;

    /// <summary>openat; unlinkat, without the mode.</summary>
    public const int OpenFlags = 4;
    public const int OpenMode = 8;
    public const int OpenPath = 12;

    /// <summary>read, write.</summary>
    public const int TransferLength = 8;
    public const int TransferData = 16;

    public const int SeekOffset = 8;
    public const int SeekWhence = 16;
    public const int SeekSize = 24;

    public const int TruncateLength = 8;
    public const int TruncateSize = 16;

    public const int StatResult = 8;

    /// <summary>newfstatat.</summary>
    public const int StatAtFlags = 4;
    public const int StatAtResult = 8;
    public const int StatAtPath = 136;

    public const int FcntlCommand = 4;
    public const int FcntlHasStructure = 8;
    public const int FcntlArgument = 16;

    /// <summary>struct flock of RV64 Linux.</summary>
    public const int FlockSize = 32;

    public const int GetcwdLength = 0;
    public const int GetcwdBuffer = 8;

    public const int ChdirPath = 0;

    public const int RenameOldPath = 4;
    public const int RenameNewFd = 132;
    public const int RenameNewPath = 136;
    public const int RenameFlags = 264;
    public const int RenamePathSize = 128;
    public const int RenameSize = 268;

    public const int PipeFds = 0;
    public const int PipeSize = 8;

    public const int EpollCreateSize = 4;

    /// <summary>The event is wider than its field: struct sargs_SYS_epoll_ctl ends after 24 bytes, the event after 32.</summary>
    public const int EpollControlOperation = 4;
    public const int EpollControlTarget = 8;
    public const int EpollControlEvent = 16;
    public const int EpollControlAnnounced = 24;
    public const int EpollEventSize = 16;

    public const int EpollWaitEvent = 8;
    public const int EpollWaitMaximum = 24;
    public const int EpollWaitTimeout = 28;
    public const int EpollWaitSize = 32;

    public const int UmaskMode = 0;

    public const int SocketDomain = 0;
    public const int SocketType = 4;
    public const int SocketProtocol = 8;
    public const int SocketSize = 12;

    public const int ListenBacklog = 4;
    public const int ListenSize = 8;

    public const int OptionLevel = 4;
    public const int OptionName = 8;
    public const int OptionLength = 12;
    public const int OptionValue = 16;

    /// <summary>struct sockaddr_storage, struct sockaddr.</summary>
    public const int StorageSize = 128;
    public const int SockaddrSize = 16;

    /// <summary>connect, bind, accept, getpeername.</summary>
    public const int NameAddress = 8;
    public const int NameLength = 136;
    public const int NameSize = 144;

    /// <summary>getsockname.</summary>
    public const int SmallNameAddress = 4;
    public const int SmallNameLength = 20;
    public const int SmallNameSize = 24;

    /// <summary>sendto, recvfrom: the data begin inside the structure's padding.</summary>
    public const int MessageLength = 8;
    public const int MessageFlags = 16;
    public const int MessageNoAddress = 20;
    public const int MessageAddress = 24;
    public const int MessageAddressLength = 40;
    public const int MessageData = 44;
    public const int MessageSize = 48;

    public const int SendfileInput = 8;
    public const int SendfileNoOffset = 16;
    public const int SendfileOffset = 24;
    public const int SendfileCount = 32;
    public const int SendfileSize = 40;

    /// <summary>pselect6: three sets, a time, a mask, each with a word that says whether it is missing.</summary>
    public const int SelectCount = 0;
    public const int SelectNoSets = 4;
    public const int SelectNoTime = 16;
    public const int SelectNoMask = 20;
    public const int SelectSets = 24;
    public const int SelectTime = 408;
    public const int SelectMask = 424;
    public const int SelectSize = 552;
    public const int FdSetSize = 128;
    public const int MaskSize = 128;
}
