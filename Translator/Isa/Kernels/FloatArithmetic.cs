using System.Reflection.Emit;
using RvJit.Translator.Float;
using RvJit.Translator.Regions;
using static RvJit.Translator.Float.SoftFloat;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "F": computation, for every width.

public readonly struct FAdd<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.None;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => Views.Of<F>();

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        Box<F>(Add<F>(Unbox<F>(a), Unbox<F>(b), rm, ref flags));

    public static FloatUse Use => FloatUse.Arithmetic;

    public static bool CanEmit(in Instruction i) => i.RoundingMode == RoundingModes.Dynamic;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Binary(i, Views.Of<F>(), OpCodes.Add);
}

public readonly struct FSub<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.None;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => Views.Of<F>();

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        Box<F>(Sub<F>(Unbox<F>(a), Unbox<F>(b), rm, ref flags));

    public static FloatUse Use => FloatUse.Arithmetic;

    public static bool CanEmit(in Instruction i) => i.RoundingMode == RoundingModes.Dynamic;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Binary(i, Views.Of<F>(), OpCodes.Sub);
}

public readonly struct FMul<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.None;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => Views.Of<F>();

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        Box<F>(Mul<F>(Unbox<F>(a), Unbox<F>(b), rm, ref flags));

    public static FloatUse Use => FloatUse.Arithmetic;

    public static bool CanEmit(in Instruction i) => i.RoundingMode == RoundingModes.Dynamic;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Binary(i, Views.Of<F>(), OpCodes.Mul);
}

public readonly struct FDiv<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.None;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => Views.Of<F>();

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        Box<F>(Div<F>(Unbox<F>(a), Unbox<F>(b), rm, ref flags));

    public static FloatUse Use => FloatUse.Arithmetic;

    public static bool CanEmit(in Instruction i) => i.RoundingMode == RoundingModes.Dynamic;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Binary(i, Views.Of<F>(), OpCodes.Div);
}

public readonly struct FSqrt<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.None;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => Views.Of<F>();

    public static int Reads => 1;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        Box<F>(Sqrt<F>(Unbox<F>(a), rm, ref flags));

    public static FloatUse Use => FloatUse.Arithmetic;

    public static bool CanEmit(in Instruction i) => i.RoundingMode == RoundingModes.Dynamic;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.SquareRoot(i, Views.Of<F>());
}

/// <summary>Which signs a fused multiply-add flips before it rounds once.</summary>
public interface IFusedSigns
{
    static abstract bool NegateProduct { get; }

    static abstract bool NegateAddend { get; }
}

public readonly struct Madd : IFusedSigns
{
    public static bool NegateProduct => false;

    public static bool NegateAddend => false;
}

public readonly struct Msub : IFusedSigns
{
    public static bool NegateProduct => false;

    public static bool NegateAddend => true;
}

public readonly struct Nmsub : IFusedSigns
{
    public static bool NegateProduct => true;

    public static bool NegateAddend => false;
}

public readonly struct Nmadd : IFusedSigns
{
    public static bool NegateProduct => true;

    public static bool NegateAddend => true;
}

public readonly struct FFused<F, S> : IFloatKernel
    where F : struct, IFloatFormat
    where S : struct, IFusedSigns
{
    public static FloatTraits Traits => FloatTraits.None;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => Views.Of<F>();

    public static int Reads => 3;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        Box<F>(MulAdd<F>(
            S.NegateProduct ? Negate<F>(Unbox<F>(a)) : Unbox<F>(a),
            Unbox<F>(b),
            S.NegateAddend ? Negate<F>(Unbox<F>(c)) : Unbox<F>(c),
            rm,
            ref flags));

    public static FloatUse Use => FloatUse.NumericArithmetic;

    public static bool CanEmit(in Instruction i) =>
        i.RoundingMode == RoundingModes.Dynamic && System.Runtime.Intrinsics.X86.Fma.IsSupported;

    public static void Emit(RegionEmitter e, in Instruction i) =>
        e.Float.Fused(i, Views.Of<F>(), S.NegateProduct, S.NegateAddend);
}
