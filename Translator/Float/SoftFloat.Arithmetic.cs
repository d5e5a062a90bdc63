using System.Numerics;
using System.Runtime.CompilerServices;

namespace RvJit.Translator.Float;

public static partial class SoftFloat
{
    /// <summary>a + b. A subtraction is an addition of the negated operand (NaNs come out canonical whatever their
    /// sign). Written without branches on signs and sizes, which no branch predictor can learn.</summary>
    public static ulong Add<F>(ulong a, ulong b, int rm, ref uint flags)
        where F : struct, IFloatFormat
    {
        if (Exponent<F>(a) == Layout<F>.SpecialExponent || Exponent<F>(b) == Layout<F>.SpecialExponent)
            return AddSpecial<F>(a, b, ref flags);

        ulong swap = (a ^ b) & (ulong)((long)(Magnitude<F>(a) - Magnitude<F>(b)) >> 63);
        ulong large = a ^ swap;
        ulong small = b ^ swap;
        int exponentLarge = Exponent<F>(large);
        int exponentSmall = Exponent<F>(small);

        // Nine bits or more below the fraction, one above the leading bit for the carry. Subnormals need no
        // normalising: the sum is normalised anyway.
        ulong sum = (large & Layout<F>.FractionMask) | (exponentLarge != 0 ? Layout<F>.Hidden : 0);
        ulong addend = (small & Layout<F>.FractionMask) | (exponentSmall != 0 ? Layout<F>.Hidden : 0);
        sum <<= LeadingBit - 1 - Layout<F>.FractionBits;
        addend <<= LeadingBit - 1 - Layout<F>.FractionBits;
        exponentLarge = Math.Max(exponentLarge, 1);
        exponentSmall = Math.Max(exponentSmall, 1);
        addend = ShiftRightJam(addend, Math.Min(exponentLarge - exponentSmall, 63));

        ulong sign = large >> Layout<F>.SignShift;
        ulong negate = 0 - ((a ^ b) >> Layout<F>.SignShift);
        sum += (addend ^ negate) - negate;
        if (sum == 0)
            return negate == 0 ? a : ExactZero<F>(rm);

        int shift = BitOperations.LeadingZeroCount(sum) - 1;
        return RoundPack<F>(sign, exponentLarge + 1 - shift, sum << shift, rm, ref flags);
    }

    public static ulong Sub<F>(ulong a, ulong b, int rm, ref uint flags)
        where F : struct, IFloatFormat
        => Add<F>(a, Negate<F>(b), rm, ref flags);

    /// <summary>a * b.</summary>
    public static ulong Mul<F>(ulong a, ulong b, int rm, ref uint flags)
        where F : struct, IFloatFormat
    {
        int exponentA = Exponent<F>(a);
        int exponentB = Exponent<F>(b);
        ulong sign = (a ^ b) >> Layout<F>.SignShift;
        if (exponentA == Layout<F>.SpecialExponent || exponentB == Layout<F>.SpecialExponent)
            return MulSpecial<F>(a, b, ref flags);
        if (Magnitude<F>(a) == 0 || Magnitude<F>(b) == 0)
            return sign << Layout<F>.SignShift;

        ulong significandA = Normalise<F>(a, ref exponentA) << (62 - Layout<F>.FractionBits);
        ulong significandB = Normalise<F>(b, ref exponentB) << (63 - Layout<F>.FractionBits);
        ulong high = Math.BigMul(significandA, significandB, out ulong low);
        high |= low == 0 ? 0UL : 1UL;
        int exponent = exponentA + exponentB - Layout<F>.Bias + 1;
        if (high < 1UL << LeadingBit)
        {
            high <<= 1;
            exponent--;
        }

        return RoundPack<F>(sign, exponent, high, rm, ref flags);
    }

    /// <summary>a / b.</summary>
    public static ulong Div<F>(ulong a, ulong b, int rm, ref uint flags)
        where F : struct, IFloatFormat
    {
        int exponentA = Exponent<F>(a);
        int exponentB = Exponent<F>(b);
        ulong sign = (a ^ b) >> Layout<F>.SignShift;
        if (exponentA == Layout<F>.SpecialExponent || exponentB == Layout<F>.SpecialExponent)
            return DivSpecial<F>(a, b, ref flags);
        if (Magnitude<F>(b) == 0)
        {
            if (Magnitude<F>(a) == 0)
                return Invalid<F>(ref flags);
            flags |= FloatFlags.DivideByZero;
            return (sign << Layout<F>.SignShift) | Layout<F>.Infinity;
        }

        if (Magnitude<F>(a) == 0)
            return sign << Layout<F>.SignShift;

        ulong significandA = Normalise<F>(a, ref exponentA);
        ulong significandB = Normalise<F>(b, ref exponentB);
        int exponent = exponentA - exponentB + Layout<F>.Bias;
        significandA <<= LeadingBit - Layout<F>.FractionBits;
        ulong quotient;
        if (Layout<F>.FractionBits <= 23)
        {
            // A dividend of 63 bits leaves 15 bits and more below the quotient's fraction.
            (quotient, ulong remainder) = Math.DivRem(significandA, significandB);
            quotient |= remainder == 0 ? 0UL : 1UL;
            exponent += Layout<F>.FractionBits;
        }
        else
        {
            quotient = DivideHigh(significandA, significandB << (63 - Layout<F>.FractionBits));
            quotient = (quotient >> 1) | (quotient & 1);
        }

        int shift = BitOperations.LeadingZeroCount(quotient) - 1;
        return RoundPack<F>(sign, exponent - shift, quotient << shift, rm, ref flags);
    }

    /// <summary>high * 2^64 / divisor, jammed, for a divisor with bit 63 set and greater than high: schoolbook
    /// division in two digits of 32 bits (Knuth, volume 2, 4.3.1, algorithm D).</summary>
    private static ulong DivideHigh(ulong high, ulong divisor)
    {
        ulong first = DivideDigit(ref high, divisor);
        ulong second = DivideDigit(ref high, divisor);
        return (first << 32) | second | (high == 0 ? 0UL : 1UL);
    }

    /// <summary>One digit: the quotient of remainder * 2^32 by the divisor; the remainder is updated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong DivideDigit(ref ulong remainder, ulong divisor)
    {
        // Dividing by the divisor's upper half alone can only overestimate, by two at most.
        ulong upper = divisor >> 32;
        (ulong digit, ulong rest) = Math.DivRem(remainder, upper);
        rest <<= 32;
        ulong product = digit * (uint)divisor;
        if (product > rest)
        {
            digit--;
            rest += divisor;
            if (rest >= divisor && product > rest)
            {
                digit--;
                rest += divisor;
            }
        }

        remainder = rest - product;
        return digit;
    }

    private static ulong ExactZero<F>(int rm)
        where F : struct, IFloatFormat
        => rm == FloatRounding.Down ? Layout<F>.Sign : 0;

    private static ulong AddSpecial<F>(ulong a, ulong b, ref uint flags)
        where F : struct, IFloatFormat
    {
        if (IsNaN<F>(a) || IsNaN<F>(b))
            return PropagateNaN<F>(a, b, ref flags);
        if (Exponent<F>(a) != Layout<F>.SpecialExponent)
            return b;
        return Exponent<F>(b) != Layout<F>.SpecialExponent || a == b ? a : Invalid<F>(ref flags);
    }

    private static ulong MulSpecial<F>(ulong a, ulong b, ref uint flags)
        where F : struct, IFloatFormat
    {
        if (IsNaN<F>(a) || IsNaN<F>(b))
            return PropagateNaN<F>(a, b, ref flags);
        if (Magnitude<F>(a) == 0 || Magnitude<F>(b) == 0)
            return Invalid<F>(ref flags);
        return ((a ^ b) & Layout<F>.Sign) | Layout<F>.Infinity;
    }

    private static ulong DivSpecial<F>(ulong a, ulong b, ref uint flags)
        where F : struct, IFloatFormat
    {
        if (IsNaN<F>(a) || IsNaN<F>(b))
            return PropagateNaN<F>(a, b, ref flags);
        ulong sign = (a ^ b) & Layout<F>.Sign;
        if (Exponent<F>(a) != Layout<F>.SpecialExponent)
            return sign;
        return Exponent<F>(b) != Layout<F>.SpecialExponent ? sign | Layout<F>.Infinity : Invalid<F>(ref flags);
    }
}
