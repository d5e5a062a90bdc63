using System.Numerics;

namespace RvJit.Translator.Isa.Kernels;

/// <summary>Bounds of results, for the operations that make indices of tables: masks, shifts, comparisons, sums.</summary>
internal static class KernelRanges
{
    public static ValueRange Of<K>(ValueRange a, ValueRange b)
        where K : struct, IBinaryKernel
    {
        if (typeof(K) == typeof(Slt) || typeof(K) == typeof(Sltu))
            return new ValueRange(0, 1);
        if (typeof(K) == typeof(And))
            return new ValueRange(0, Math.Min(a.High, b.High));
        if (typeof(K) == typeof(Or) || typeof(K) == typeof(Xor))
            return new ValueRange(0, ulong.MaxValue >> BitOperations.LeadingZeroCount(a.High | b.High | 1));
        if (typeof(K) == typeof(Srlw) && b is { IsSingle: true, Low: > 0 and < 32 } && a.High > int.MaxValue)
            return new ValueRange(0, uint.MaxValue >> (int)b.Low);
        return IsMonotone<K>(a, b) ? new ValueRange(K.Compute(a.Low, b.Low), K.Compute(a.High, b.High)) : ValueRange.Any;
    }

    /// <summary>Whether larger operands in these bounds give larger results: nothing wraps, no sign appears.</summary>
    private static bool IsMonotone<K>(ValueRange a, ValueRange b)
        where K : struct, IBinaryKernel
    {
        int shift = (int)b.Low;
        if (typeof(K) == typeof(Add))
            return a.High <= ulong.MaxValue - b.High;
        if (typeof(K) == typeof(Addw))
            return a.High <= int.MaxValue && b.High <= int.MaxValue && a.High + b.High <= int.MaxValue;
        if (typeof(K) == typeof(Srl))
            return b is { IsSingle: true, High: < 64 };
        if (typeof(K) == typeof(Sll))
            return b is { IsSingle: true, High: < 64 } && a.High <= ulong.MaxValue >> shift;
        if (typeof(K) == typeof(Srlw))
            return b is { IsSingle: true, High: < 32 } && a.High <= int.MaxValue;
        return typeof(K) == typeof(Sllw) && b is { IsSingle: true, High: < 32 } && a.High <= (ulong)int.MaxValue >> shift;
    }
}
