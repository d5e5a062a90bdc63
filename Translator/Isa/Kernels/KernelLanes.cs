using F32 = RvJit.Translator.Float.Binary32;
using F64 = RvJit.Translator.Float.Binary64;

namespace RvJit.Translator.Isa.Kernels;

/// <summary>Which kernels are operations on the elements of vectors, and of what size.</summary>
internal static class KernelLanes
{
    private const int Word = sizeof(int);
    private const int Long = sizeof(long);

    /// <summary>Sums, differences and products have the right low bytes whatever is above; 64-bit ones of words do not.</summary>
    private const int UpToWord = 1 | 2 | Word;

    public static LaneForm Of<K>()
        where K : struct, IBinaryKernel
        => typeof(K) == typeof(Add) ? new(LaneOperation.Add, LaneForm.AnyWidth)
        : typeof(K) == typeof(Sub) ? new(LaneOperation.Subtract, LaneForm.AnyWidth)
        : typeof(K) == typeof(And) ? new(LaneOperation.And, LaneForm.AnyWidth)
        : typeof(K) == typeof(Or) ? new(LaneOperation.Or, LaneForm.AnyWidth)
        : typeof(K) == typeof(Xor) ? new(LaneOperation.Xor, LaneForm.AnyWidth)
        : typeof(K) == typeof(Addw) ? new(LaneOperation.Add, UpToWord)
        : typeof(K) == typeof(Subw) ? new(LaneOperation.Subtract, UpToWord)
        : typeof(K) == typeof(Mul) || typeof(K) == typeof(Mulw) ? new(LaneOperation.Multiply, Word)
        : typeof(K) == typeof(Sll) ? new(LaneOperation.ShiftLeft, Long)
        : typeof(K) == typeof(Srl) ? new(LaneOperation.ShiftRight, Long)
        : typeof(K) == typeof(Sllw) ? new(LaneOperation.ShiftLeft, Word)
        : typeof(K) == typeof(Srlw) ? new(LaneOperation.ShiftRight, Word)
        : typeof(K) == typeof(Sraw) ? new(LaneOperation.ShiftRightSigned, Word)
        : default;

    public static LaneForm OfFloat<K>()
        where K : struct, IFloatKernel
        => OfFormat<K, F32>(Word) is { Operation: not LaneOperation.None } single ? single : OfFormat<K, F64>(Long);

    private static LaneForm OfFormat<K, F>(int bytes)
        where K : struct, IFloatKernel
        where F : struct, Float.IFloatFormat
        => new(
            typeof(K) == typeof(FAdd<F>) ? LaneOperation.FloatAdd
            : typeof(K) == typeof(FSub<F>) ? LaneOperation.FloatSubtract
            : typeof(K) == typeof(FMul<F>) ? LaneOperation.FloatMultiply
            : typeof(K) == typeof(FDiv<F>) ? LaneOperation.FloatDivide
            : typeof(K) == typeof(FFused<F, Madd>) ? LaneOperation.FusedAdd
            : typeof(K) == typeof(FFused<F, Msub>) ? LaneOperation.FusedSubtract
            : typeof(K) == typeof(FFused<F, Nmsub>) ? LaneOperation.FusedNegatedAdd
            : typeof(K) == typeof(FFused<F, Nmadd>) ? LaneOperation.FusedNegatedSubtract
            : LaneOperation.None,
            bytes);
}
