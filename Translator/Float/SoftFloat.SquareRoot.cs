namespace RvJit.Translator.Float;

public static partial class SoftFloat
{
    /// <summary>floor(sqrt(n * 256)) for n from 64 to 255.</summary>
    private static ReadOnlySpan<byte> SmallRoots =>
    [
        128, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142,
        143, 144, 144, 145, 146, 147, 148, 149, 150, 150, 151, 152, 153, 154, 155, 155,
        156, 157, 158, 159, 160, 160, 161, 162, 163, 163, 164, 165, 166, 167, 167, 168,
        169, 170, 170, 171, 172, 173, 173, 174, 175, 176, 176, 177, 178, 178, 179, 180,
        181, 181, 182, 183, 183, 184, 185, 185, 186, 187, 187, 188, 189, 189, 190, 191,
        192, 192, 193, 193, 194, 195, 195, 196, 197, 197, 198, 199, 199, 200, 201, 201,
        202, 203, 203, 204, 204, 205, 206, 206, 207, 208, 208, 209, 209, 210, 211, 211,
        212, 212, 213, 214, 214, 215, 215, 216, 217, 217, 218, 218, 219, 219, 220, 221,
        221, 222, 222, 223, 224, 224, 225, 225, 226, 226, 227, 227, 228, 229, 229, 230,
        230, 231, 231, 232, 232, 233, 234, 234, 235, 235, 236, 236, 237, 237, 238, 238,
        239, 240, 240, 241, 241, 242, 242, 243, 243, 244, 244, 245, 245, 246, 246, 247,
        247, 248, 248, 249, 249, 250, 250, 251, 251, 252, 252, 253, 253, 254, 254, 255,
    ];

    /// <summary>The square root of a.</summary>
    public static ulong Sqrt<F>(ulong a, int rm, ref uint flags)
        where F : struct, IFloatFormat
    {
        int exponent = Exponent<F>(a);
        if (Magnitude<F>(a) == 0)
            return a;
        if (IsNaN<F>(a))
            return PropagateNaN<F>(a, a, ref flags);
        if ((a & Layout<F>.Sign) != 0)
            return Invalid<F>(ref flags);
        if (exponent == Layout<F>.SpecialExponent)
            return a;

        ulong significand = Normalise<F>(a, ref exponent);
        int power = exponent - Layout<F>.Bias;
        ulong radicand = significand << (LeadingBit - Layout<F>.FractionBits + (power & 1));
        uint root = Root64(radicand, out ulong remainder);

        // 32 bits of root are enough for a fraction of 23 with its rounding bits. An exact root never has more bits
        // than half the significand, so a remainder here is a remainder for good.
        ulong result = Layout<F>.FractionBits <= 23 ? (ulong)root << 31 : ExtendRoot(radicand, root, remainder) >> 1;
        return RoundPack<F>(0, (power >> 1) + Layout<F>.Bias, result | (remainder == 0 ? 0UL : 1UL), rm, ref flags);
    }

    /// <summary>The square root of n * 2^64, rounded down, from the root of n and its remainder.</summary>
    private static ulong ExtendRoot(ulong n, ulong root, ulong remainder)
    {
        ulong result = (root << 32) + ((remainder << 31) / root);
        ulong square = Math.BigMul(result, result, out ulong low);
        return square > n || (square == n && low != 0) ? result - 1 : result;
    }

    /// <summary>The square root of n, at least 2^62, rounded down, and what it leaves: a table for eight bits, then
    /// twice the digits with each division (Zimmermann, Karatsuba Square Root).</summary>
    private static uint Root64(ulong n, out ulong remainder)
    {
        uint top = (uint)(n >> 48);
        uint root = SmallRoots[(int)(top >> 8) - 64];
        uint rest = top - (root * root);
        if (rest > 2 * root)
        {
            rest -= (2 * root) + 1;
            root++;
        }

        (uint digit, rest) = Math.DivRem((rest << 8) | ((uint)(n >> 40) & 0xff), 2 * root);
        long left = ((long)rest << 8 | ((uint)(n >> 32) & 0xff)) - ((long)digit * digit);
        root = (root << 8) + digit;
        if (left < 0)
        {
            left += (2 * root) - 1;
            root--;
        }

        (ulong wide, ulong over) = Math.DivRem(((ulong)left << 16) | ((n >> 16) & 0xffff), 2UL * root);
        ulong full = ((ulong)root << 16) + wide;
        left = (long)((over << 16) | (n & 0xffff)) - (long)(wide * wide);
        if (left < 0)
        {
            left += (long)(2 * full) - 1;
            full--;
        }

        remainder = (ulong)left;
        return (uint)full;
    }
}
