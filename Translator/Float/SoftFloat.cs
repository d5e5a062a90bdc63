using System.Numerics;
using System.Runtime.CompilerServices;

namespace RvJit.Translator.Float;

/// <summary>
/// Floating-point arithmetic, exact in every rounding mode and flag, in integer arithmetic alone: the oracle of the
/// host-arithmetic path and the way of everything that path cannot do.
/// <para>Operands and results are raw bits, without a box. Flags are accumulated, never cleared. The rounding mode is a
/// resolved one (<see cref="FloatRounding"/>; the caller has replaced DYN by frm and rejected reserved values). Every NaN
/// result is the canonical NaN.</para>
/// <para>Generic over the format: between unpacking and packing every format looks the same: a biased
/// exponent and a significand whose leading one is at bit 62, so that the value is
/// significand / 2^62 * 2^(exponent - bias), with everything below the fraction left for rounding and the lowest bit
/// sticky ("jammed": it is set when anything non-zero was shifted out).</para>
/// </summary>
public static partial class SoftFloat
{
    private const int LeadingBit = 62;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Exponent<F>(ulong bits)
        where F : struct, IFloatFormat
        => (int)(bits >> Layout<F>.FractionBits) & Layout<F>.SpecialExponent;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Magnitude<F>(ulong bits)
        where F : struct, IFloatFormat
        => bits & (Layout<F>.Sign - 1);

    /// <summary>The value of a register; anything not properly boxed reads as the canonical NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Unbox<F>(ulong register)
        where F : struct, IFloatFormat
        => register >= Layout<F>.Box ? register & ~Layout<F>.Box : Layout<F>.CanonicalNaN;

    /// <summary>A value as a 64-bit register holds it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Box<F>(ulong value)
        where F : struct, IFloatFormat
        => Layout<F>.Box | value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Negate<F>(ulong a)
        where F : struct, IFloatFormat
        => a ^ Layout<F>.Sign;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong CopySign<F>(ulong a, ulong b)
        where F : struct, IFloatFormat
        => Magnitude<F>(a) | (b & Layout<F>.Sign);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong XorSign<F>(ulong a, ulong b)
        where F : struct, IFloatFormat
        => a ^ (b & Layout<F>.Sign);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsNaN<F>(ulong bits)
        where F : struct, IFloatFormat
        => Magnitude<F>(bits) > Layout<F>.Infinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSignalling<F>(ulong bits)
        where F : struct, IFloatFormat
        => IsNaN<F>(bits) && (bits & Layout<F>.Quiet) == 0;

    /// <summary>The significand of a finite non-zero operand with its leading one at the hidden bit; a subnormal's
    /// exponent goes below one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Normalise<F>(ulong bits, ref int exponent)
        where F : struct, IFloatFormat
    {
        ulong fraction = bits & Layout<F>.FractionMask;
        if (exponent != 0)
            return fraction | Layout<F>.Hidden;

        int shift = BitOperations.LeadingZeroCount(fraction) - (63 - Layout<F>.FractionBits);
        exponent = 1 - shift;
        return fraction << shift;
    }

    /// <summary>Shifts right, by 63 at most; what falls out is remembered in the lowest bit. That is as good as a longer
    /// shift for a value below 2^63.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ShiftRightJam(ulong value, int count)
    {
        ulong lost = value & ((1UL << count) - 1);
        return (value >> count) | (lost == 0 ? 0UL : 1UL);
    }

    /// <summary>The result of an operation with a NaN operand: always the canonical NaN.</summary>
    private static ulong PropagateNaN<F>(ulong a, ulong b, ref uint flags)
        where F : struct, IFloatFormat
    {
        if (IsSignalling<F>(a) || IsSignalling<F>(b))
            flags |= FloatFlags.Invalid;
        return Layout<F>.CanonicalNaN;
    }

    private static ulong Invalid<F>(ref uint flags)
        where F : struct, IFloatFormat
    {
        flags |= FloatFlags.Invalid;
        return Layout<F>.CanonicalNaN;
    }

    /// <summary>What is added below the fraction so that truncation rounds as asked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong RoundIncrement(ulong sign, int rm, ulong half, ulong mask)
        => rm switch
        {
            FloatRounding.TowardZero => 0,
            FloatRounding.Down => sign != 0 ? mask : 0,
            FloatRounding.Up => sign != 0 ? 0 : mask,
            _ => half,
        };

    /// <summary>Rounds and packs. The significand's leading one is at bit 62; the exponent may be anything.</summary>
    private static ulong RoundPack<F>(ulong sign, int exponent, ulong significand, int rm, ref uint flags)
        where F : struct, IFloatFormat
    {
        int roundBits = LeadingBit - Layout<F>.FractionBits;
        ulong half = 1UL << (roundBits - 1);
        ulong mask = (1UL << roundBits) - 1;
        ulong increment = rm == FloatRounding.NearestEven ? half : RoundIncrement(sign, rm, half, mask);

        if ((uint)(exponent - 1) >= (uint)(Layout<F>.SpecialExponent - 2))
        {
            // The smallest or the largest exponent, or one out of range.
            if (exponent <= 0)
            {
                // Tininess after rounding: would the result, rounded as if the exponent had no lower bound, be subnormal?
                bool tiny = exponent < 0 || significand + increment < 1UL << 63;
                significand = ShiftRightJam(significand, Math.Min(1 - exponent, 63));
                exponent = 1;
                if (tiny && (significand & mask) != 0)
                    flags |= FloatFlags.Underflow;
            }
            else if (exponent >= Layout<F>.SpecialExponent || significand + increment >= 1UL << 63)
            {
                flags |= FloatFlags.Overflow | FloatFlags.Inexact;
                return (sign << Layout<F>.SignShift) | (Layout<F>.Infinity - (increment == 0 ? 1UL : 0UL));
            }
        }

        // A tie that goes to even takes back the lowest bit.
        ulong rest = significand & mask;
        ulong rounded = (significand + increment) >> roundBits;
        if (rest == half && rm == FloatRounding.NearestEven)
            rounded &= ~1UL;
        flags |= rest == 0 ? 0 : FloatFlags.Inexact;

        // The hidden bit and a carry out of the fraction add themselves to the exponent.
        return (sign << Layout<F>.SignShift) + ((ulong)(uint)(exponent - 1) << Layout<F>.FractionBits) + rounded;
    }
}
