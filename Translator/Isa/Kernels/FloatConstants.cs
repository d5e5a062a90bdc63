using RvJit.Translator.Float;
using static RvJit.Translator.Float.SoftFloat;

namespace RvJit.Translator.Isa.Kernels;

/// <summary>What fli loads (unprivileged manual, "Zfa", table of immediate values).</summary>
public static class FloatConstants
{
    private const int Minimum = 1;
    private const int Infinity = 30;
    private const int NaN = 31;

    /// <summary>Numbers by the rs1 field; three are not the same number in every format and stand as NaN.</summary>
    public static IReadOnlyList<double> Numbers { get; } =
    [
        -1, double.NaN, 1.0 / 65536, 1.0 / 32768, 1.0 / 256, 1.0 / 128, 1.0 / 16, 1.0 / 8,
        0.25, 0.3125, 0.375, 0.4375, 0.5, 0.625, 0.75, 0.875,
        1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4,
        8, 16, 128, 256, 32768, 65536, double.NaN, double.NaN,
    ];

    /// <summary>The value as an assembler writes it: a name, or a number in hexadecimal as C's %a.</summary>
    public static string Text(int index) => index switch
    {
        Minimum => "min",
        Infinity => "inf",
        NaN => "nan",
        _ => HexadecimalOf(Numbers[index]),
    };

    internal static ulong RegisterOf<F>(int index)
        where F : struct, IFloatFormat
    {
        uint flags = 0;
        return Box<F>(index switch
        {
            Minimum => Layout<F>.Hidden, // the smallest normal number
            Infinity => Layout<F>.Infinity,
            NaN => Layout<F>.CanonicalNaN,
            _ => Convert<Binary64, F>(BitConverter.DoubleToUInt64Bits(Numbers[index]), FloatRounding.NearestEven, ref flags),
        });
    }

    /// <summary>Sign, leading 1, fraction in hexadecimal digits, power of two.</summary>
    private static string HexadecimalOf(double value)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(value);
        string digits = $"{bits & Layout<Binary64>.FractionMask:x13}".TrimEnd('0');
        int power = Math.ILogB(value);
        return $"{(value < 0 ? "-" : "")}0x1{(digits.Length == 0 ? "" : ".")}{digits}p{power:+0;-0}";
    }
}

/// <summary>The constants as registers hold them.</summary>
internal static class FloatConstants<F>
    where F : struct, IFloatFormat
{
    public static readonly ulong[] Registers =
        [.. Enumerable.Range(0, FloatConstants.Numbers.Count).Select(FloatConstants.RegisterOf<F>)];
}
