using System.Runtime.CompilerServices;

namespace RvJit.Translator.Float;

/// <summary>A binary interchange format of IEEE 754: two widths say everything.</summary>
public interface IFloatFormat
{
    static abstract int ExponentBits { get; }

    static abstract int FractionBits { get; }
}

public readonly struct Binary16 : IFloatFormat
{
    public static int ExponentBits => 5;

    public static int FractionBits => 10;
}

public readonly struct Binary32 : IFloatFormat
{
    public static int ExponentBits => 8;

    public static int FractionBits => 23;
}

public readonly struct Binary64 : IFloatFormat
{
    public static int ExponentBits => 11;

    public static int FractionBits => 52;
}

/// <summary>What follows from the two widths. Everything here folds to a constant once the format is known.</summary>
public static class Layout<F>
    where F : struct, IFloatFormat
{
    public static int FractionBits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => F.FractionBits;
    }

    public static int SignShift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => F.FractionBits + F.ExponentBits;
    }

    /// <summary>The biased exponent of infinities and NaNs.</summary>
    public static int SpecialExponent
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (1 << F.ExponentBits) - 1;
    }

    public static int Bias
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (1 << (F.ExponentBits - 1)) - 1;
    }

    public static ulong Hidden
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 1UL << F.FractionBits;
    }

    public static ulong FractionMask
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (1UL << F.FractionBits) - 1;
    }

    public static ulong Sign
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 1UL << SignShift;
    }

    public static ulong Infinity
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (ulong)SpecialExponent << F.FractionBits;
    }

    /// <summary>The most significant fraction bit: set in quiet NaNs.</summary>
    public static ulong Quiet
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 1UL << (F.FractionBits - 1);
    }

    public static ulong CanonicalNaN
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Infinity | Quiet;
    }

    /// <summary>What stands above a value in a 64-bit register: all ones (manual, "NaN Boxing of Narrower Values").</summary>
    public static ulong Box
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ~(Sign | (Sign - 1));
    }
}
