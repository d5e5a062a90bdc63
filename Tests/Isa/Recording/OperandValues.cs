namespace RvJit.Tests.Isa.Recording;

/// <summary>Values that instructions are most likely to get wrong.</summary>
internal static class OperandValues
{
    public static readonly ulong[] Integers =
    [
        0, 1, ulong.MaxValue, 1UL << 63, long.MaxValue, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFFF_8000_0000,
        31, 32, 63, 64, 0x1234_5678_9ABC_DEF0,
    ];

    /// <summary>For operand pairs: every one with every one.</summary>
    public static readonly ulong[] FewIntegers = [0, 1, ulong.MaxValue, 1UL << 63, long.MaxValue, 0x8000_0000, 0x7FFF_FFFF];

    /// <summary>Integers between, at and next to numbers of each format.</summary>
    public static readonly ulong[] IntegersForFloats =
    [
        .. Integers, 2047, 2048, 2049, 2051, 65503, 65504, 65519, 65520, 0xFFFF_FFFF_FFFF_0010, (1 << 24) - 1, (1 << 24) + 1,
        (1 << 25) + 2, (1 << 25) + 6, 0x7FFF_FFBF, 0x7FFF_FFC0, 0xFFFF_FF80, (1UL << 53) + 1, (1UL << 54) + 2, (1UL << 54) + 6,
        0xFFDF_FFFF_FFFF_FFFF, 0x7FFF_FFFF_FFFF_FDFF, 0x7FFF_FFFF_FFFF_FE00, 0xFFFF_FFFF_FFFF_FBFF, 0xFFFF_FFFF_FFFF_FC00,
        0x7FFF_FFBF_FFFF_FFFF, 0x7FFF_FFC0_0000_0000, 0x8000_0040_0000_0001,
    ];

    /// <summary>Half precision in its box: zeros, subnormals, limits, halves and NaNs; and four that are not boxed.</summary>
    public static readonly ulong[] Halves =
    [
        .. new ushort[]
        {
            0, 0x8000, 1, 0x8001, 0x0200, 0x03FF, 0x83FF, 0x0400, 0x0401, 0x8400, 0x1400, 0x3555, 0x3800, 0xB800, 0x3801,
            0x3A00, 0x3BFF, 0x3C00, 0xBC00, 0x3C01, 0x3E00, 0xBE00, 0x4100, 0x4200, 0x4248, 0x63FF, 0x6400, 0x6801, 0x7800,
            0x7BFF, 0xFBFF, 0x7C00, 0xFC00, 0x7E00, 0xFE55, 0x7C01, 0xFD55,
        }.Select(bits => 0xFFFF_FFFF_FFFF_0000 | bits),
        0x3C00, 0xFFFF_FFFF_3F80_0000, 0xFFFF_FFFE_FFFF_3C00, 0x3FF0_0000_0000_0000,
    ];

    /// <summary>Single precision in its box, two that are not boxed, and no NaN but signs of them.</summary>
    public static readonly ulong[] Singles =
    [
        .. new uint[]
        {
            0, 0x8000_0000, 0x3F80_0000, 0xBF80_0000, 0x3FC0_0000, 0x3F80_0001, 0x7F7F_FFFF, 0x0080_0000, 0x8000_0001,
            0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xFFC1_2345, 0x7F80_0001, 0x4F00_0000, 0x5F00_0000, 0xC2F6_E979,

            // Halves, and the limits of integers.
            0x3F00_0000, 0xBF00_0000, 0x3EFF_FFFF, 0x4020_0000, 0xC020_0000, 0x4AFF_FFFF, 0xCB00_0001, 0x4EFF_FFFF,
            0xCF00_0000, 0x4F7F_FFFF, 0x4F80_0000, 0x5EFF_FFFF, 0xDF00_0000, 0x5F7F_FFFF, 0x5F80_0000,

            // The limits of half precision.
            0x477F_E000, 0x477F_EFFF, 0x477F_F000, 0xC780_0000, 0x3880_0000, 0x387F_F000, 0x387F_E000, 0x3300_0000,
            0x3300_0001, 0xB2FF_FFFF, 0x33C0_0000, 0x3F80_1000, 0x3F80_3000,
        }.Select(bits => 0xFFFF_FFFF_0000_0000 | bits),
        0x3FF0_0000_0000_0000,
        0xFFFF_FFFE_3F80_0000,
    ];

    public static readonly ulong[] Doubles =
    [
        0, 1UL << 63, 0x3FF0_0000_0000_0000, 0xBFF0_0000_0000_0000, 0x3FF8_0000_0000_0000, 0x3FF0_0000_0000_0001,
        0x7FEF_FFFF_FFFF_FFFF, 0x0010_0000_0000_0000, 0x8000_0000_0000_0001, 0x7FF0_0000_0000_0000,
        0xFFF0_0000_0000_0000, 0x7FF8_0000_0000_0000, 0xFFF8_0000_1234_5678, 0x7FF0_0000_0000_0001,
        0x41E0_0000_0000_0000, 0x43E0_0000_0000_0000, 0xC05E_DD2F_1A9F_BE77, 0x47EF_FFFF_F000_0000,
        0x3810_0000_0000_0001,

        // Halves, the limits of integers, and what modulo 2^32 leaves of larger ones.
        0x3FE0_0000_0000_0000, 0xBFE0_0000_0000_0000, 0x3FDF_FFFF_FFFF_FFFF, 0x4004_0000_0000_0000, 0xC004_0000_0000_0000,
        0x41DF_FFFF_FFC0_0000, 0x41DF_FFFF_FFE0_0000, 0xC1E0_0000_0010_0000, 0xC1E0_0000_0020_0000, 0x41EF_FFFF_FFE0_0000,
        0x41EF_FFFF_FFF0_0000, 0x41F0_0000_0000_0000, 0x43DF_FFFF_FFFF_FFFF, 0xC3E0_0000_0000_0000, 0x43EF_FFFF_FFFF_FFFF,
        0x43F0_0000_0000_0000, 0x432F_FFFF_FFFF_FFFF, 0x4340_0000_0000_0001, 0xC341_2345_6789_ABCD, 0x4350_0000_4000_0001,
        0x4530_0000_0000_0001, 0x4531_2345_8765_4321, 0x4540_0000_0000_0001,

        // The limits of half precision, and what would be rounded twice on the way through single precision.
        0x40EF_FC00_0000_0000, 0x40EF_FDFF_FFFF_FFFF, 0x40EF_FE00_0000_0000, 0x3F10_0000_0000_0000, 0x3F0F_FE00_0000_0000,
        0x3F0F_FC00_0000_0000, 0x3E60_0000_0000_0000, 0x3E60_0000_0000_0001, 0xBE5F_FFFF_FFFF_FFFF, 0x3FF0_0200_0000_0001,
        0x3FF0_01FF_FFFF_FFFF,

        // Boxes of smaller formats are NaNs.
        0xFFFF_FFFF_3F80_0000,
    ];

    /// <summary>Values of fcsr: every rounding mode, and flags that must stay.</summary>
    public static readonly ulong[] RoundingModes = [0x00, 0x20, 0x40, 0x60, 0x80, 0x1F, 0x35];

    /// <summary>Values of fcsr where the rounding mode does not come from it.</summary>
    public static readonly ulong[] Flags = [0x00, 0x5F];

    public static ulong Any(Random random) => random.Next(3) switch
    {
        0 => (ulong)random.NextInt64(),
        1 => (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64),
        _ => (ulong)(random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64)),
    };
}
