using System.Runtime.Intrinsics.X86;
using RvJit.Translator.Float;
using RvJit.Translator.Regions;
using static RvJit.Translator.Float.SoftFloat;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "F" and "Zfa": conversions and rounding to integers, for every width.

/// <summary>An integer type of a conversion.</summary>
public interface IIntegerType
{
    static abstract IntegerType Type { get; }
}

public enum IntegerType
{
    W,
    Wu,
    L,
    Lu,
}

public readonly struct W : IIntegerType
{
    public static IntegerType Type => IntegerType.W;
}

public readonly struct Wu : IIntegerType
{
    public static IntegerType Type => IntegerType.Wu;
}

public readonly struct L : IIntegerType
{
    public static IntegerType Type => IntegerType.L;
}

public readonly struct Lu : IIntegerType
{
    public static IntegerType Type => IntegerType.Lu;
}

public readonly struct FToInt<F, I> : IFloatKernel
    where F : struct, IFloatFormat
    where I : struct, IIntegerType
{
    public static FloatTraits Traits => FloatTraits.ResultIsInteger;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => FloatView.None;

    public static int Reads => 1;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => I.Type switch
    {
        IntegerType.W => ToSigned<F>(Unbox<F>(a), 32, rm, ref flags),
        IntegerType.Wu => ToUnsigned<F>(Unbox<F>(a), 32, rm, ref flags),
        IntegerType.L => ToSigned<F>(Unbox<F>(a), 64, rm, ref flags),
        _ => ToUnsigned<F>(Unbox<F>(a), 64, rm, ref flags),
    };

    public static FloatUse Use => FloatUse.Examination;

    public static bool CanEmit(in Instruction i) => i.RoundingMode switch
    {
        RoundingModes.TowardZero or RoundingModes.Dynamic => Sse2.X64.IsSupported,
        RoundingModes.Highest => false,
        _ => Sse41.X64.IsSupported,
    };

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.ToInteger(i, Views.Of<F>(), I.Type);
}

public readonly struct FFromInt<F, I> : IFloatKernel
    where F : struct, IFloatFormat
    where I : struct, IIntegerType
{
    public static FloatTraits Traits => FloatTraits.FirstIsInteger | (IsExact ? FloatTraits.Exact : FloatTraits.None);

    public static FloatView Sources => FloatView.None;

    public static FloatView Result => Views.Of<F>();

    public static int Reads => 0;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => Box<F>(I.Type switch
    {
        IntegerType.W => FromSigned<F>((int)a, rm, ref flags),
        IntegerType.Wu => FromUnsigned<F>((uint)a, rm, ref flags),
        IntegerType.L => FromSigned<F>((long)a, rm, ref flags),
        _ => FromUnsigned<F>(a, rm, ref flags),
    });

    public static FloatUse Use => FloatUse.FromInteger;

    public static bool CanEmit(in Instruction i) => Sse2.X64.IsSupported;

    // What needs no rounding is the same in every mode.
    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.FromInteger<FFromInt<F, I>>(
        i, Views.Of<F>(), I.Type, IsExact || i.RoundingMode == RoundingModes.Dynamic ? 64 : Layout<F>.FractionBits);

    private static bool IsExact => Layout<F>.FractionBits >= 32 && I.Type is IntegerType.W or IntegerType.Wu;
}

/// <summary>From one format to another.</summary>
public readonly struct FConvert<TFrom, TTo> : IFloatKernel
    where TFrom : struct, IFloatFormat
    where TTo : struct, IFloatFormat
{
    public static FloatTraits Traits => IsExact ? FloatTraits.Exact : FloatTraits.None;

    public static FloatView Sources => Views.Of<TFrom>();

    public static FloatView Result => Views.Of<TTo>();

    public static int Reads => 1;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        Box<TTo>(Convert<TFrom, TTo>(Unbox<TFrom>(a), rm, ref flags));

    public static FloatUse Use => FloatUse.Arithmetic;

    // Widening is exact whatever rm says.
    public static bool CanEmit(in Instruction i) => IsExact || i.RoundingMode == RoundingModes.Dynamic;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Resize(i, Views.Of<TFrom>(), Views.Of<TTo>());

    private static bool IsExact => Layout<TTo>.FractionBits > Layout<TFrom>.FractionBits;
}

/// <summary>fround: to an integer of the same format, silently.</summary>
public readonly struct FRound<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.None;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => Views.Of<F>();

    public static int Reads => 1;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        Box<F>(RoundToIntegral<F>(Unbox<F>(a), reportsInexact: false, rm, ref flags));

    public static FloatUse Use => FloatUse.Arithmetic;

    public static bool CanEmit(in Instruction i) => false;

    public static void Emit(RegionEmitter e, in Instruction i) => throw new NotSupportedException();
}

/// <summary>froundnx: to an integer of the same format; inexact when that is another number.</summary>
public readonly struct FRoundNx<F> : IFloatKernel
    where F : struct, IFloatFormat
{
    public static FloatTraits Traits => FloatTraits.None;

    public static FloatView Sources => Views.Of<F>();

    public static FloatView Result => Views.Of<F>();

    public static int Reads => 1;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        Box<F>(RoundToIntegral<F>(Unbox<F>(a), reportsInexact: true, rm, ref flags));

    public static FloatUse Use => FloatUse.Arithmetic;

    public static bool CanEmit(in Instruction i) => Sse41.IsSupported && i.RoundingMode != RoundingModes.Highest;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.RoundToIntegral(i, Views.Of<F>());
}

/// <summary>fcvtmod.w.d: truncated, modulo 2^32.</summary>
public readonly struct FToWordModulo : IFloatKernel
{
    public static FloatTraits Traits => FloatTraits.ResultIsInteger | FloatTraits.IgnoresRm;

    public static FloatView Sources => FloatView.Double;

    public static FloatView Result => FloatView.None;

    public static int Reads => 1;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => ToWordModulo(a, ref flags);

    public static FloatUse Use => FloatUse.Examination;

    public static bool CanEmit(in Instruction i) => false;

    public static void Emit(RegionEmitter e, in Instruction i) => throw new NotSupportedException();
}
