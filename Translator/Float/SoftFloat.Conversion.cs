using System.Numerics;

namespace RvJit.Translator.Float;

public static partial class SoftFloat
{
    /// <summary>A float as a signed integer of the given width, sign-extended to 64 bits.</summary>
    public static ulong ToSigned<F>(ulong a, int width, int rm, ref uint flags)
        where F : struct, IFloatFormat
    {
        ulong limit = 1UL << (width - 1);
        bool negative = (a & Layout<F>.Sign) != 0;
        if (IsNaN<F>(a))
        {
            flags |= FloatFlags.Invalid;
            return limit - 1;
        }

        bool fits = ToMagnitude<F>(a, rm, out ulong integer, out ulong fraction);
        if (!fits || integer > limit - (negative ? 0UL : 1UL))
        {
            flags |= FloatFlags.Invalid;
            return negative ? 0 - limit : limit - 1;
        }

        if (fraction != 0)
            flags |= FloatFlags.Inexact;
        return negative ? 0 - integer : integer;
    }

    /// <summary>A float as an unsigned integer of the given width; a 32-bit result is sign-extended all the same.</summary>
    public static ulong ToUnsigned<F>(ulong a, int width, int rm, ref uint flags)
        where F : struct, IFloatFormat
    {
        bool negative = (a & Layout<F>.Sign) != 0;
        if (IsNaN<F>(a))
        {
            flags |= FloatFlags.Invalid;
            return ulong.MaxValue;
        }

        bool fits = ToMagnitude<F>(a, rm, out ulong integer, out ulong fraction);
        if (!fits || (negative && integer != 0) || (width == 32 && integer > uint.MaxValue))
        {
            flags |= FloatFlags.Invalid;
            return negative ? 0 : ulong.MaxValue;
        }

        if (fraction != 0)
            flags |= FloatFlags.Inexact;
        return width == 32 ? (ulong)(int)integer : integer;
    }

    /// <summary>
    /// A double as a signed 32-bit integer, truncated and modulo 2^32, sign-extended; flags as of a conversion that
    /// saturates (fcvtmod.w.d).
    /// </summary>
    public static ulong ToWordModulo(ulong a, ref uint flags)
    {
        ToSigned<Binary64>(a, 32, FloatRounding.TowardZero, ref flags);
        int exponent = Exponent<Binary64>(a);
        if (exponent == Layout<Binary64>.SpecialExponent)
            return 0;

        // The value is significand * 2^shift; left of bit 31 nothing counts.
        int shift = exponent - Layout<Binary64>.Bias - Layout<Binary64>.FractionBits;
        ulong significand = (a & Layout<Binary64>.FractionMask) | (exponent != 0 ? Layout<Binary64>.Hidden : 0);
        ulong magnitude = shift is <= -64 or >= 64 ? 0 : shift < 0 ? significand >> -shift : significand << shift;
        return (ulong)(int)((a & Layout<Binary64>.Sign) != 0 ? 0 - magnitude : magnitude);
    }

    /// <summary>A float rounded to an integer of its own format; inexact only when asked for.</summary>
    public static ulong RoundToIntegral<F>(ulong a, bool reportsInexact, int rm, ref uint flags)
        where F : struct, IFloatFormat
    {
        if (IsNaN<F>(a))
            return PropagateNaN<F>(a, a, ref flags);

        // From here on every number is an integer.
        if (Exponent<F>(a) >= Layout<F>.Bias + Layout<F>.FractionBits)
            return a;
        ToMagnitude<F>(a, rm, out ulong integer, out ulong fraction);
        if (reportsInexact && fraction != 0)
            flags |= FloatFlags.Inexact;
        uint none = 0;
        return CopySign<F>(FromUnsigned<F>(integer, rm, ref none), a);
    }

    public static ulong FromSigned<F>(long value, int rm, ref uint flags)
        where F : struct, IFloatFormat
        => value < 0
            ? FromMagnitude<F>(1, 0 - (ulong)value, rm, ref flags)
            : FromMagnitude<F>(0, (ulong)value, rm, ref flags);

    public static ulong FromUnsigned<F>(ulong value, int rm, ref uint flags)
        where F : struct, IFloatFormat
        => FromMagnitude<F>(0, value, rm, ref flags);

    /// <summary>A float of one format as a float of another.</summary>
    public static ulong Convert<TFrom, TTo>(ulong a, int rm, ref uint flags)
        where TFrom : struct, IFloatFormat
        where TTo : struct, IFloatFormat
    {
        int exponent = Exponent<TFrom>(a);
        ulong sign = a >> Layout<TFrom>.SignShift;
        if (exponent == Layout<TFrom>.SpecialExponent)
        {
            if (Magnitude<TFrom>(a) == Layout<TFrom>.Infinity)
                return (sign << Layout<TTo>.SignShift) | Layout<TTo>.Infinity;
            PropagateNaN<TFrom>(a, a, ref flags);
            return Layout<TTo>.CanonicalNaN;
        }

        if (Magnitude<TFrom>(a) == 0)
            return sign << Layout<TTo>.SignShift;

        ulong significand = Normalise<TFrom>(a, ref exponent) << (LeadingBit - Layout<TFrom>.FractionBits);
        return RoundPack<TTo>(sign, exponent - Layout<TFrom>.Bias + Layout<TTo>.Bias, significand, rm, ref flags);
    }

    /// <summary>
    /// The magnitude of a number, rounded to an integer; false when it needs more than 64 bits. What was rounded away
    /// is left in the fraction, scaled by 2^64 (and jammed).
    /// </summary>
    private static bool ToMagnitude<F>(ulong a, int rm, out ulong integer, out ulong fraction)
        where F : struct, IFloatFormat
    {
        int exponent = Exponent<F>(a);
        int power = exponent - Layout<F>.Bias;
        ulong significand = ((a & Layout<F>.FractionMask) | (exponent != 0 ? Layout<F>.Hidden : 0)) << (63 - Layout<F>.FractionBits);
        if (power > 63 || exponent == Layout<F>.SpecialExponent)
        {
            integer = 0;
            fraction = 0;
            return false;
        }

        if (power >= 0)
        {
            integer = significand >> (63 - power);
            fraction = power == 63 ? 0 : significand << (power + 1);
        }
        else
        {
            integer = 0;
            fraction = power == -1 ? significand : significand == 0 ? 0UL : 1UL;
        }

        bool negative = (a & Layout<F>.Sign) != 0;
        const ulong half = 1UL << 63;
        bool up = rm switch
        {
            FloatRounding.TowardZero => false,
            FloatRounding.Down => negative && fraction != 0,
            FloatRounding.Up => !negative && fraction != 0,
            FloatRounding.NearestMaxMagnitude => fraction >= half,
            _ => fraction > half || (fraction == half && (integer & 1) != 0),
        };
        integer += up ? 1UL : 0UL;
        return true;
    }

    private static ulong FromMagnitude<F>(ulong sign, ulong magnitude, int rm, ref uint flags)
        where F : struct, IFloatFormat
    {
        if (magnitude == 0)
            return 0;

        int shift = BitOperations.LeadingZeroCount(magnitude);
        ulong significand = magnitude << shift;
        significand = (significand >> 1) | (significand & 1);
        return RoundPack<F>(sign, Layout<F>.Bias + 63 - shift, significand, rm, ref flags);
    }
}
