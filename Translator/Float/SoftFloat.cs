namespace RvJit.Translator.Float;

/// <summary>
/// Floating-point instructions of the F and D extensions, exact in every rounding mode and flag, in integer
/// arithmetic alone: the oracle of the host-arithmetic path and the way of everything that path cannot do.
/// <para>Operands and results are raw bits. Flags are accumulated, never cleared. The rounding mode is a resolved one
/// (<see cref="FloatRounding"/>; the caller has replaced DYN by frm and rejected reserved values). Every NaN result is
/// the canonical NaN. Nothing here knows registers: single-precision operands are unboxed by <see cref="Unbox32"/>
/// before, results boxed by <see cref="Box32"/> after.</para>
/// </summary>
public static class SoftFloat
{
    public const uint CanonicalNaN32 = 0x7fc0_0000;
    public const ulong CanonicalNaN64 = 0x7ff8_0000_0000_0000;

    private const uint Sign32 = 0x8000_0000;
    private const ulong Sign64 = 0x8000_0000_0000_0000;
    private const ulong BoxMask = 0xffff_ffff_0000_0000;

    /// <summary>A single-precision value as a 64-bit register holds it: all ones above.</summary>
    public static ulong Box32(uint a) => BoxMask | a;

    /// <summary>The single-precision value of a register; anything not properly boxed reads as the canonical NaN.</summary>
    public static uint Unbox32(ulong register) => register >= BoxMask ? (uint)register : CanonicalNaN32;

    public static uint Add32(uint a, uint b, int rm, ref uint flags)
        => (uint)FloatCore.Add<Binary32>(a, b, rm, ref flags);

    public static uint Sub32(uint a, uint b, int rm, ref uint flags)
        => (uint)FloatCore.Add<Binary32>(a, b ^ Sign32, rm, ref flags);

    public static uint Mul32(uint a, uint b, int rm, ref uint flags)
        => (uint)FloatCore.Mul<Binary32>(a, b, rm, ref flags);

    public static uint Div32(uint a, uint b, int rm, ref uint flags)
        => (uint)FloatCore.Div<Binary32>(a, b, rm, ref flags);

    public static uint Sqrt32(uint a, int rm, ref uint flags)
        => (uint)FloatCore.Sqrt<Binary32>(a, rm, ref flags);

    /// <summary>a * b + c with one rounding (fmadd). fmsub negates c; fnmsub negates a; fnmadd negates both.</summary>
    public static uint MulAdd32(uint a, uint b, uint c, int rm, ref uint flags)
        => (uint)FloatCore.MulAdd<Binary32>(a, b, c, rm, ref flags);

    public static uint Min32(uint a, uint b, ref uint flags)
        => (uint)FloatCore.Min<Binary32>(a, b, ref flags);

    public static uint Max32(uint a, uint b, ref uint flags)
        => (uint)FloatCore.Max<Binary32>(a, b, ref flags);

    public static bool Eq32(uint a, uint b, ref uint flags) => FloatCore.Eq<Binary32>(a, b, ref flags);

    public static bool Lt32(uint a, uint b, ref uint flags) => FloatCore.Lt<Binary32>(a, b, ref flags);

    public static bool Le32(uint a, uint b, ref uint flags) => FloatCore.Le<Binary32>(a, b, ref flags);

    public static ulong Classify32(uint a) => FloatCore.Classify<Binary32>(a);

    public static uint CopySign32(uint a, uint b) => (a & ~Sign32) | (b & Sign32);

    public static uint CopySignNegated32(uint a, uint b) => (a & ~Sign32) | (~b & Sign32);

    public static uint XorSign32(uint a, uint b) => a ^ (b & Sign32);

    public static uint Negate32(uint a) => a ^ Sign32;

    public static ulong WFromFloat32(uint a, int rm, ref uint flags)
        => FloatCore.ToSigned<Binary32>(a, 32, rm, ref flags);

    public static ulong WuFromFloat32(uint a, int rm, ref uint flags)
        => FloatCore.ToUnsigned<Binary32>(a, 32, rm, ref flags);

    public static ulong LFromFloat32(uint a, int rm, ref uint flags)
        => FloatCore.ToSigned<Binary32>(a, 64, rm, ref flags);

    public static ulong LuFromFloat32(uint a, int rm, ref uint flags)
        => FloatCore.ToUnsigned<Binary32>(a, 64, rm, ref flags);

    public static uint Float32FromW(ulong register, int rm, ref uint flags)
        => (uint)FloatCore.FromSigned<Binary32>((int)register, rm, ref flags);

    public static uint Float32FromWu(ulong register, int rm, ref uint flags)
        => (uint)FloatCore.FromUnsigned<Binary32>((uint)register, rm, ref flags);

    public static uint Float32FromL(ulong register, int rm, ref uint flags)
        => (uint)FloatCore.FromSigned<Binary32>((long)register, rm, ref flags);

    public static uint Float32FromLu(ulong register, int rm, ref uint flags)
        => (uint)FloatCore.FromUnsigned<Binary32>(register, rm, ref flags);

    public static ulong Add64(ulong a, ulong b, int rm, ref uint flags)
        => FloatCore.Add<Binary64>(a, b, rm, ref flags);

    public static ulong Sub64(ulong a, ulong b, int rm, ref uint flags)
        => FloatCore.Add<Binary64>(a, b ^ Sign64, rm, ref flags);

    public static ulong Mul64(ulong a, ulong b, int rm, ref uint flags)
        => FloatCore.Mul<Binary64>(a, b, rm, ref flags);

    public static ulong Div64(ulong a, ulong b, int rm, ref uint flags)
        => FloatCore.Div<Binary64>(a, b, rm, ref flags);

    public static ulong Sqrt64(ulong a, int rm, ref uint flags)
        => FloatCore.Sqrt<Binary64>(a, rm, ref flags);

    /// <summary>a * b + c with one rounding (fmadd). fmsub negates c; fnmsub negates a; fnmadd negates both.</summary>
    public static ulong MulAdd64(ulong a, ulong b, ulong c, int rm, ref uint flags)
        => FloatCore.MulAdd<Binary64>(a, b, c, rm, ref flags);

    public static ulong Min64(ulong a, ulong b, ref uint flags)
        => FloatCore.Min<Binary64>(a, b, ref flags);

    public static ulong Max64(ulong a, ulong b, ref uint flags)
        => FloatCore.Max<Binary64>(a, b, ref flags);

    public static bool Eq64(ulong a, ulong b, ref uint flags) => FloatCore.Eq<Binary64>(a, b, ref flags);

    public static bool Lt64(ulong a, ulong b, ref uint flags) => FloatCore.Lt<Binary64>(a, b, ref flags);

    public static bool Le64(ulong a, ulong b, ref uint flags) => FloatCore.Le<Binary64>(a, b, ref flags);

    public static ulong Classify64(ulong a) => FloatCore.Classify<Binary64>(a);

    public static ulong CopySign64(ulong a, ulong b) => (a & ~Sign64) | (b & Sign64);

    public static ulong CopySignNegated64(ulong a, ulong b) => (a & ~Sign64) | (~b & Sign64);

    public static ulong XorSign64(ulong a, ulong b) => a ^ (b & Sign64);

    public static ulong Negate64(ulong a) => a ^ Sign64;

    public static ulong WFromFloat64(ulong a, int rm, ref uint flags)
        => FloatCore.ToSigned<Binary64>(a, 32, rm, ref flags);

    public static ulong WuFromFloat64(ulong a, int rm, ref uint flags)
        => FloatCore.ToUnsigned<Binary64>(a, 32, rm, ref flags);

    public static ulong LFromFloat64(ulong a, int rm, ref uint flags)
        => FloatCore.ToSigned<Binary64>(a, 64, rm, ref flags);

    public static ulong LuFromFloat64(ulong a, int rm, ref uint flags)
        => FloatCore.ToUnsigned<Binary64>(a, 64, rm, ref flags);

    public static ulong Float64FromW(ulong register, int rm, ref uint flags)
        => FloatCore.FromSigned<Binary64>((int)register, rm, ref flags);

    public static ulong Float64FromWu(ulong register, int rm, ref uint flags)
        => FloatCore.FromUnsigned<Binary64>((uint)register, rm, ref flags);

    public static ulong Float64FromL(ulong register, int rm, ref uint flags)
        => FloatCore.FromSigned<Binary64>((long)register, rm, ref flags);

    public static ulong Float64FromLu(ulong register, int rm, ref uint flags)
        => FloatCore.FromUnsigned<Binary64>(register, rm, ref flags);

    public static uint Float32FromFloat64(ulong a, int rm, ref uint flags)
        => (uint)FloatCore.Convert<Binary64, Binary32>(a, rm, ref flags);

    /// <summary>Exact, so it takes no rounding mode.</summary>
    public static ulong Float64FromFloat32(uint a, ref uint flags)
        => FloatCore.Convert<Binary32, Binary64>(a, FloatRounding.NearestEven, ref flags);
}
