using System.Reflection;
using System.Runtime.CompilerServices;
using RvJit.Machine;
using RvJit.Translator.Float;
using RvJit.Translator.Isa.Kernels;

namespace RvJit.Translator.Regions;

/// <summary>Kernels as translated code calls them, under the guest's MXCSR.</summary>
internal static unsafe class FloatCall<K>
    where K : struct, IFloatKernel
{
    private static MethodInfo? s_rounding;

    /// <summary>
    /// <see cref="Rounding"/>, with all it calls compiled: the compiler computes in floating point, and where it runs under
    /// the guest's flags it leaves some of its own.
    /// </summary>
    public static MethodInfo PreparedRounding => s_rounding ??= Rehearse();

    /// <summary>A kernel of bits. Optimised at once, so that all of it is one method and nothing is left to compile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Plain(ulong a, ulong b)
    {
        uint none = 0;
        return K.Compute(a, b, 0, 0, ref none);
    }

    /// <summary>
    /// A kernel that may round and raise flags, which are merged when the region is left. What the runtime does behind its
    /// back must not meet another rounding mode than the host's (a thread that it starts inherits MXCSR).
    /// </summary>
    public static ulong Rounding(ulong a, ulong b, ulong c, int rm, HartState* st)
    {
        bool swap = FloatEnvironment.IsSupported && FloatingPointControl.ReadFrm(*st) != FloatRounding.NearestEven;
        if (swap)
            FloatEnvironment.Leave(st);
        if (rm == RoundingModes.Dynamic)
            rm = (int)FloatingPointControl.ReadFrm(*st);
        uint flags = 0;
        ulong result = K.Compute(a, b, c, rm, ref flags);
        if (flags != 0)
            FloatingPointControl.AccrueFlags(ref *st, flags);
        if (swap)
            FloatEnvironment.Enter(st);
        return result;
    }

    /// <summary>Goes through every part of the kernel once: each kind of operand with each, in each mode.</summary>
    private static MethodInfo Rehearse()
    {
        ulong[] operands = [.. Operands<Binary16>(), .. Operands<Binary32>(), .. Operands<Binary64>()];
        uint flags = 0;
        for (int n = 0; n < operands.Length * operands.Length * (RoundingModes.Highest + 1); n++)
        {
            ulong a = operands[n % operands.Length];
            ulong b = operands[n / operands.Length % operands.Length];
            ulong c = operands[(n / 2) % operands.Length];
            _ = K.Compute(a, b, c, n % (RoundingModes.Highest + 1), ref flags);
        }

        HartState state = default;
        FloatingPointControl.Write(ref state, 0);
        _ = Rounding(operands[0], operands[0], operands[0], RoundingModes.Dynamic, &state);
        return typeof(FloatCall<K>).GetMethod(nameof(Rounding))!;
    }

    /// <summary>Zero, the least subnormal, one, its negative, a neighbour, the greatest number, infinity, NaNs.</summary>
    private static ulong[] Operands<F>()
        where F : struct, IFloatFormat
    {
        ulong one = (ulong)Layout<F>.Bias << Layout<F>.FractionBits;
        ulong[] values = [0, 1, one, one | Layout<F>.Sign, one + 1, Layout<F>.Infinity - 1, Layout<F>.Infinity,
            Layout<F>.CanonicalNaN, Layout<F>.Infinity + 1];
        return [.. values.Select(SoftFloat.Box<F>)];
    }
}
