namespace RvJit.Machine;

/// <summary>Fields of menvcfg and senvcfg (privileged manual, "Machine Environment Configuration Register").</summary>
public static class Envcfg
{
    public const ulong Fiom = 1;
    public const int CbieShift = 4;
    public const ulong Cbie = 3UL << CbieShift;
    public const ulong Cbcfe = 1UL << 6;
    public const ulong Cbze = 1UL << 7;
    public const ulong Adue = 1UL << 61;
    public const ulong Pbmte = 1UL << 62;
    public const ulong Stce = 1UL << 63;
}
