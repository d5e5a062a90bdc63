using RvJit.Translator.Float;
using RvJit.Translator.Regions;
using static RvJit.Translator.Float.SoftFloat;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "F" and "Zfa": comparison, minimum and maximum, for every width.

public readonly struct FMin<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.IgnoresRm;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => Views.Of<F>();

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        Box<F>(Min<F>(Unbox<F>(a), Unbox<F>(b), ref flags));

    public static FloatUse Use => FloatUse.Selection;

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.MinMax(i, Views.Of<F>(), max: false);
}

public readonly struct FMax<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.IgnoresRm;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => Views.Of<F>();

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        Box<F>(Max<F>(Unbox<F>(a), Unbox<F>(b), ref flags));

    public static FloatUse Use => FloatUse.Selection;

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.MinMax(i, Views.Of<F>(), max: true);
}

public readonly struct FEq<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.ResultIsInteger | FloatTraits.IgnoresRm;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => FloatView.None;

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        Eq<F>(Unbox<F>(a), Unbox<F>(b), ref flags) ? 1UL : 0;

    public static FloatUse Use => FloatUse.Examination;

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Compare(i, Views.Of<F>(), FloatComparison.Equal);
}

public readonly struct FLt<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.ResultIsInteger | FloatTraits.IgnoresRm;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => FloatView.None;

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        Lt<F>(Unbox<F>(a), Unbox<F>(b), ref flags) ? 1UL : 0;

    public static FloatUse Use => FloatUse.Examination;

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Compare(i, Views.Of<F>(), FloatComparison.Less);
}

public readonly struct FLe<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.ResultIsInteger | FloatTraits.IgnoresRm;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => FloatView.None;

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        Le<F>(Unbox<F>(a), Unbox<F>(b), ref flags) ? 1UL : 0;

    public static FloatUse Use => FloatUse.Examination;

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Compare(i, Views.Of<F>(), FloatComparison.LessOrEqual);
}

/// <summary>fminm: a NaN operand makes the result NaN.</summary>
public readonly struct FMinM<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.IgnoresRm;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => Views.Of<F>();

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        Box<F>(Minimum<F>(Unbox<F>(a), Unbox<F>(b), ref flags));

    public static FloatUse Use => FloatUse.Selection;

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.MinMax(i, Views.Of<F>(), max: false);
}

/// <summary>fmaxm: a NaN operand makes the result NaN.</summary>
public readonly struct FMaxM<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.IgnoresRm;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => Views.Of<F>();

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        Box<F>(Maximum<F>(Unbox<F>(a), Unbox<F>(b), ref flags));

    public static FloatUse Use => FloatUse.Selection;

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.MinMax(i, Views.Of<F>(), max: true);
}

/// <summary>fleq: only a signalling NaN is invalid.</summary>
public readonly struct FLeQ<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.ResultIsInteger | FloatTraits.IgnoresRm;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => FloatView.None;

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        LeQuiet<F>(Unbox<F>(a), Unbox<F>(b), ref flags) ? 1UL : 0;

    public static FloatUse Use => FloatUse.Examination;

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Compare(i, Views.Of<F>(), FloatComparison.QuietLessOrEqual);
}

/// <summary>fltq: only a signalling NaN is invalid.</summary>
public readonly struct FLtQ<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.ResultIsInteger | FloatTraits.IgnoresRm;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => FloatView.None;

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        LtQuiet<F>(Unbox<F>(a), Unbox<F>(b), ref flags) ? 1UL : 0;

    public static FloatUse Use => FloatUse.Examination;

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Compare(i, Views.Of<F>(), FloatComparison.QuietLess);
}
