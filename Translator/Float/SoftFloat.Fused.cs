using System.Numerics;

namespace RvJit.Translator.Float;

public static partial class SoftFloat
{
    /// <summary>a * b + c, rounded once.</summary>
    public static ulong MulAdd<F>(ulong a, ulong b, ulong c, int rm, ref uint flags)
        where F : struct, IFloatFormat
    {
        int exponentA = Exponent<F>(a);
        int exponentB = Exponent<F>(b);
        int exponentC = Exponent<F>(c);
        int special = Layout<F>.SpecialExponent;
        if (exponentA == special || exponentB == special || exponentC == special)
            return MulAddSpecial<F>(a, b, c, ref flags);

        ulong sign = (a ^ b) >> Layout<F>.SignShift;
        ulong signC = c >> Layout<F>.SignShift;
        if (Magnitude<F>(a) == 0 || Magnitude<F>(b) == 0)
        {
            if (Magnitude<F>(c) == 0)
                return sign == signC ? c : ExactZero<F>(rm);
            return c;
        }

        // The product, exact, with its leading one at bit 126 of 128.
        ulong significandA = Normalise<F>(a, ref exponentA) << (62 - Layout<F>.FractionBits);
        ulong significandB = Normalise<F>(b, ref exponentB) << (63 - Layout<F>.FractionBits);
        ulong high = Math.BigMul(significandA, significandB, out ulong low);
        int exponent = exponentA + exponentB - Layout<F>.Bias + 1;
        if (high < 1UL << LeadingBit)
        {
            high = (high << 1) | (low >> 63);
            low <<= 1;
            exponent--;
        }

        if (Magnitude<F>(c) == 0)
            return RoundPack<F>(sign, exponent, high | (low == 0 ? 0UL : 1UL), rm, ref flags);

        // The addend at the same place; whichever is smaller moves right. Both have 20 zero bits and more at the
        // bottom, so a shift that loses anything is too long for the difference to cancel more than one bit.
        ulong highC = Normalise<F>(c, ref exponentC) << (LeadingBit - Layout<F>.FractionBits);
        ulong lowC = 0;
        int difference = exponent - exponentC;
        if (difference > 0)
        {
            ShiftRightJam(ref highC, ref lowC, difference);
        }
        else if (difference < 0)
        {
            ShiftRightJam(ref high, ref low, -difference);
            exponent = exponentC;
        }

        if (sign == signC)
        {
            ulong sum = low + lowC;
            high += highC + (sum < low ? 1UL : 0UL);
            high |= sum == 0 ? 0UL : 1UL;
            if ((long)high < 0)
            {
                high = (high >> 1) | (high & 1);
                exponent++;
            }

            return RoundPack<F>(sign, exponent, high, rm, ref flags);
        }

        ulong borrow = low < lowC ? 1UL : 0UL;
        low -= lowC;
        high = high - highC - borrow;
        if ((long)high < 0)
        {
            sign ^= 1;
            low = 0 - low;
            high = 0 - high - (low == 0 ? 0UL : 1UL);
        }

        if (high == 0)
        {
            if (low == 0)
                return ExactZero<F>(rm);
            high = low;
            low = 0;
            exponent -= 64;
        }

        int shift = BitOperations.LeadingZeroCount(high) - 1;
        if (shift > 0)
        {
            high = (high << shift) | (low >> (64 - shift));
            low <<= shift;
        }
        else if (shift < 0)
        {
            // The lower half has become the upper one, so nothing was jammed and the lowest 20 bits are zero.
            high >>= 1;
        }

        return RoundPack<F>(sign, exponent - shift, high | (low == 0 ? 0UL : 1UL), rm, ref flags);
    }

    private static ulong MulAddSpecial<F>(ulong a, ulong b, ulong c, ref uint flags)
        where F : struct, IFloatFormat
    {
        ulong infinity = Layout<F>.Infinity;
        bool invalidProduct = (Magnitude<F>(a) == infinity && Magnitude<F>(b) == 0)
            || (Magnitude<F>(a) == 0 && Magnitude<F>(b) == infinity);

        // Infinity times zero is invalid even when a quiet NaN is added to it.
        if (invalidProduct || IsSignalling<F>(a) || IsSignalling<F>(b) || IsSignalling<F>(c))
            return Invalid<F>(ref flags);
        if (IsNaN<F>(a) || IsNaN<F>(b) || IsNaN<F>(c))
            return Layout<F>.CanonicalNaN;
        if (Magnitude<F>(a) != infinity && Magnitude<F>(b) != infinity)
            return c;

        ulong product = ((a ^ b) & Layout<F>.Sign) | infinity;
        return Magnitude<F>(c) == infinity && c != product ? Invalid<F>(ref flags) : product;
    }

    /// <summary>Shifts 128 bits right, at least by one; what falls out is remembered in the lowest bit.</summary>
    private static void ShiftRightJam(ref ulong high, ref ulong low, int count)
    {
        if (count < 64)
        {
            ulong lost = low << (64 - count);
            low = (high << (64 - count)) | (low >> count) | (lost == 0 ? 0UL : 1UL);
            high >>= count;
        }
        else
        {
            low = ShiftRightJam(high, Math.Min(count - 64, 63)) | (low == 0 ? 0UL : 1UL);
            high = 0;
        }
    }
}
