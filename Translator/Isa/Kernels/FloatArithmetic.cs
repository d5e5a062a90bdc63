using System.Reflection;
using System.Reflection.Emit;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "F" and "D": computation, sign injection, comparison, classification, for either width.

public readonly struct FAdd<W> : IFloatKernel
    where W : struct, IFloatWidth
{
    public static FloatView Sources => W.View;

    public static FloatView Result => W.View;

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => W.Add(a, b, rm, ref flags);

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Binary(i, W.View, OpCodes.Add);
}

public readonly struct FSub<W> : IFloatKernel
    where W : struct, IFloatWidth
{
    public static FloatView Sources => W.View;

    public static FloatView Result => W.View;

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => W.Sub(a, b, rm, ref flags);

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Binary(i, W.View, OpCodes.Sub);
}

public readonly struct FMul<W> : IFloatKernel
    where W : struct, IFloatWidth
{
    public static FloatView Sources => W.View;

    public static FloatView Result => W.View;

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => W.Mul(a, b, rm, ref flags);

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Binary(i, W.View, OpCodes.Mul);
}

public readonly struct FDiv<W> : IFloatKernel
    where W : struct, IFloatWidth
{
    public static FloatView Sources => W.View;

    public static FloatView Result => W.View;

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => W.Div(a, b, rm, ref flags);

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Binary(i, W.View, OpCodes.Div);
}

public readonly struct FSqrt<W> : IFloatKernel
    where W : struct, IFloatWidth
{
    public static FloatView Sources => W.View;

    public static FloatView Result => W.View;

    public static int Reads => 1;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => W.Sqrt(a, rm, ref flags);

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.SquareRoot(i, W.View);
}

/// <summary>Which signs a fused multiply-add flips before it rounds once.</summary>
public interface IFusedSigns
{
    static abstract bool NegateProduct { get; }

    static abstract bool NegateAddend { get; }
}

public readonly struct Madd : IFusedSigns
{
    public static bool NegateProduct => false;

    public static bool NegateAddend => false;
}

public readonly struct Msub : IFusedSigns
{
    public static bool NegateProduct => false;

    public static bool NegateAddend => true;
}

public readonly struct Nmsub : IFusedSigns
{
    public static bool NegateProduct => true;

    public static bool NegateAddend => false;
}

public readonly struct Nmadd : IFusedSigns
{
    public static bool NegateProduct => true;

    public static bool NegateAddend => true;
}

public readonly struct FFused<W, S> : IFloatKernel
    where W : struct, IFloatWidth
    where S : struct, IFusedSigns
{
    public static FloatView Sources => W.View;

    public static FloatView Result => W.View;

    public static int Reads => 3;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        W.MulAdd(a, S.NegateProduct, b, c, S.NegateAddend, rm, ref flags);

    public static bool CanEmit(in Instruction i) =>
        i.RoundingMode == RoundingModes.Dynamic && System.Runtime.Intrinsics.X86.Fma.IsSupported;

    public static void Emit(RegionEmitter e, in Instruction i) =>
        e.Float.Fused(i, W.View, S.NegateProduct, S.NegateAddend);
}

public readonly struct FMin<W> : IFloatKernel
    where W : struct, IFloatWidth
{
    public static bool Rounds => false;

    public static FloatView Sources => W.View;

    public static FloatView Result => W.View;

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => W.Min(a, b, ref flags);

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.MinMax(i, W.View, max: false);
}

public readonly struct FMax<W> : IFloatKernel
    where W : struct, IFloatWidth
{
    public static bool Rounds => false;

    public static FloatView Sources => W.View;

    public static FloatView Result => W.View;

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => W.Max(a, b, ref flags);

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.MinMax(i, W.View, max: true);
}

public readonly struct FEq<W> : IFloatKernel
    where W : struct, IFloatWidth
{
    public static bool Rounds => false;

    public static bool ResultIsInteger => true;

    public static FloatView Sources => W.View;

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => W.Eq(a, b, ref flags) ? 1UL : 0;

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Compare(i, W.View, OpCodes.Ceq, negate: false);
}

public readonly struct FLt<W> : IFloatKernel
    where W : struct, IFloatWidth
{
    public static bool Rounds => false;

    public static bool ResultIsInteger => true;

    public static FloatView Sources => W.View;

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => W.Lt(a, b, ref flags) ? 1UL : 0;

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Compare(i, W.View, OpCodes.Clt, negate: false);
}

public readonly struct FLe<W> : IFloatKernel
    where W : struct, IFloatWidth
{
    public static bool Rounds => false;

    public static bool ResultIsInteger => true;

    public static FloatView Sources => W.View;

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => W.Le(a, b, ref flags) ? 1UL : 0;

    public static bool CanEmit(in Instruction i) => true;

    // NaNs have left by then, so a <= b is not (a > b).
    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Compare(i, W.View, OpCodes.Cgt, negate: true);
}

public readonly struct FClass<W> : IFloatKernel
    where W : struct, IFloatWidth
{
    private static readonly MethodInfo s_classify = typeof(W).GetMethod(nameof(IFloatWidth.Classify))!;

    public static bool Rounds => false;

    public static bool ResultIsInteger => true;

    public static FloatView Sources => W.View;

    public static int Reads => 1;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => W.Classify(a);

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i)
    {
        _ = W.Classify(0); // compiled now, not under the guest's floating-point flags
        e.Float.PushBits(i.Rs1);
        e.Il.Emit(OpCodes.Call, s_classify);
        e.StoreX(i.Rd);
    }
}

public interface ISignRule
{
    static abstract SignRule Rule { get; }
}

public readonly struct CopySign : ISignRule
{
    public static SignRule Rule => SignRule.Copy;
}

public readonly struct NegateSign : ISignRule
{
    public static SignRule Rule => SignRule.Negate;
}

public readonly struct XorSign : ISignRule
{
    public static SignRule Rule => SignRule.Xor;
}

public readonly struct FSgnj<W, R> : IFloatKernel
    where W : struct, IFloatWidth
    where R : struct, ISignRule
{
    public static bool Rounds => false;

    public static FloatView Sources => W.View;

    public static FloatView Result => W.View;

    public static int Reads => 2;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => W.SignInject(a, b, R.Rule);

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i)
    {
        _ = W.SignInject(0, 0, R.Rule); // compiled now, not under the guest's floating-point flags
        e.Float.SignInject(i, W.View, R.Rule);
    }
}
