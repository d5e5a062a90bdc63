using RvJit.Translator.Float;

namespace RvJit.Translator.Isa.Kernels;

/// <summary>Exact arithmetic of one width on raw 64-bit register contents (single precision NaN-boxed).</summary>
public interface IFloatWidth
{
    static abstract FloatView View { get; }

    static abstract ulong Add(ulong a, ulong b, int rm, ref uint flags);

    static abstract ulong Sub(ulong a, ulong b, int rm, ref uint flags);

    static abstract ulong Mul(ulong a, ulong b, int rm, ref uint flags);

    static abstract ulong Div(ulong a, ulong b, int rm, ref uint flags);

    static abstract ulong Sqrt(ulong a, int rm, ref uint flags);

    /// <summary>±(a·b) ± c, rounded once.</summary>
    static abstract ulong MulAdd(ulong a, bool negateProduct, ulong b, ulong c, bool negateAddend, int rm, ref uint flags);

    static abstract ulong Min(ulong a, ulong b, ref uint flags);

    static abstract ulong Max(ulong a, ulong b, ref uint flags);

    static abstract bool Eq(ulong a, ulong b, ref uint flags);

    static abstract bool Lt(ulong a, ulong b, ref uint flags);

    static abstract bool Le(ulong a, ulong b, ref uint flags);

    static abstract ulong Classify(ulong a);

    static abstract ulong SignInject(ulong a, ulong b, SignRule rule);

    static abstract ulong ToW(ulong a, int rm, ref uint flags);

    static abstract ulong ToWu(ulong a, int rm, ref uint flags);

    static abstract ulong ToL(ulong a, int rm, ref uint flags);

    static abstract ulong ToLu(ulong a, int rm, ref uint flags);

    static abstract ulong FromW(ulong x, int rm, ref uint flags);

    static abstract ulong FromWu(ulong x, int rm, ref uint flags);

    static abstract ulong FromL(ulong x, int rm, ref uint flags);

    static abstract ulong FromLu(ulong x, int rm, ref uint flags);
}

public enum SignRule
{
    Copy,
    Negate,
    Xor,
}

public readonly struct F32 : IFloatWidth
{
    public static FloatView View => FloatView.Single;

    public static ulong Add(ulong a, ulong b, int rm, ref uint flags) => Box(SoftFloat.Add32(Raw(a), Raw(b), rm, ref flags));

    public static ulong Sub(ulong a, ulong b, int rm, ref uint flags) => Box(SoftFloat.Sub32(Raw(a), Raw(b), rm, ref flags));

    public static ulong Mul(ulong a, ulong b, int rm, ref uint flags) => Box(SoftFloat.Mul32(Raw(a), Raw(b), rm, ref flags));

    public static ulong Div(ulong a, ulong b, int rm, ref uint flags) => Box(SoftFloat.Div32(Raw(a), Raw(b), rm, ref flags));

    public static ulong Sqrt(ulong a, int rm, ref uint flags) => Box(SoftFloat.Sqrt32(Raw(a), rm, ref flags));

    public static ulong MulAdd(ulong a, bool negateProduct, ulong b, ulong c, bool negateAddend, int rm, ref uint flags) =>
        Box(SoftFloat.MulAdd32(
            negateProduct ? SoftFloat.Negate32(Raw(a)) : Raw(a),
            Raw(b),
            negateAddend ? SoftFloat.Negate32(Raw(c)) : Raw(c),
            rm,
            ref flags));

    public static ulong Min(ulong a, ulong b, ref uint flags) => Box(SoftFloat.Min32(Raw(a), Raw(b), ref flags));

    public static ulong Max(ulong a, ulong b, ref uint flags) => Box(SoftFloat.Max32(Raw(a), Raw(b), ref flags));

    public static bool Eq(ulong a, ulong b, ref uint flags) => SoftFloat.Eq32(Raw(a), Raw(b), ref flags);

    public static bool Lt(ulong a, ulong b, ref uint flags) => SoftFloat.Lt32(Raw(a), Raw(b), ref flags);

    public static bool Le(ulong a, ulong b, ref uint flags) => SoftFloat.Le32(Raw(a), Raw(b), ref flags);

    public static ulong Classify(ulong a) => SoftFloat.Classify32(Raw(a));

    public static ulong SignInject(ulong a, ulong b, SignRule rule) => Box(rule switch
    {
        SignRule.Copy => SoftFloat.CopySign32(Raw(a), Raw(b)),
        SignRule.Negate => SoftFloat.CopySignNegated32(Raw(a), Raw(b)),
        _ => SoftFloat.XorSign32(Raw(a), Raw(b)),
    });

    public static ulong ToW(ulong a, int rm, ref uint flags) => SoftFloat.WFromFloat32(Raw(a), rm, ref flags);

    public static ulong ToWu(ulong a, int rm, ref uint flags) => SoftFloat.WuFromFloat32(Raw(a), rm, ref flags);

    public static ulong ToL(ulong a, int rm, ref uint flags) => SoftFloat.LFromFloat32(Raw(a), rm, ref flags);

    public static ulong ToLu(ulong a, int rm, ref uint flags) => SoftFloat.LuFromFloat32(Raw(a), rm, ref flags);

    public static ulong FromW(ulong x, int rm, ref uint flags) => Box(SoftFloat.Float32FromW(x, rm, ref flags));

    public static ulong FromWu(ulong x, int rm, ref uint flags) => Box(SoftFloat.Float32FromWu(x, rm, ref flags));

    public static ulong FromL(ulong x, int rm, ref uint flags) => Box(SoftFloat.Float32FromL(x, rm, ref flags));

    public static ulong FromLu(ulong x, int rm, ref uint flags) => Box(SoftFloat.Float32FromLu(x, rm, ref flags));

    private static uint Raw(ulong register) => SoftFloat.Unbox32(register);

    private static ulong Box(uint value) => SoftFloat.Box32(value);
}

public readonly struct F64 : IFloatWidth
{
    public static FloatView View => FloatView.Double;

    public static ulong Add(ulong a, ulong b, int rm, ref uint flags) => SoftFloat.Add64(a, b, rm, ref flags);

    public static ulong Sub(ulong a, ulong b, int rm, ref uint flags) => SoftFloat.Sub64(a, b, rm, ref flags);

    public static ulong Mul(ulong a, ulong b, int rm, ref uint flags) => SoftFloat.Mul64(a, b, rm, ref flags);

    public static ulong Div(ulong a, ulong b, int rm, ref uint flags) => SoftFloat.Div64(a, b, rm, ref flags);

    public static ulong Sqrt(ulong a, int rm, ref uint flags) => SoftFloat.Sqrt64(a, rm, ref flags);

    public static ulong MulAdd(ulong a, bool negateProduct, ulong b, ulong c, bool negateAddend, int rm, ref uint flags) =>
        SoftFloat.MulAdd64(
            negateProduct ? SoftFloat.Negate64(a) : a,
            b,
            negateAddend ? SoftFloat.Negate64(c) : c,
            rm,
            ref flags);

    public static ulong Min(ulong a, ulong b, ref uint flags) => SoftFloat.Min64(a, b, ref flags);

    public static ulong Max(ulong a, ulong b, ref uint flags) => SoftFloat.Max64(a, b, ref flags);

    public static bool Eq(ulong a, ulong b, ref uint flags) => SoftFloat.Eq64(a, b, ref flags);

    public static bool Lt(ulong a, ulong b, ref uint flags) => SoftFloat.Lt64(a, b, ref flags);

    public static bool Le(ulong a, ulong b, ref uint flags) => SoftFloat.Le64(a, b, ref flags);

    public static ulong Classify(ulong a) => SoftFloat.Classify64(a);

    public static ulong SignInject(ulong a, ulong b, SignRule rule) => rule switch
    {
        SignRule.Copy => SoftFloat.CopySign64(a, b),
        SignRule.Negate => SoftFloat.CopySignNegated64(a, b),
        _ => SoftFloat.XorSign64(a, b),
    };

    public static ulong ToW(ulong a, int rm, ref uint flags) => SoftFloat.WFromFloat64(a, rm, ref flags);

    public static ulong ToWu(ulong a, int rm, ref uint flags) => SoftFloat.WuFromFloat64(a, rm, ref flags);

    public static ulong ToL(ulong a, int rm, ref uint flags) => SoftFloat.LFromFloat64(a, rm, ref flags);

    public static ulong ToLu(ulong a, int rm, ref uint flags) => SoftFloat.LuFromFloat64(a, rm, ref flags);

    public static ulong FromW(ulong x, int rm, ref uint flags) => SoftFloat.Float64FromW(x, rm, ref flags);

    public static ulong FromWu(ulong x, int rm, ref uint flags) => SoftFloat.Float64FromWu(x, rm, ref flags);

    public static ulong FromL(ulong x, int rm, ref uint flags) => SoftFloat.Float64FromL(x, rm, ref flags);

    public static ulong FromLu(ulong x, int rm, ref uint flags) => SoftFloat.Float64FromLu(x, rm, ref flags);
}
