namespace RvJit.Monitor.Runtime;

/// <summary>
/// The shared buffer (UTM) between an enclave's runtime and its host program: one call at a time, its header at offset
/// 0, arguments and later results behind it. Offsets count from the buffer's start. Sources: Keystone
/// sdk/include/edge/edge_common.h, edge_call.h, edge_syscall.h.
/// </summary>
public static class EdgeCallAbi
{
    /// <summary>struct edge_call.</summary>
    public const int CallIdOffset = 0;
    public const int ArgumentOffsetOffset = 8;
    public const int ArgumentSizeOffset = 16;
    public const int StatusOffset = 24;
    public const int ResultOffsetOffset = 32;
    public const int ResultSizeOffset = 40;
    public const int HeaderSize = 48;

    /// <summary>Where arguments begin.</summary>
    public const int DataOffset = HeaderSize;

    /// <summary>struct edge_syscall: the number, then the payload.</summary>
    public const int SyscallNumberSize = 8;
    public const int PayloadOffset = DataOffset + SyscallNumberSize;

    /// <summary>Call id of a forwarded system call (EDGECALL_SYSCALL).</summary>
    public const ulong SyscallCallId = 11;

    /// <summary>CALL_STATUS_OK.</summary>
    public const ulong StatusOk = 0;
}

/// <summary>Calls of an eapp to its runtime, a7 (Keystone runtime/include/call/syscall.h, sdk/include/shared/eyrie_call.h).</summary>
public static class RuntimeCall
{
    public const ulong Unknown = 1000;
    public const ulong Ocall = 1001;
    public const ulong SharedCopy = 1002;
    public const ulong AttestEnclave = 1003;
    public const ulong GetSealingKey = 1004;

    /// <summary>Ours: the eapp's thread receives user interrupts; a0 is their vector, the result what the host sends by, or -1.</summary>
    public const ulong RegisterReceiver = 1014;

    /// <summary>Memory between enclaves: a0 is a size, or a region's number; a1 an enclave's; a2 the access.</summary>
    public const ulong SharedRegionCreate = 1020;
    public const ulong SharedRegionGrant = 1021;
    public const ulong SharedRegionTransfer = 1022;
    public const ulong SharedRegionLock = 1023;
    public const ulong SharedRegionMap = 1024;
    public const ulong Exit = 1101;
}
