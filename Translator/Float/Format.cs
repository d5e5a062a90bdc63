using System.Runtime.CompilerServices;

namespace RvJit.Translator.Float;

/// <summary>A binary interchange format of IEEE 754: two widths say everything.</summary>
internal interface IFloatFormat
{
    static abstract int ExponentBits { get; }

    static abstract int FractionBits { get; }
}

internal readonly struct Binary32 : IFloatFormat
{
    public static int ExponentBits => 8;

    public static int FractionBits => 23;
}

internal readonly struct Binary64 : IFloatFormat
{
    public static int ExponentBits => 11;

    public static int FractionBits => 52;
}

/// <summary>What follows from the two widths. Everything here folds to a constant once the format is known.</summary>
internal static class Layout<F>
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
}
