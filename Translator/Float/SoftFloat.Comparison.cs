using System.Runtime.CompilerServices;

namespace RvJit.Translator.Float;

public static partial class SoftFloat
{
    public static bool Eq<F>(ulong a, ulong b, ref uint flags)
        where F : struct, IFloatFormat
    {
        if (IsNaN<F>(a) || IsNaN<F>(b))
        {
            PropagateNaN<F>(a, b, ref flags);
            return false;
        }

        return a == b || Magnitude<F>(a | b) == 0;
    }

    /// <summary>a &lt; b; a NaN is invalid.</summary>
    public static bool Lt<F>(ulong a, ulong b, ref uint flags)
        where F : struct, IFloatFormat
    {
        if (IsNaN<F>(a) || IsNaN<F>(b))
            flags |= FloatFlags.Invalid;
        return LtQuiet<F>(a, b, ref flags);
    }

    /// <summary>a &lt;= b; a NaN is invalid.</summary>
    public static bool Le<F>(ulong a, ulong b, ref uint flags)
        where F : struct, IFloatFormat
    {
        if (IsNaN<F>(a) || IsNaN<F>(b))
            flags |= FloatFlags.Invalid;
        return LeQuiet<F>(a, b, ref flags);
    }

    /// <summary>a &lt; b; only a signalling NaN is invalid.</summary>
    public static bool LtQuiet<F>(ulong a, ulong b, ref uint flags)
        where F : struct, IFloatFormat
    {
        if (IsNaN<F>(a) || IsNaN<F>(b))
        {
            PropagateNaN<F>(a, b, ref flags);
            return false;
        }

        return Order<F>(a) < Order<F>(b) && Magnitude<F>(a | b) != 0;
    }

    /// <summary>a &lt;= b; only a signalling NaN is invalid.</summary>
    public static bool LeQuiet<F>(ulong a, ulong b, ref uint flags)
        where F : struct, IFloatFormat
    {
        if (IsNaN<F>(a) || IsNaN<F>(b))
        {
            PropagateNaN<F>(a, b, ref flags);
            return false;
        }

        return Order<F>(a) <= Order<F>(b) || Magnitude<F>(a | b) == 0;
    }

    /// <summary>The lesser; of a NaN and a number the number (IEEE 754-2019, minimumNumber).</summary>
    public static ulong Min<F>(ulong a, ulong b, ref uint flags)
        where F : struct, IFloatFormat
    {
        if (IsNaN<F>(a) || IsNaN<F>(b))
            return NumberOf<F>(a, b, ref flags);
        return Order<F>(a) <= Order<F>(b) ? a : b;
    }

    /// <summary>The greater; of a NaN and a number the number (IEEE 754-2019, maximumNumber).</summary>
    public static ulong Max<F>(ulong a, ulong b, ref uint flags)
        where F : struct, IFloatFormat
    {
        if (IsNaN<F>(a) || IsNaN<F>(b))
            return NumberOf<F>(a, b, ref flags);
        return Order<F>(a) >= Order<F>(b) ? a : b;
    }

    /// <summary>The lesser; NaN when there is one (IEEE 754-2019, minimum).</summary>
    public static ulong Minimum<F>(ulong a, ulong b, ref uint flags)
        where F : struct, IFloatFormat
        => IsNaN<F>(a) || IsNaN<F>(b) ? PropagateNaN<F>(a, b, ref flags) : Min<F>(a, b, ref flags);

    /// <summary>The greater; NaN when there is one (IEEE 754-2019, maximum).</summary>
    public static ulong Maximum<F>(ulong a, ulong b, ref uint flags)
        where F : struct, IFloatFormat
        => IsNaN<F>(a) || IsNaN<F>(b) ? PropagateNaN<F>(a, b, ref flags) : Max<F>(a, b, ref flags);

    /// <summary>The class of a as one of ten bits, in the order of the manual's fclass table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Classify<F>(ulong a)
        where F : struct, IFloatFormat
    {
        if (IsNaN<F>(a))
            return IsSignalling<F>(a) ? 1UL << 8 : 1UL << 9;

        // Negative classes count down from infinity, positive ones count up to it.
        ulong magnitude = Magnitude<F>(a);
        int rank = magnitude == Layout<F>.Infinity ? 3
            : magnitude >= Layout<F>.Hidden ? 2
            : magnitude != 0 ? 1
            : 0;
        return 1UL << ((a & Layout<F>.Sign) != 0 ? 3 - rank : 4 + rank);
    }

    /// <summary>Numbers in their order as integers, with -0 just below +0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Order<F>(ulong bits)
        where F : struct, IFloatFormat
    {
        long negative = (long)(bits << (63 - Layout<F>.SignShift)) >> 63;
        return (long)Magnitude<F>(bits) ^ negative;
    }

    /// <summary>Of two operands with a NaN among them: the number if there is one.</summary>
    private static ulong NumberOf<F>(ulong a, ulong b, ref uint flags)
        where F : struct, IFloatFormat
    {
        ulong nan = PropagateNaN<F>(a, b, ref flags);
        return !IsNaN<F>(a) ? a : !IsNaN<F>(b) ? b : nan;
    }
}
