using System.Runtime.CompilerServices;
using RvJit.Translator.Float;
using RvJit.Translator.Regions;
using static RvJit.Translator.Float.SoftFloat;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "F": classification, sign injection and moves, for every width.

public readonly struct FClass<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.ResultIsInteger | FloatTraits.Plain | FloatTraits.IgnoresRm;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => FloatView.None;

    public static int Reads => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => Classify<F>(Unbox<F>(a));

    public static FloatUse Use => FloatUse.Examination;

    public static bool CanEmit(in Instruction i) => false;

    public static void Emit(RegionEmitter e, in Instruction i) => throw new NotSupportedException();
}

public enum SignRule
{
    Copy,
    Negate,
    Xor,
}

public interface ISignRule
{
    static abstract SignRule Rule { get; }
}

public readonly struct CopySign : ISignRule
{
    public static SignRule Rule => SignRule.Copy;
}

public readonly struct NegateSign : ISignRule
{
    public static SignRule Rule => SignRule.Negate;
}

public readonly struct XorSign : ISignRule
{
    public static SignRule Rule => SignRule.Xor;
}

public readonly struct FSgnj<F, R> : IFloatKernel
    where F : struct, IFloatFormat
    where R : struct, ISignRule
{
    public static FloatTraits Traits => FloatTraits.Plain | FloatTraits.IgnoresRm;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => Views.Of<F>();

    public static int Reads => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => Box<F>(R.Rule switch
    {
        SignRule.Copy => CopySign<F>(Unbox<F>(a), Unbox<F>(b)),
        SignRule.Negate => CopySign<F>(Unbox<F>(a), Negate<F>(Unbox<F>(b))),
        _ => XorSign<F>(Unbox<F>(a), Unbox<F>(b)),
    });

    public static FloatUse Use => R.Rule == SignRule.Negate ? FloatUse.Negation : FloatUse.Copy;

    // fmv, fneg, fabs
    public static bool CanEmit(in Instruction i) => i.Rs1 == i.Rs2;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.ChangeSign(i, Views.Of<F>(), R.Rule);
}

/// <summary>fmv.x.h, fmv.x.w, fmv.x.d: the low bits whatever the box says, sign-extended.</summary>
public readonly struct FMvToX<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.ResultIsInteger | FloatTraits.Plain | FloatTraits.IgnoresRm;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => FloatView.None;

    public static int Reads => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags)
    {
        int above = 63 - Layout<F>.SignShift;
        return (ulong)((long)(a << above) >> above);
    }

    public static FloatUse Use => FloatUse.ToBits;

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.MoveToInteger(i, Views.Of<F>());
}

/// <summary>fmv.h.x, fmv.w.x, fmv.d.x: the low bits, boxed.</summary>
public readonly struct FMvFromX<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.FirstIsInteger | FloatTraits.Plain | FloatTraits.IgnoresRm;

    public static FloatView Sources => FloatView.None;

    public static FloatView Result => Views.Of<F>();

    public static int Reads => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => Box<F>(a);

    public static FloatUse Use => FloatUse.FromBits;

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.MoveFromInteger(i, Views.Of<F>());
}
