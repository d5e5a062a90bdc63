namespace RvJit.Tests.Float;

/// <summary>Operands for comparisons with the host: directed ones, and random ones that meet each other.</summary>
internal static class FloatOperands
{
    /// <summary>Zeros, subnormals, infinities, NaNs, the powers of two and their neighbours, in both signs.</summary>
    public static readonly uint[] Directed32 = [.. Directed(23, 8, 1).Select(a => (uint)a)];

    public static readonly ulong[] Directed64 = [.. Directed(52, 11, 11)];

    public static readonly uint[] Few32 = [.. Directed(23, 8, 12).Select(a => (uint)a)];

    public static readonly ulong[] Few64 = [.. Directed(52, 11, 100)];

    public static (uint A, uint B) Pair32(Random random)
    {
        (ulong a, ulong b) = Pair(random, 23, 8);
        return ((uint)a, (uint)b);
    }

    public static (ulong A, ulong B) Pair64(Random random) => Pair(random, 52, 11);

    public static uint Addend32(Random random, uint a, uint b) => (uint)Addend(random, a, b, 23, 8,
        BitConverter.SingleToUInt32Bits(-(BitConverter.UInt32BitsToSingle(a) * BitConverter.UInt32BitsToSingle(b))));

    public static ulong Addend64(Random random, ulong a, ulong b) => Addend(random, a, b, 52, 11,
        BitConverter.DoubleToUInt64Bits(-(BitConverter.UInt64BitsToDouble(a) * BitConverter.UInt64BitsToDouble(b))));

    private static IEnumerable<ulong> Directed(int fractionBits, int exponentBits, int step)
    {
        ulong sign = 1UL << (fractionBits + exponentBits);
        int special = (1 << exponentBits) - 1;
        int middle = special / 2;
        var magnitudes = new SortedSet<ulong> { 0, 1, 2, 3, (1UL << fractionBits) - 2 };
        for (int exponent = 1; exponent <= special; exponent++)
        {
            bool telling = exponent < 3 || exponent > special - 3 || Math.Abs(exponent - middle) < 2
                || exponent == middle + fractionBits || exponent == middle - fractionBits;
            if (!telling && exponent % step != 0)
                continue;
            ulong power = (ulong)exponent << fractionBits;
            magnitudes.UnionWith([power - 1, power, power + 1, power + (1UL << (fractionBits - 1))]);
        }

        return magnitudes.SelectMany(magnitude => new[] { magnitude, magnitude | sign });
    }

    /// <summary>Two operands: anything; of about the same size, for sums; or with a product or a quotient at the
    /// limits of the exponent.</summary>
    private static (ulong A, ulong B) Pair(Random random, int fractionBits, int exponentBits)
    {
        int special = (1 << exponentBits) - 1;
        int middle = special / 2;
        int a = random.Next(special + 1);
        int b = random.Next(6) switch
        {
            0 => a + random.Next(-2, 3),
            1 => a + random.Next(-fractionBits - 3, fractionBits + 4),
            2 => middle - a + random.Next(-fractionBits, 3),
            3 => a + middle + random.Next(-2, fractionBits),
            4 => (3 * middle) - a + random.Next(-2, 3),
            _ => random.Next(special + 1),
        };
        return (Pack(random, a, fractionBits, exponentBits), Pack(random, b, fractionBits, exponentBits));
    }

    private static ulong Addend(Random random, ulong a, ulong b, int fractionBits, int exponentBits, ulong negatedProduct)
    {
        int special = (1 << exponentBits) - 1;
        int exponent = (int)((a >> fractionBits) & (ulong)special) + (int)((b >> fractionBits) & (ulong)special) - (special / 2);
        return random.Next(4) switch
        {
            0 => negatedProduct ^ (ulong)random.Next(4),
            1 => Pack(random, exponent + random.Next(-3, 4), fractionBits, exponentBits),
            2 => Pack(random, exponent + random.Next(-2 * fractionBits, 2 * fractionBits), fractionBits, exponentBits),
            _ => Pack(random, random.Next(special + 1), fractionBits, exponentBits),
        };
    }

    private static ulong Pack(Random random, int exponent, int fractionBits, int exponentBits)
    {
        ulong bits = (ulong)random.NextInt64();
        ulong fraction = random.Next(5) switch
        {
            0 => 1UL << random.Next(fractionBits) | 1UL << random.Next(fractionBits),
            1 => ~(1UL << random.Next(fractionBits) | 1UL << random.Next(fractionBits)),
            2 => bits << random.Next(fractionBits),
            _ => bits,
        };
        exponent = Math.Clamp(exponent, 0, (1 << exponentBits) - 1);
        return (ulong)random.Next(2) << (fractionBits + exponentBits)
            | (ulong)exponent << fractionBits
            | (fraction & ((1UL << fractionBits) - 1));
    }
}
