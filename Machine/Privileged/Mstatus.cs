namespace RvJit.Machine;

/// <summary>Fields of mstatus and its view sstatus on RV64 (privileged manual, "Machine Status Registers"; UIE and UPIE: its chapter "N", 2019).</summary>
public static class Mstatus
{
    public const ulong Uie = 1;
    public const ulong Sie = 1UL << 1;
    public const ulong Mie = 1UL << 3;
    public const ulong Upie = 1UL << 4;
    public const ulong Spie = 1UL << 5;
    public const ulong Mpie = 1UL << 7;
    public const ulong Spp = 1UL << 8;
    public const int MppShift = 11;
    public const ulong Mpp = 3UL << MppShift;
    public const int FsShift = 13;
    public const ulong Fs = 3UL << FsShift;
    public const ulong Mprv = 1UL << 17;
    public const ulong Sum = 1UL << 18;
    public const ulong Mxr = 1UL << 19;
    public const ulong Tvm = 1UL << 20;
    public const ulong Tw = 1UL << 21;
    public const ulong Tsr = 1UL << 22;
    public const int UxlShift = 32;
    public const ulong Uxl = 3UL << UxlShift;
    public const int SxlShift = 34;
    public const ulong Sxl = 3UL << SxlShift;
    public const ulong Sd = 1UL << 63;

    /// <summary>UXL and SXL for 64 bits (misa.MXL encoding).</summary>
    public const ulong Xlen64 = 2;

    public static ulong With(ulong status, ulong bit, bool value) => value ? status | bit : status & ~bit;

    public static Privilege MppOf(ulong status) => (Privilege)((status & Mpp) >> MppShift);

    public static ulong WithMpp(ulong status, Privilege mode) => (status & ~Mpp) | ((ulong)mode << MppShift);
}

/// <summary>mstatus.FS.</summary>
public enum FloatStatus
{
    Off,
    Initial,
    Clean,
    Dirty,
}
