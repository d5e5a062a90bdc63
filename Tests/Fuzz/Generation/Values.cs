namespace RvJit.Fuzz.Generation;

/// <summary>Operands that instructions are most likely to get wrong.</summary>
internal static class Values
{
    private static readonly uint[] s_singles =
    [
        0, 0x8000_0000, 0x3F80_0000, 0xBF80_0000, 0x3F80_0001, 0x3F7F_FFFF, 0x7F7F_FFFF, 0x0080_0000, 0x8080_0000, 0x007F_FFFF,
        0x0000_0001, 0x8000_0001, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xFFC1_2345, 0x7F80_0001, 0xFFBF_FFFF, 0x4F00_0000,
        0x4F7F_FFFF, 0x4F80_0000, 0xCF00_0001, 0x5F00_0000, 0x5F7F_FFFF, 0xDF00_0000, 0x3F00_0000, 0x3EFF_FFFF, 0x4B00_0001,
        0x477F_E000, 0x477F_F000, 0x3880_0000, 0x3300_0000,
    ];

    private static readonly ulong[] s_doubles =
    [
        0, 1UL << 63, 0x3FF0_0000_0000_0000, 0xBFF0_0000_0000_0000, 0x3FF0_0000_0000_0001, 0x3FEF_FFFF_FFFF_FFFF,
        0x7FEF_FFFF_FFFF_FFFF, 0x0010_0000_0000_0000, 0x000F_FFFF_FFFF_FFFF, 1, 0x8000_0000_0000_0001, 0x7FF0_0000_0000_0000,
        0xFFF0_0000_0000_0000, 0x7FF8_0000_0000_0000, 0xFFF8_0000_1234_5678, 0x7FF0_0000_0000_0001, 0xFFF7_FFFF_FFFF_FFFF,
        0x41DF_FFFF_FFC0_0000, 0x41E0_0000_0000_0000, 0xC1E0_0000_0020_0000, 0x41EF_FFFF_FFE0_0000, 0x43E0_0000_0000_0000,
        0xC3E0_0000_0000_0000, 0x43EF_FFFF_FFFF_FFFF, 0x3FE0_0000_0000_0000, 0x3FDF_FFFF_FFFF_FFFF, 0x4330_0000_0000_0001,
        0x47EF_FFFF_E000_0000, 0x47EF_FFFF_F000_0000, 0x3810_0000_0000_0001, 0x380F_FFFF_FFFF_FFFF, 0x36A0_0000_0000_0000,
        0x40EF_FC00_0000_0000, 0x3F10_0000_0000_0000, 0x3E60_0000_0000_0000,
    ];

    private static readonly ushort[] s_halves =
    [
        0, 0x8000, 0x3C00, 0xBC00, 0x3C01, 0x3BFF, 0x7BFF, 0x0400, 0x03FF, 0x0001, 0x8001, 0x7C00, 0xFC00, 0x7E00, 0xFE01, 0x7C01, 0xFDFF,
        0x3800, 0x37FF, 0x6400, 0x6401,
    ];

    public static ulong Integer(Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                return (ulong)random.Next(-2, 3);
            case 1: // a power of two, or next to one
                return (random.Next(2) == 0 ? 0 : ulong.MaxValue) ^ ((1UL << random.Next(64)) + (ulong)random.Next(-1, 2));
            case 2: // limits of the narrower types
                return (ulong)(random.Next(2) == 0 ? int.MinValue : int.MaxValue) + (ulong)random.Next(-1, 2);
            case 3:
                return Bits(random) >> random.Next(64);
            case 4:
                return (ulong)((long)Bits(random) >> random.Next(64));
            default:
                return Bits(random);
        }
    }

    /// <summary>A register image: a double, a single or half in its box, or one whose box is damaged.</summary>
    public static ulong Float(Random random)
    {
        switch (random.Next(8))
        {
            case 0 or 1 or 2:
                return Double(random);
            case 3 or 4 or 5:
                return 0xFFFF_FFFF_0000_0000 | Single(random);
            case 6:
                return 0xFFFF_FFFF_FFFF_0000 | (random.Next(2) == 0 ? s_halves[random.Next(s_halves.Length)] : (ushort)Bits(random));
            default:
                return (0xFFFF_FFFF_0000_0000 ^ (1UL << random.Next(32, 64))) | Single(random);
        }
    }

    public static ulong Any(Random random) => random.Next(2) == 0 ? Integer(random) : Float(random);

    public static ulong Bits(Random random) => (ulong)random.NextInt64(long.MinValue, long.MaxValue);

    private static uint Single(Random random) => random.Next(4) switch
    {
        0 or 1 => s_singles[random.Next(s_singles.Length)],
        2 => (uint)Bits(random),
        _ => BitConverter.SingleToUInt32Bits(random.Next(-1000, 1000) / (float)(1 << random.Next(12))),
    };

    private static ulong Double(Random random) => random.Next(4) switch
    {
        0 or 1 => s_doubles[random.Next(s_doubles.Length)],
        2 => Bits(random),
        _ => BitConverter.DoubleToUInt64Bits(random.Next(-1000, 1000) / (double)(1 << random.Next(12))),
    };
}
