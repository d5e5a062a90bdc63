namespace RvJit.Machine;

/// <summary>
/// fcsr (unprivileged manual, "F" chapter: frm in bits 7:5, fflags NV DZ OF UF NX in bits 4:0) kept as an MXCSR image,
/// so that host arithmetic accrues the flags without an instruction of ours.
/// </summary>
public static class FloatingPointControl
{
    public const uint MxcsrDefault = 0x1F80;
    private const uint FlagMask = 0x3F;

    /// <summary>Highest frm the host rounds natively: RNE 0, RTZ 1, RDN 2, RUP 3. RMM 4 and reserved values are not.</summary>
    public const uint HighestNativeFrm = 3;

    public static uint ReadFlags(in HartState state)
    {
        // x86: IE 0, DE 1, ZE 2, OE 3, UE 4, PE 5. RISC-V: NX 0, UF 1, OF 2, DZ 3, NV 4.
        uint m = state.Mxcsr;
        return ((m >> 5) & 1) | ((m >> 3) & 2) | ((m >> 1) & 4) | ((m << 1) & 8) | ((m << 4) & 16);
    }

    public static void WriteFlags(ref HartState state, uint flags) =>
        state.Mxcsr = (state.Mxcsr & ~FlagMask) | ToMxcsrFlags(flags);

    public static void AccrueFlags(ref HartState state, uint flags) => state.Mxcsr |= ToMxcsrFlags(flags);

    public static uint ReadFrm(in HartState state)
    {
        if (state.FrmUnsupported != 0)
            return state.FrmUnsupported;
        return FrmOfMxcsr((state.Mxcsr >> 13) & 3);
    }

    public static void WriteFrm(ref HartState state, uint frm)
    {
        frm &= 7;
        bool native = frm <= HighestNativeFrm;
        state.FrmUnsupported = native ? 0 : frm;
        state.Mxcsr = (state.Mxcsr & ~0x6000u) | (native ? MxcsrOfFrm(frm) << 13 : 0);
    }

    public static uint Read(in HartState state) => (ReadFrm(state) << 5) | ReadFlags(state);

    public static void Write(ref HartState state, uint fcsr)
    {
        WriteFrm(ref state, fcsr >> 5);
        WriteFlags(ref state, fcsr & 31);
    }

    // MXCSR.RC: 0 nearest, 1 down, 2 up, 3 zero. frm: 0 nearest, 1 zero, 2 down, 3 up.
    private static uint MxcsrOfFrm(uint frm) => frm switch { 1 => 3u, 2 => 1u, 3 => 2u, _ => 0u };

    private static uint FrmOfMxcsr(uint rc) => rc switch { 3 => 1u, 1 => 2u, 2 => 3u, _ => 0u };

    private static uint ToMxcsrFlags(uint f) =>
        ((f & 1) << 5) | ((f & 2) << 3) | ((f & 4) << 1) | ((f & 8) >> 1) | ((f & 16) >> 4);
}
