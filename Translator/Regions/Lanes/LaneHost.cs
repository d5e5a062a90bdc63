using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions.Lanes;

/// <summary>
/// Vectors of 32 bytes as host instructions: methods that RyuJIT knows, so that none is called when a region runs.
/// </summary>
internal static class LaneHost
{
    /// <summary>Size of a vector.</summary>
    public const int Bytes = 32;

    /// <summary>Whether the host has them.</summary>
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    /// <summary>The type of a vector of such elements.</summary>
    public static Type VectorOf(int width, bool isFloat) => typeof(Vector256<>).MakeGenericType(ElementOf(width, isFloat));

    /// <summary>Address to vector.</summary>
    public static MethodInfo Load(int width, bool isFloat) =>
        Find(typeof(Avx), nameof(Avx.LoadVector256), ElementOf(width, isFloat).MakePointerType());

    /// <summary>Address and vector to memory.</summary>
    public static MethodInfo Store(int width, bool isFloat) =>
        Find(typeof(Avx), nameof(Avx.Store), ElementOf(width, isFloat).MakePointerType(), VectorOf(width, isFloat));

    /// <summary>One element to all lanes.</summary>
    public static MethodInfo Share(int width, bool isFloat) =>
        Find(typeof(Vector256), nameof(Vector256.Create), ElementOf(width, isFloat));

    /// <summary>A number of bits, as int64, to what variable shifts take.</summary>
    public static MethodInfo Count(int width) =>
        Find(typeof(Vector128), nameof(Vector128.CreateScalar), ElementOf(width, isFloat: false));

    /// <summary>The type of that.</summary>
    public static Type CountType(int width) => typeof(Vector128<>).MakeGenericType(ElementOf(width, isFloat: false));

    /// <summary>An operation on vectors; a shift takes a vector and its count.</summary>
    public static MethodInfo Operation(LaneForm form, int width)
    {
        Type vector = VectorOf(width, form.IsFloat);
        return form.Operation switch
        {
            LaneOperation.Add => Find(typeof(Avx2), nameof(Avx2.Add), vector, vector),
            LaneOperation.Subtract => Find(typeof(Avx2), nameof(Avx2.Subtract), vector, vector),
            LaneOperation.And => Find(typeof(Avx2), nameof(Avx2.And), vector, vector),
            LaneOperation.Or => Find(typeof(Avx2), nameof(Avx2.Or), vector, vector),
            LaneOperation.Xor => Find(typeof(Avx2), nameof(Avx2.Xor), vector, vector),
            LaneOperation.Multiply => Find(typeof(Avx2), nameof(Avx2.MultiplyLow), vector, vector),
            LaneOperation.ShiftLeft => Find(typeof(Avx2), nameof(Avx2.ShiftLeftLogical), vector, CountType(width)),
            LaneOperation.ShiftRight => Find(typeof(Avx2), nameof(Avx2.ShiftRightLogical), vector, CountType(width)),
            LaneOperation.ShiftRightSigned => Find(typeof(Avx2), nameof(Avx2.ShiftRightArithmetic), vector, CountType(width)),
            LaneOperation.FloatAdd => Find(typeof(Avx), nameof(Avx.Add), vector, vector),
            LaneOperation.FloatSubtract => Find(typeof(Avx), nameof(Avx.Subtract), vector, vector),
            LaneOperation.FloatMultiply => Find(typeof(Avx), nameof(Avx.Multiply), vector, vector),
            LaneOperation.FloatDivide => Find(typeof(Avx), nameof(Avx.Divide), vector, vector),
            LaneOperation.FusedAdd => Find(typeof(Fma), nameof(Fma.MultiplyAdd), vector, vector, vector),
            LaneOperation.FusedSubtract => Find(typeof(Fma), nameof(Fma.MultiplySubtract), vector, vector, vector),
            LaneOperation.FusedNegatedAdd => Find(typeof(Fma), nameof(Fma.MultiplyAddNegated), vector, vector, vector),
            LaneOperation.FusedNegatedSubtract => Find(typeof(Fma), nameof(Fma.MultiplySubtractNegated), vector, vector, vector),
            _ => throw new ArgumentOutOfRangeException(nameof(form)),
        };
    }

    /// <summary>Two vectors of longs and a constant to any two of their halves (vperm2i128).</summary>
    public static MethodInfo Halves => Find(typeof(Avx2), nameof(Avx2.Permute2x128), Longs, Longs, typeof(byte));

    /// <summary>Two vectors of longs and a constant to the bytes from there on in the second and then the first, in each half (vpalignr).</summary>
    public static MethodInfo BytesFrom => Find(typeof(Avx2), nameof(Avx2.AlignRight), Longs, Longs, typeof(byte));

    public static MethodInfo FourLongs =>
        Find(typeof(Vector256), nameof(Vector256.Create), typeof(long), typeof(long), typeof(long), typeof(long));

    /// <summary>A vector of longs and a constant to one of them.</summary>
    public static MethodInfo Element => typeof(Vector256).GetMethod(nameof(Vector256.GetElement))!.MakeGenericMethod(typeof(long));

    private static Type Longs => typeof(Vector256<long>);

    /// <summary>Two vectors to all ones in lanes where either is NaN. Silent unless one is signalling.</summary>
    public static MethodInfo EitherIsNaN(int width)
    {
        Type vector = VectorOf(width, isFloat: true);
        return Find(typeof(Avx), nameof(Avx.CompareUnordered), vector, vector);
    }

    public static MethodInfo BitsOfBoth(int width)
    {
        Type vector = VectorOf(width, isFloat: true);
        return Find(typeof(Avx), nameof(Avx.Or), vector, vector);
    }

    /// <summary>A vector to the sign bits of its lanes.</summary>
    public static MethodInfo Signs(int width) => Find(typeof(Avx), nameof(Avx.MoveMask), VectorOf(width, isFloat: true));

    private static Type ElementOf(int width, bool isFloat) => width switch
    {
        sizeof(byte) => typeof(byte),
        sizeof(short) => typeof(short),
        sizeof(int) => isFloat ? typeof(float) : typeof(int),
        _ => isFloat ? typeof(double) : typeof(long),
    };

    private static MethodInfo Find(Type type, string name, params Type[] parameters) =>
        type.GetMethod(name, BindingFlags.Public | BindingFlags.Static, parameters)!;
}
