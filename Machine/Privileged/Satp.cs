namespace RvJit.Machine;

/// <summary>satp on RV64 (privileged manual, "Supervisor Address Translation and Protection Register").</summary>
public static class Satp
{
    public const int ModeShift = 60;
    public const int Bare = 0;
    public const int Sv39 = 8;
    public const int Sv48 = 9;
    public const int Sv57 = 10;

    /// <summary>A write with a mode that the hart lacks changes nothing at all.</summary>
    internal static void Write(PrivilegedUnit unit, ulong value)
    {
        int bits = (int)(value >> ModeShift) switch
        {
            Bare => 0,
            Sv39 => 39,
            Sv48 => 48,
            Sv57 => 57,
            _ => int.MaxValue,
        };
        if (unit.Features.Paged && bits <= unit.Features.VirtualAddressBits)
            unit.State.SetSatp(value);
    }
}
