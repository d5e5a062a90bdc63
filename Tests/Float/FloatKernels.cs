using RvJit.Translator.Float;

namespace RvJit.Tests.Float;

internal delegate ulong FloatKernel(ulong a, ulong b, ulong c, int rm, ref uint flags);

/// <summary>The kernel of each recorded operation, behind one signature.</summary>
internal static class FloatKernels
{
    private const uint S = 0x8000_0000;
    private const ulong D = 0x8000_0000_0000_0000;

    public static readonly IReadOnlyDictionary<string, FloatKernel> ByName = new Dictionary<string, FloatKernel>
    {
        ["fadd.s"] = (a, b, c, rm, ref f) => SoftFloat.Add32((uint)a, (uint)b, rm, ref f),
        ["fadd.d"] = (a, b, c, rm, ref f) => SoftFloat.Add64(a, b, rm, ref f),
        ["fsub.s"] = (a, b, c, rm, ref f) => SoftFloat.Sub32((uint)a, (uint)b, rm, ref f),
        ["fsub.d"] = (a, b, c, rm, ref f) => SoftFloat.Sub64(a, b, rm, ref f),
        ["fmul.s"] = (a, b, c, rm, ref f) => SoftFloat.Mul32((uint)a, (uint)b, rm, ref f),
        ["fmul.d"] = (a, b, c, rm, ref f) => SoftFloat.Mul64(a, b, rm, ref f),
        ["fdiv.s"] = (a, b, c, rm, ref f) => SoftFloat.Div32((uint)a, (uint)b, rm, ref f),
        ["fdiv.d"] = (a, b, c, rm, ref f) => SoftFloat.Div64(a, b, rm, ref f),
        ["fsqrt.s"] = (a, b, c, rm, ref f) => SoftFloat.Sqrt32((uint)a, rm, ref f),
        ["fsqrt.d"] = (a, b, c, rm, ref f) => SoftFloat.Sqrt64(a, rm, ref f),
        ["fmadd.s"] = (a, b, c, rm, ref f) => SoftFloat.MulAdd32((uint)a, (uint)b, (uint)c, rm, ref f),
        ["fmadd.d"] = (a, b, c, rm, ref f) => SoftFloat.MulAdd64(a, b, c, rm, ref f),
        ["fmsub.s"] = (a, b, c, rm, ref f) => SoftFloat.MulAdd32((uint)a, (uint)b, (uint)c ^ S, rm, ref f),
        ["fmsub.d"] = (a, b, c, rm, ref f) => SoftFloat.MulAdd64(a, b, c ^ D, rm, ref f),
        ["fnmadd.s"] = (a, b, c, rm, ref f) => SoftFloat.MulAdd32((uint)a ^ S, (uint)b, (uint)c ^ S, rm, ref f),
        ["fnmadd.d"] = (a, b, c, rm, ref f) => SoftFloat.MulAdd64(a ^ D, b, c ^ D, rm, ref f),
        ["fnmsub.s"] = (a, b, c, rm, ref f) => SoftFloat.MulAdd32((uint)a ^ S, (uint)b, (uint)c, rm, ref f),
        ["fnmsub.d"] = (a, b, c, rm, ref f) => SoftFloat.MulAdd64(a ^ D, b, c, rm, ref f),
        ["fmin.s"] = (a, b, c, rm, ref f) => SoftFloat.Min32((uint)a, (uint)b, ref f),
        ["fmin.d"] = (a, b, c, rm, ref f) => SoftFloat.Min64(a, b, ref f),
        ["fmax.s"] = (a, b, c, rm, ref f) => SoftFloat.Max32((uint)a, (uint)b, ref f),
        ["fmax.d"] = (a, b, c, rm, ref f) => SoftFloat.Max64(a, b, ref f),
        ["fsgnj.s"] = (a, b, c, rm, ref f) => SoftFloat.CopySign32((uint)a, (uint)b),
        ["fsgnj.d"] = (a, b, c, rm, ref f) => SoftFloat.CopySign64(a, b),
        ["fsgnjn.s"] = (a, b, c, rm, ref f) => SoftFloat.CopySignNegated32((uint)a, (uint)b),
        ["fsgnjn.d"] = (a, b, c, rm, ref f) => SoftFloat.CopySignNegated64(a, b),
        ["fsgnjx.s"] = (a, b, c, rm, ref f) => SoftFloat.XorSign32((uint)a, (uint)b),
        ["fsgnjx.d"] = (a, b, c, rm, ref f) => SoftFloat.XorSign64(a, b),
        ["feq.s"] = (a, b, c, rm, ref f) => Bit(SoftFloat.Eq32((uint)a, (uint)b, ref f)),
        ["feq.d"] = (a, b, c, rm, ref f) => Bit(SoftFloat.Eq64(a, b, ref f)),
        ["flt.s"] = (a, b, c, rm, ref f) => Bit(SoftFloat.Lt32((uint)a, (uint)b, ref f)),
        ["flt.d"] = (a, b, c, rm, ref f) => Bit(SoftFloat.Lt64(a, b, ref f)),
        ["fle.s"] = (a, b, c, rm, ref f) => Bit(SoftFloat.Le32((uint)a, (uint)b, ref f)),
        ["fle.d"] = (a, b, c, rm, ref f) => Bit(SoftFloat.Le64(a, b, ref f)),
        ["fclass.s"] = (a, b, c, rm, ref f) => SoftFloat.Classify32((uint)a),
        ["fclass.d"] = (a, b, c, rm, ref f) => SoftFloat.Classify64(a),
        ["fcvt.w.s"] = (a, b, c, rm, ref f) => SoftFloat.WFromFloat32((uint)a, rm, ref f),
        ["fcvt.w.d"] = (a, b, c, rm, ref f) => SoftFloat.WFromFloat64(a, rm, ref f),
        ["fcvt.wu.s"] = (a, b, c, rm, ref f) => SoftFloat.WuFromFloat32((uint)a, rm, ref f),
        ["fcvt.wu.d"] = (a, b, c, rm, ref f) => SoftFloat.WuFromFloat64(a, rm, ref f),
        ["fcvt.l.s"] = (a, b, c, rm, ref f) => SoftFloat.LFromFloat32((uint)a, rm, ref f),
        ["fcvt.l.d"] = (a, b, c, rm, ref f) => SoftFloat.LFromFloat64(a, rm, ref f),
        ["fcvt.lu.s"] = (a, b, c, rm, ref f) => SoftFloat.LuFromFloat32((uint)a, rm, ref f),
        ["fcvt.lu.d"] = (a, b, c, rm, ref f) => SoftFloat.LuFromFloat64(a, rm, ref f),
        ["fcvt.s.w"] = (a, b, c, rm, ref f) => SoftFloat.Float32FromW(a, rm, ref f),
        ["fcvt.s.wu"] = (a, b, c, rm, ref f) => SoftFloat.Float32FromWu(a, rm, ref f),
        ["fcvt.s.l"] = (a, b, c, rm, ref f) => SoftFloat.Float32FromL(a, rm, ref f),
        ["fcvt.s.lu"] = (a, b, c, rm, ref f) => SoftFloat.Float32FromLu(a, rm, ref f),
        ["fcvt.d.w"] = (a, b, c, rm, ref f) => SoftFloat.Float64FromW(a, rm, ref f),
        ["fcvt.d.wu"] = (a, b, c, rm, ref f) => SoftFloat.Float64FromWu(a, rm, ref f),
        ["fcvt.d.l"] = (a, b, c, rm, ref f) => SoftFloat.Float64FromL(a, rm, ref f),
        ["fcvt.d.lu"] = (a, b, c, rm, ref f) => SoftFloat.Float64FromLu(a, rm, ref f),
        ["fcvt.s.d"] = (a, b, c, rm, ref f) => SoftFloat.Float32FromFloat64(a, rm, ref f),
        ["fcvt.d.s"] = (a, b, c, rm, ref f) => SoftFloat.Float64FromFloat32((uint)a, ref f),
        ["fadd.s.reg"] = (a, b, c, rm, ref f) => Box(SoftFloat.Add32(Unbox(a), Unbox(b), rm, ref f)),
        ["fmadd.s.reg"] = (a, b, c, rm, ref f) => Box(SoftFloat.MulAdd32(Unbox(a), Unbox(b), Unbox(c), rm, ref f)),
        ["fmin.s.reg"] = (a, b, c, rm, ref f) => Box(SoftFloat.Min32(Unbox(a), Unbox(b), ref f)),
        ["fsgnj.s.reg"] = (a, b, c, rm, ref f) => Box(SoftFloat.CopySign32(Unbox(a), Unbox(b))),
        ["fsgnjn.s.reg"] = (a, b, c, rm, ref f) => Box(SoftFloat.CopySignNegated32(Unbox(a), Unbox(b))),
        ["fsgnjx.s.reg"] = (a, b, c, rm, ref f) => Box(SoftFloat.XorSign32(Unbox(a), Unbox(b))),
        ["feq.s.reg"] = (a, b, c, rm, ref f) => Bit(SoftFloat.Eq32(Unbox(a), Unbox(b), ref f)),
        ["fclass.s.reg"] = (a, b, c, rm, ref f) => SoftFloat.Classify32(Unbox(a)),
        ["fcvt.w.s.reg"] = (a, b, c, rm, ref f) => SoftFloat.WFromFloat32(Unbox(a), rm, ref f),
        ["fcvt.d.s.reg"] = (a, b, c, rm, ref f) => SoftFloat.Float64FromFloat32(Unbox(a), ref f),

        // A move of bits does not look at the boxing.
        ["fmv.x.w.reg"] = (a, b, c, rm, ref f) => (ulong)(int)a,
    };

    private static ulong Bit(bool value) => value ? 1UL : 0UL;

    private static ulong Box(uint a) => SoftFloat.Box32(a);

    private static uint Unbox(ulong register) => SoftFloat.Unbox32(register);
}
