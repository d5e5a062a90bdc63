using RvJit.Translator.Float;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "F" and "D": conversions and moves.

/// <summary>An integer type of a conversion.</summary>
public interface IIntegerType
{
    static abstract IntegerType Type { get; }
}

public enum IntegerType
{
    W,
    Wu,
    L,
    Lu,
}

public readonly struct W : IIntegerType
{
    public static IntegerType Type => IntegerType.W;
}

public readonly struct Wu : IIntegerType
{
    public static IntegerType Type => IntegerType.Wu;
}

public readonly struct L : IIntegerType
{
    public static IntegerType Type => IntegerType.L;
}

public readonly struct Lu : IIntegerType
{
    public static IntegerType Type => IntegerType.Lu;
}

public readonly struct FToInt<F, I> : IFloatKernel
    where F : struct, IFloatWidth
    where I : struct, IIntegerType
{
    public static bool ResultIsInteger => true;

    public static FloatView Sources => F.View;

    public static int Reads => 1;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => I.Type switch
    {
        IntegerType.W => F.ToW(a, rm, ref flags),
        IntegerType.Wu => F.ToWu(a, rm, ref flags),
        IntegerType.L => F.ToL(a, rm, ref flags),
        _ => F.ToLu(a, rm, ref flags),
    };

    public static bool CanEmit(in Instruction i) =>
        i.RoundingMode == RoundingModes.TowardZero && System.Runtime.Intrinsics.X86.Sse2.X64.IsSupported;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.ToInteger(i, F.View, I.Type);
}

public readonly struct FFromInt<F, I> : IFloatKernel
    where F : struct, IFloatWidth
    where I : struct, IIntegerType
{
    public static bool FirstIsInteger => true;

    public static FloatView Sources => FloatView.None;

    public static FloatView Result => F.View;

    public static int Reads => 0;

    public static bool Exact => F.View == FloatView.Double && I.Type is (IntegerType.W or IntegerType.Wu);

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => I.Type switch
    {
        IntegerType.W => F.FromW(a, rm, ref flags),
        IntegerType.Wu => F.FromWu(a, rm, ref flags),
        IntegerType.L => F.FromL(a, rm, ref flags),
        _ => F.FromLu(a, rm, ref flags),
    };

    // 64-bit integers to single precision could round twice on the host. fcvt.d.w and fcvt.d.wu are exact, so their rm
    // does not matter (assemblers write rne there).
    public static bool CanEmit(in Instruction i) => F.View == FloatView.Double
        ? i.RoundingMode == RoundingModes.Dynamic || I.Type is IntegerType.W or IntegerType.Wu
        : i.RoundingMode == RoundingModes.Dynamic && I.Type is IntegerType.W or IntegerType.Wu;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.FromInteger(i, F.View, I.Type);
}

public readonly struct FCvtSD : IFloatKernel
{
    public static FloatView Sources => FloatView.Double;

    public static FloatView Result => FloatView.Single;

    public static int Reads => 1;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        SoftFloat.Box32(SoftFloat.Float32FromFloat64(a, rm, ref flags));

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Resize(i, FloatView.Double, FloatView.Single);
}

public readonly struct FCvtDS : IFloatKernel
{
    public static FloatView Sources => FloatView.Single;

    public static FloatView Result => FloatView.Double;

    public static int Reads => 1;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) =>
        SoftFloat.Float64FromFloat32(SoftFloat.Unbox32(a), ref flags);

    public static bool Exact => true;

    // Widening is exact whatever rm says.
    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.Resize(i, FloatView.Single, FloatView.Double);
}

/// <summary>fmv.x.w: the low 32 bits whatever the box says, sign-extended.</summary>
public readonly struct FMvXW : IFloatKernel
{
    public static bool Rounds => false;

    public static bool ResultIsInteger => true;

    public static FloatView Sources => FloatView.Single;

    public static int Reads => 1;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => (ulong)(int)a;

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.MoveToInteger(i, FloatView.Single);
}

public readonly struct FMvXD : IFloatKernel
{
    public static bool Rounds => false;

    public static bool ResultIsInteger => true;

    public static FloatView Sources => FloatView.Double;

    public static int Reads => 1;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => a;

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.MoveToInteger(i, FloatView.Double);
}

public readonly struct FMvWX : IFloatKernel
{
    public static bool Rounds => false;

    public static bool FirstIsInteger => true;

    public static FloatView Sources => FloatView.None;

    public static FloatView Result => FloatView.Single;

    public static int Reads => 0;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => SoftFloat.Box32((uint)a);

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.MoveFromInteger(i, FloatView.Single);
}

public readonly struct FMvDX : IFloatKernel
{
    public static bool Rounds => false;

    public static bool FirstIsInteger => true;

    public static FloatView Sources => FloatView.None;

    public static FloatView Result => FloatView.Double;

    public static int Reads => 0;

    public static ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags) => a;

    public static bool CanEmit(in Instruction i) => true;

    public static void Emit(RegionEmitter e, in Instruction i) => e.Float.MoveFromInteger(i, FloatView.Double);
}
