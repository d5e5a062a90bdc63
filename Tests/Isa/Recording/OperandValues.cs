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

    /// <summary>Single precision in its box, two that are not boxed, and no NaN but signs of them.</summary>
    public static readonly ulong[] Singles =
    [
        .. new uint[]
        {
            0, 0x8000_0000, 0x3F80_0000, 0xBF80_0000, 0x3FC0_0000, 0x3F80_0001, 0x7F7F_FFFF, 0x0080_0000, 0x8000_0001,
            0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xFFC1_2345, 0x7F80_0001, 0x4F00_0000, 0x5F00_0000, 0xC2F6_E979,
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
    ];

    /// <summary>Values of fcsr: every rounding mode, and flags that must stay.</summary>
    public static readonly ulong[] RoundingModes = [0x00, 0x20, 0x40, 0x60, 0x80, 0x1F, 0x35];

    public static ulong Any(Random random) => random.Next(3) switch
    {
        0 => (ulong)random.NextInt64(),
        1 => (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64),
        _ => (ulong)(random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64)),
    };
}
