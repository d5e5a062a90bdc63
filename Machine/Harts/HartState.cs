using System.Runtime.InteropServices;

namespace RvJit.Machine;

/// <summary>
/// The architectural and engine-visible state of one hart, in unmanaged memory so that translated code reaches it
/// through one pointer at fixed displacements. Translated code holds registers in IL locals and writes them back
/// here whenever it leaves.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public unsafe struct HartState
{
    /// <summary>Bytes of one state block; a multiple of a cache line.</summary>
    public const int Size = 704;

    public const int XOffset = 0;
    public const int FOffset = 256;
    public const int PcOffset = 512;
    public const int PollOffset = 520;
    public const int InCodeOffset = 524;
    public const int EpochOffset = 528;
    public const int MxcsrOffset = 536;
    public const int FrmUnsupportedOffset = 540;
    public const int ReservationAddressOffset = 544;
    public const int ReservationValueOffset = 552;
    public const int StubPageOffset = 560;
    public const int RetiredOffset = 568;
    public const int ScratchOffset = 576;
    public const int ExitOffset = 584;
    public const int TrapCauseOffset = 592;
    public const int TrapValueOffset = 600;
    public const int MemoryOffset = 608;
    public const int FloatTrappedOffset = 616;
    public const int BlockZeroTrappedOffset = 620;
    public const int RetiredLimitOffset = 624;
    public const int LeftAtOffset = 632;
    public const int AloneOffset = 640;
    public const int FailedCheckOffset = 644;
    public const int SelfOffset = 648;

    /// <summary>Integer registers; x[0] is always zero.</summary>
    [FieldOffset(XOffset)] public fixed ulong X[32];

    /// <summary>Floating-point registers as raw bits (single precision NaN-boxed).</summary>
    [FieldOffset(FOffset)] public fixed ulong F[32];

    [FieldOffset(PcOffset)] public ulong Pc;

    /// <summary>Non-zero asks translated code to leave at its next poll. Set last by the requester, cleared by the engine.</summary>
    [FieldOffset(PollOffset)] public int Poll;

    /// <summary>1 while the engine may hold a passed permission check (translated code or interpreter is running).</summary>
    [FieldOffset(InCodeOffset)] public int InCode;

    /// <summary>Counts departures from code; see <see cref="World.Quiesce"/>.</summary>
    [FieldOffset(EpochOffset)] public long Epoch;

    /// <summary>
    /// The guest's floating-point environment as an x86 MXCSR image: rounding mode in bits 14:13, sticky flags in 5:0,
    /// all exceptions masked. fflags and frm are views of it (<see cref="FloatingPointControl"/>).
    /// </summary>
    [FieldOffset(MxcsrOffset)] public uint Mxcsr;

    /// <summary>frm value that the host cannot do natively (RMM and reserved values), or 0: regions with FP refuse to start.</summary>
    [FieldOffset(FrmUnsupportedOffset)] public uint FrmUnsupported;

    /// <summary>Guest virtual address of the LR reservation, or <see cref="NoReservation"/>.</summary>
    [FieldOffset(ReservationAddressOffset)] public ulong ReservationAddress;

    [FieldOffset(ReservationValueOffset)] public ulong ReservationValue;

    /// <summary>The engine's page of stub cells, base of its code directory entries.</summary>
    [FieldOffset(StubPageOffset)] public nint StubPage;

    /// <summary>Instructions retired; kept exactly only when the engine counts them.</summary>
    [FieldOffset(RetiredOffset)] public ulong Retired;

    /// <summary>8 bytes translated code may use to keep the compiler from folding a value.</summary>
    [FieldOffset(ScratchOffset)] public ulong Scratch;

    /// <summary>Why the engine's interpreter loop ended; the engine's own encoding.</summary>
    [FieldOffset(ExitOffset)] public int Exit;

    /// <summary>The trap being taken, when the engine reports one: mcause encoding.</summary>
    [FieldOffset(TrapCauseOffset)] public ulong TrapCause;

    /// <summary>The trap's tval.</summary>
    [FieldOffset(TrapValueOffset)] public ulong TrapValue;

    /// <summary>Host address of guest address 0 in the hart's current world, or the hart's current TLB block.</summary>
    [FieldOffset(MemoryOffset)] public byte* Memory;

    /// <summary>Non-zero: mstatus.FS is not Dirty, so floating-point instructions must be looked at one by one.</summary>
    [FieldOffset(FloatTrappedOffset)] public int FloatTrapped;

    /// <summary>Non-zero: cbo.zero must be looked at each time, because envcfg may forbid it in the current mode.</summary>
    [FieldOffset(BlockZeroTrappedOffset)] public int BlockZeroTrapped;

    /// <summary>The engine leaves when <see cref="Retired"/> reaches this; only looked at when it counts.</summary>
    [FieldOffset(RetiredLimitOffset)] public ulong RetiredLimit;

    /// <summary>Where code was when a poll ended it, if it says so; 0 otherwise. Only looked at by a profiler.</summary>
    [FieldOffset(LeftAtOffset)] public ulong LeftAt;

    /// <summary>1 while nothing but this hart can touch the memory of its world (<see cref="World.Share"/>).</summary>
    [FieldOffset(AloneOffset)] public int Alone;

    /// <summary>Which piece of translated code was left because an address check failed, or 0; the engine's own encoding.</summary>
    [FieldOffset(FailedCheckOffset)] public int FailedCheck;

    /// <summary>Handle of the hart, for <see cref="Hart.Of"/>.</summary>
    [FieldOffset(SelfOffset)] public nint Self;

    public const ulong NoReservation = ulong.MaxValue;
}
