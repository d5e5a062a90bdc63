using System.Runtime.InteropServices;

namespace RvJit.Monitor.EdgeCalls;

/// <summary>
/// Numbers of asynchronous edge calls, AEC v2 (docs/abi/edge-calls.md). The C twin is Guest/Sdk/aec_abi.h; a test compares
/// the two, so that neither can change alone.
/// </summary>
public static class AecAbi
{
    public const uint Magic = 0x31434541; // "AEC1"
    public const ushort Major = 2;
    public const ushort Minor = 0;

    /// <summary>Bytes of the smallest region.</summary>
    public const uint MinimumRegion = 0x10000;

    /// <summary>A ring has 16 to 4096 entries.</summary>
    public const int MinimumLog2 = 4;
    public const int MaximumLog2 = 12;
    public const int MaximumLanes = 64;
    public const uint MaximumPayload = 0x10_0000;

    /// <summary>Rows of a handler table (Guest/Sdk/aec.h, AEC_MAX_TABLE).</summary>
    public const int MaximumFunctions = 256;

    /// <summary>Bytes of argument that travel in the entry itself.</summary>
    public const uint InlineBytes = 88;

    /// <summary>The lines in front of a lane's entries, and where each stands.</summary>
    public const uint LaneLines = 128;
    public const uint HeadLine = 0;
    public const uint HotLine = 64;

    /// <summary>Calls of an eapp to its runtime, a7.</summary>
    public const ulong RuntimeSetup = 1010;
    public const ulong RuntimeSetTable = 1011;
    public const ulong RuntimeWait = 1012;
    public const ulong RuntimeFallback = 1013;

    /// <summary>ioctls of the Keystone device.</summary>
    public const uint SetupRequest = 0xc040_a410; // _IOWR(0xa4, 0x10, struct aec_setup)
    public const uint TearDownRequest = 0xc010_a411; // _IOWR(0xa4, 0x11, struct aec_door)
    public const uint DoorRequest = 0xc010_a412; // _IOWR(0xa4, 0x12, struct aec_door)
    public const uint CountersRequest = 0xc060_a413; // _IOWR(0xa4, 0x13, struct aec_counters)

    /// <summary>Bytes between lanes that a side calls through, or serves, in its control zone.</summary>
    public static unsafe uint CallingStride(int log2) => LaneLines + ((uint)sizeof(AecSqe) << log2);

    public static unsafe uint ServingStride(int log2) => LaneLines + ((uint)sizeof(AecCqe) << log2);

    public static uint CallingOffset(uint lane, int log2) => lane * CallingStride(log2);

    /// <summary>Served lanes stand behind those that the side calls through.</summary>
    public static uint ServingOffset(uint callingLanes, uint lane, int log2) =>
        (callingLanes * CallingStride(log2)) + (lane * ServingStride(log2));
}

/// <summary>State of a region, in its header.</summary>
public enum AecState : uint
{
    /// <summary>What cleared memory says.</summary>
    Dead = 0,

    /// <summary>Laid out; the enclave has not attached.</summary>
    Initial = 1,
    Live = 2,

    /// <summary>Torn down: every caller completes with <see cref="AecStatus.Gone"/>, nobody writes.</summary>
    Draining = 3,
}

/// <summary>Zones of a region, indices into its header.</summary>
public enum AecZone
{
    EnclaveControl = 0,
    HostControl = 1,
    EnclaveData = 2,
    HostData = 3,
}

/// <summary>Outcome of a call: 0, or a negative Linux error number.</summary>
public enum AecStatus
{
    Ok = 0,
    NotPermitted = -1,
    NoEntry = -2,
    Again = -11,
    Invalid = -22,
    NoFunction = -38,
    Nested = -40,
    Ring = -71,
    Tampered = -74,
    TooBig = -90,
    Gone = -104,
    Timeout = -110,
    Already = -114,
    Stale = -116,
    Canceled = -125,
}

public enum AecOperation : ushort
{
    Nop = 0,
    Call = 1,
    Cancel = 3,
    Fence = 4,
}

[Flags]
public enum AecFlags : ushort
{
    None = 0,
    Inline = 1,
    Sealed = 2,
    NoCompletion = 4,
    Link = 8,
    NestOk = 16,
    Urgent = 32,
}

/// <summary>What the writer of a line wants of the other side.</summary>
[Flags]
public enum AecWish : uint
{
    None = 0,
    Notify = 1,
    UseEvent = 4,
    Idle = 8,
}

/// <summary>What to do at the door.</summary>
[Flags]
public enum AecDoorAction : uint
{
    Ring = 1,
    Sleep = 2,
}

/// <summary>Z0, struct aec_header.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct AecHeader
{
    public uint Magic;
    public ushort Major;
    public ushort Minor;
    public uint Eid;
    public uint Gen;
    public uint RegionLen;
    public uint Features;
    public ushort NOsq;
    public ushort NEsq;
    public ushort Log2Entries;
    public ushort Reserved;
    public fixed uint Off[4];
    public fixed uint Len[4];
    public AecState State;
    public uint MaxFunc;
    public ulong Timebase;
}

/// <summary>struct aec_line: what a consumer has taken and wants, alone in its cache line.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
public struct AecLine
{
    public uint Idx;
    public AecWish Flags;
    public uint Event;
    public uint Gen;
    public uint Notify;
    public uint Cancels;
}

/// <summary>struct aec_sqe: a submission.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct AecSqe
{
    public uint Seq;
    public AecOperation Op;
    public AecFlags Flags;
    public ulong Cookie;
    public uint Func;
    public uint ArgLen;
    public uint ArgOff;
    public uint RetCap;
    public uint Reserved;
    public uint Deadline;
    public fixed byte Data[(int)AecAbi.InlineBytes];
}

/// <summary>struct aec_cqe: a completion.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct AecCqe
{
    public uint Seq;
    public AecStatus Status;
    public ulong Cookie;
    public uint RetOff;
    public uint RetLen;
    public ulong RetVal;
}

/// <summary>struct aec_setup: argument of <see cref="AecAbi.SetupRequest"/>.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
public struct AecSetup
{
    public ulong Eid;
    public ushort NOsq;
    public ushort NEsq;
    public ushort Log2Entries;
    public ushort Reserved0;
    public uint Features;
    public uint Reserved1;
    public ulong RegionOffset;
    public ulong RegionLen;
}

/// <summary>struct aec_door.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct AecDoor
{
    public uint Eid;
    public AecDoorAction What;

    /// <summary>Microseconds to sleep at most; 0: no limit.</summary>
    public uint Limit;
    public AecState State;
}

/// <summary>struct aec_counters: the transitions of all harts, by <see cref="Machine.TransitionKind"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct AecCounters
{
    public const int Kinds = 10;

    public ulong Eid;
    public fixed ulong Transitions[Kinds];
    public ulong Rings;
}

/// <summary>struct aec_attachment: what <see cref="AecAbi.RuntimeSetup"/> answers.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct AecAttachment
{
    public ulong Base;
    public ulong Len;
}
