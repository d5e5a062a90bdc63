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
        ["fadd.s"] = (a, b, c, rm, ref f) => SoftFloat.Add<Binary32>((uint)a, (uint)b, rm, ref f),
        ["fadd.d"] = (a, b, c, rm, ref f) => SoftFloat.Add<Binary64>(a, b, rm, ref f),
        ["fsub.s"] = (a, b, c, rm, ref f) => SoftFloat.Sub<Binary32>((uint)a, (uint)b, rm, ref f),
        ["fsub.d"] = (a, b, c, rm, ref f) => SoftFloat.Sub<Binary64>(a, b, rm, ref f),
        ["fmul.s"] = (a, b, c, rm, ref f) => SoftFloat.Mul<Binary32>((uint)a, (uint)b, rm, ref f),
        ["fmul.d"] = (a, b, c, rm, ref f) => SoftFloat.Mul<Binary64>(a, b, rm, ref f),
        ["fdiv.s"] = (a, b, c, rm, ref f) => SoftFloat.Div<Binary32>((uint)a, (uint)b, rm, ref f),
        ["fdiv.d"] = (a, b, c, rm, ref f) => SoftFloat.Div<Binary64>(a, b, rm, ref f),
        ["fsqrt.s"] = (a, b, c, rm, ref f) => SoftFloat.Sqrt<Binary32>((uint)a, rm, ref f),
        ["fsqrt.d"] = (a, b, c, rm, ref f) => SoftFloat.Sqrt<Binary64>(a, rm, ref f),
        ["fmadd.s"] = (a, b, c, rm, ref f) => SoftFloat.MulAdd<Binary32>((uint)a, (uint)b, (uint)c, rm, ref f),
        ["fmadd.d"] = (a, b, c, rm, ref f) => SoftFloat.MulAdd<Binary64>(a, b, c, rm, ref f),
        ["fmsub.s"] = (a, b, c, rm, ref f) => SoftFloat.MulAdd<Binary32>((uint)a, (uint)b, (uint)c ^ S, rm, ref f),
        ["fmsub.d"] = (a, b, c, rm, ref f) => SoftFloat.MulAdd<Binary64>(a, b, c ^ D, rm, ref f),
        ["fnmadd.s"] = (a, b, c, rm, ref f) => SoftFloat.MulAdd<Binary32>((uint)a ^ S, (uint)b, (uint)c ^ S, rm, ref f),
        ["fnmadd.d"] = (a, b, c, rm, ref f) => SoftFloat.MulAdd<Binary64>(a ^ D, b, c ^ D, rm, ref f),
        ["fnmsub.s"] = (a, b, c, rm, ref f) => SoftFloat.MulAdd<Binary32>((uint)a ^ S, (uint)b, (uint)c, rm, ref f),
        ["fnmsub.d"] = (a, b, c, rm, ref f) => SoftFloat.MulAdd<Binary64>(a ^ D, b, c, rm, ref f),
        ["fmin.s"] = (a, b, c, rm, ref f) => SoftFloat.Min<Binary32>((uint)a, (uint)b, ref f),
        ["fmin.d"] = (a, b, c, rm, ref f) => SoftFloat.Min<Binary64>(a, b, ref f),
        ["fmax.s"] = (a, b, c, rm, ref f) => SoftFloat.Max<Binary32>((uint)a, (uint)b, ref f),
        ["fmax.d"] = (a, b, c, rm, ref f) => SoftFloat.Max<Binary64>(a, b, ref f),
        ["fsgnj.s"] = (a, b, c, rm, ref f) => SoftFloat.CopySign<Binary32>((uint)a, (uint)b),
        ["fsgnj.d"] = (a, b, c, rm, ref f) => SoftFloat.CopySign<Binary64>(a, b),
        ["fsgnjn.s"] = (a, b, c, rm, ref f) => SoftFloat.CopySign<Binary32>((uint)a, (uint)b ^ S),
        ["fsgnjn.d"] = (a, b, c, rm, ref f) => SoftFloat.CopySign<Binary64>(a, b ^ D),
        ["fsgnjx.s"] = (a, b, c, rm, ref f) => SoftFloat.XorSign<Binary32>((uint)a, (uint)b),
        ["fsgnjx.d"] = (a, b, c, rm, ref f) => SoftFloat.XorSign<Binary64>(a, b),
        ["feq.s"] = (a, b, c, rm, ref f) => Bit(SoftFloat.Eq<Binary32>((uint)a, (uint)b, ref f)),
        ["feq.d"] = (a, b, c, rm, ref f) => Bit(SoftFloat.Eq<Binary64>(a, b, ref f)),
        ["flt.s"] = (a, b, c, rm, ref f) => Bit(SoftFloat.Lt<Binary32>((uint)a, (uint)b, ref f)),
        ["flt.d"] = (a, b, c, rm, ref f) => Bit(SoftFloat.Lt<Binary64>(a, b, ref f)),
        ["fle.s"] = (a, b, c, rm, ref f) => Bit(SoftFloat.Le<Binary32>((uint)a, (uint)b, ref f)),
        ["fle.d"] = (a, b, c, rm, ref f) => Bit(SoftFloat.Le<Binary64>(a, b, ref f)),
        ["fclass.s"] = (a, b, c, rm, ref f) => SoftFloat.Classify<Binary32>((uint)a),
        ["fclass.d"] = (a, b, c, rm, ref f) => SoftFloat.Classify<Binary64>(a),
        ["fcvt.w.s"] = (a, b, c, rm, ref f) => SoftFloat.ToSigned<Binary32>((uint)a, 32, rm, ref f),
        ["fcvt.w.d"] = (a, b, c, rm, ref f) => SoftFloat.ToSigned<Binary64>(a, 32, rm, ref f),
        ["fcvt.wu.s"] = (a, b, c, rm, ref f) => SoftFloat.ToUnsigned<Binary32>((uint)a, 32, rm, ref f),
        ["fcvt.wu.d"] = (a, b, c, rm, ref f) => SoftFloat.ToUnsigned<Binary64>(a, 32, rm, ref f),
        ["fcvt.l.s"] = (a, b, c, rm, ref f) => SoftFloat.ToSigned<Binary32>((uint)a, 64, rm, ref f),
        ["fcvt.l.d"] = (a, b, c, rm, ref f) => SoftFloat.ToSigned<Binary64>(a, 64, rm, ref f),
        ["fcvt.lu.s"] = (a, b, c, rm, ref f) => SoftFloat.ToUnsigned<Binary32>((uint)a, 64, rm, ref f),
        ["fcvt.lu.d"] = (a, b, c, rm, ref f) => SoftFloat.ToUnsigned<Binary64>(a, 64, rm, ref f),
        ["fcvt.s.w"] = (a, b, c, rm, ref f) => SoftFloat.FromSigned<Binary32>((int)a, rm, ref f),
        ["fcvt.s.wu"] = (a, b, c, rm, ref f) => SoftFloat.FromUnsigned<Binary32>((uint)a, rm, ref f),
        ["fcvt.s.l"] = (a, b, c, rm, ref f) => SoftFloat.FromSigned<Binary32>((long)a, rm, ref f),
        ["fcvt.s.lu"] = (a, b, c, rm, ref f) => SoftFloat.FromUnsigned<Binary32>(a, rm, ref f),
        ["fcvt.d.w"] = (a, b, c, rm, ref f) => SoftFloat.FromSigned<Binary64>((int)a, rm, ref f),
        ["fcvt.d.wu"] = (a, b, c, rm, ref f) => SoftFloat.FromUnsigned<Binary64>((uint)a, rm, ref f),
        ["fcvt.d.l"] = (a, b, c, rm, ref f) => SoftFloat.FromSigned<Binary64>((long)a, rm, ref f),
        ["fcvt.d.lu"] = (a, b, c, rm, ref f) => SoftFloat.FromUnsigned<Binary64>(a, rm, ref f),
        ["fcvt.s.d"] = (a, b, c, rm, ref f) => SoftFloat.Convert<Binary64, Binary32>(a, rm, ref f),
        ["fcvt.d.s"] = (a, b, c, rm, ref f) => SoftFloat.Convert<Binary32, Binary64>((uint)a, FloatRounding.NearestEven, ref f),
        ["fadd.s.reg"] = (a, b, c, rm, ref f) => Box(SoftFloat.Add<Binary32>(Unbox(a), Unbox(b), rm, ref f)),
        ["fmadd.s.reg"] = (a, b, c, rm, ref f) => Box(SoftFloat.MulAdd<Binary32>(Unbox(a), Unbox(b), Unbox(c), rm, ref f)),
        ["fmin.s.reg"] = (a, b, c, rm, ref f) => Box(SoftFloat.Min<Binary32>(Unbox(a), Unbox(b), ref f)),
        ["fsgnj.s.reg"] = (a, b, c, rm, ref f) => Box(SoftFloat.CopySign<Binary32>(Unbox(a), Unbox(b))),
        ["fsgnjn.s.reg"] = (a, b, c, rm, ref f) => Box(SoftFloat.CopySign<Binary32>(Unbox(a), Unbox(b) ^ S)),
        ["fsgnjx.s.reg"] = (a, b, c, rm, ref f) => Box(SoftFloat.XorSign<Binary32>(Unbox(a), Unbox(b))),
        ["feq.s.reg"] = (a, b, c, rm, ref f) => Bit(SoftFloat.Eq<Binary32>(Unbox(a), Unbox(b), ref f)),
        ["fclass.s.reg"] = (a, b, c, rm, ref f) => SoftFloat.Classify<Binary32>(Unbox(a)),
        ["fcvt.w.s.reg"] = (a, b, c, rm, ref f) => SoftFloat.ToSigned<Binary32>(Unbox(a), 32, rm, ref f),
        ["fcvt.d.s.reg"] = (a, b, c, rm, ref f) => SoftFloat.Convert<Binary32, Binary64>(Unbox(a), FloatRounding.NearestEven, ref f),

        // A move of bits does not look at the boxing.
        ["fmv.x.w.reg"] = (a, b, c, rm, ref f) => (ulong)(int)a,
    };

    private static ulong Bit(bool value) => value ? 1UL : 0UL;

    private static ulong Box(ulong a) => SoftFloat.Box<Binary32>(a);

    private static ulong Unbox(ulong register) => SoftFloat.Unbox<Binary32>(register);
}
