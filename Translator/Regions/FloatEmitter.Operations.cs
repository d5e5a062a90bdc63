using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using RvJit.Machine;
using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Kernels;

namespace RvJit.Translator.Regions;

/// <summary>One method per shape of floating-point instruction.</summary>
public sealed partial class FloatEmitter
{
    private static readonly MethodInfo s_sqrt64 = Of<Func<double, double>>(Math.Sqrt);
    private static readonly MethodInfo s_sqrt32 = Of<Func<float, float>>(MathF.Sqrt);
    private static readonly MethodInfo s_fused64 = Of<Func<double, double, double, double>>(Math.FusedMultiplyAdd);
    private static readonly MethodInfo s_fused32 = Of<Func<float, float, float, float>>(MathF.FusedMultiplyAdd);
    private static readonly MethodInfo s_min64 = Of<Func<double, double, double>>(Math.Min);
    private static readonly MethodInfo s_min32 = Of<Func<float, float, float>>(MathF.Min);
    private static readonly MethodInfo s_max64 = Of<Func<double, double, double>>(Math.Max);
    private static readonly MethodInfo s_max32 = Of<Func<float, float, float>>(MathF.Max);
    private static readonly MethodInfo s_abs64 = Of<Func<double, double>>(Math.Abs);
    private static readonly MethodInfo s_abs32 = Of<Func<float, float>>(MathF.Abs);
    private static readonly MethodInfo s_scalar64 = Of<Func<double, Vector128<double>>>(Vector128.CreateScalarUnsafe);
    private static readonly MethodInfo s_scalar32 = Of<Func<float, Vector128<float>>>(Vector128.CreateScalarUnsafe);

    private LocalBuilder? _int32;
    private LocalBuilder? _int64;

    /// <summary>rd = rs1 op rs2</summary>
    public void Binary(in Instruction i, FloatView view, OpCode op)
    {
        Push(i.Rs1, view);
        Push(i.Rs2, view);
        Il.Emit(op);
        StoreUnlessNaN(i.Rd, view);
    }

    public void SquareRoot(in Instruction i, FloatView view)
    {
        Push(i.Rs1, view);
        _e.Call(view == FloatView.Double ? s_sqrt64 : s_sqrt32);
        StoreUnlessNaN(i.Rd, view);
    }

    /// <summary>rd = ±(rs1 · rs2) ± rs3, rounded once.</summary>
    public void Fused(in Instruction i, FloatView view, bool negateProduct, bool negateAddend)
    {
        Push(i.Rs1, view);
        if (negateProduct)
            Il.Emit(OpCodes.Neg);
        Push(i.Rs2, view);
        Push(i.Rs3, view);
        if (negateAddend)
            Il.Emit(OpCodes.Neg);
        _e.Call(view == FloatView.Double ? s_fused64 : s_fused32);
        StoreUnlessNaN(i.Rd, view);
    }

    public void MinMax(in Instruction i, FloatView view, bool max)
    {
        LeaveIfNaN(i.Rs1, view);
        LeaveIfNaN(i.Rs2, view);
        Push(i.Rs1, view);
        Push(i.Rs2, view);
        _e.Call(view == FloatView.Double ? max ? s_max64 : s_min64 : max ? s_max32 : s_min32);
        Store(i.Rd, view);
    }

    public void Compare(in Instruction i, FloatView view, OpCode op, bool negate)
    {
        LeaveIfNaN(i.Rs1, view);
        LeaveIfNaN(i.Rs2, view);
        Push(i.Rs1, view);
        Push(i.Rs2, view);
        Il.Emit(op);
        if (negate)
        {
            Il.Emit(OpCodes.Ldc_I4_0);
            Il.Emit(OpCodes.Ceq);
        }

        Il.Emit(OpCodes.Conv_U8);
        _e.StoreX(i.Rd);
    }

    public void SignInject(in Instruction i, FloatView view, SignRule rule)
    {
        if (i.Rs1 != i.Rs2)
        {
            // Bits: rd = sign-injected(rs1, rs2)
            PushBits(i.Rs1);
            PushBits(i.Rs2);
            Il.Emit(OpCodes.Ldc_I4, (int)rule);
            _e.Call(view == FloatView.Double ? SignInjectOf<F64>() : SignInjectOf<F32>());
            StoreBits(i.Rd);
            return;
        }

        // fmv, fneg, fabs
        Push(i.Rs1, view);
        if (rule == SignRule.Negate)
            Il.Emit(OpCodes.Neg);
        else if (rule == SignRule.Xor)
            _e.Call(view == FloatView.Double ? s_abs64 : s_abs32);
        Store(i.Rd, view);
    }

    /// <summary>Truncating conversion; what does not fit leaves and is saturated by the kernel.</summary>
    public void ToInteger(in Instruction i, FloatView view, IntegerType type)
    {
        if (type is IntegerType.Wu or IntegerType.Lu)
            LeaveUnlessBetween(i.Rs1, view, -1.0, type == IntegerType.Wu ? 4294967296.0 : 9223372036854775808.0);
        Push(i.Rs1, view);
        _e.Call(view == FloatView.Double ? s_scalar64 : s_scalar32);
        if (type == IntegerType.W)
        {
            _e.Call(view == FloatView.Double
                ? Of<Func<Vector128<double>, int>>(Sse2.ConvertToInt32WithTruncation)
                : Of<Func<Vector128<float>, int>>(Sse.ConvertToInt32WithTruncation));
            Il.Emit(OpCodes.Stloc, _int32 ??= Il.DeclareLocal(typeof(int)));
            Il.Emit(OpCodes.Ldloc, _int32);
            Il.Emit(OpCodes.Ldc_I4, int.MinValue);
            Il.Emit(OpCodes.Beq, _e.LeaveHere());
            Il.Emit(OpCodes.Ldloc, _int32);
            Il.Emit(OpCodes.Conv_I8);
            _e.StoreX(i.Rd);
            return;
        }

        _e.Call(view == FloatView.Double
            ? Of<Func<Vector128<double>, long>>(Sse2.X64.ConvertToInt64WithTruncation)
            : Of<Func<Vector128<float>, long>>(Sse.X64.ConvertToInt64WithTruncation));
        Il.Emit(OpCodes.Stloc, _int64 ??= Il.DeclareLocal(typeof(long)));
        Il.Emit(OpCodes.Ldloc, _int64);
        Il.Emit(OpCodes.Ldc_I8, long.MinValue);
        Il.Emit(OpCodes.Beq, _e.LeaveHere());
        Il.Emit(OpCodes.Ldloc, _int64);
        if (type == IntegerType.Wu)
        {
            Il.Emit(OpCodes.Conv_I4);
            Il.Emit(OpCodes.Conv_I8);
        }

        _e.StoreX(i.Rd);
    }

    public void FromInteger(in Instruction i, FloatView view, IntegerType type)
    {
        if (type == IntegerType.Lu)
        {
            _e.PushX(i.Rs1);
            _e.PushConstant(0);
            Il.Emit(OpCodes.Blt, _e.LeaveHere());
        }

        PassThroughMemory(i.Rs1, OpCodes.Ldind_I8);
        if (type == IntegerType.W)
            Il.Emit(OpCodes.Conv_I4);
        else if (type == IntegerType.Wu)
        {
            Il.Emit(OpCodes.Conv_U4);
            Il.Emit(OpCodes.Conv_U8);
        }

        Il.Emit(view == FloatView.Double ? OpCodes.Conv_R8 : OpCodes.Conv_R4);
        Store(i.Rd, view);
    }

    public void Resize(in Instruction i, FloatView from, FloatView to)
    {
        Push(i.Rs1, from);
        Il.Emit(to == FloatView.Double ? OpCodes.Conv_R8 : OpCodes.Conv_R4);
        StoreUnlessNaN(i.Rd, to);
    }

    public void MoveToInteger(in Instruction i, FloatView view)
    {
        PushBits(i.Rs1);
        if (view == FloatView.Single)
        {
            Il.Emit(OpCodes.Conv_I4);
            Il.Emit(OpCodes.Conv_I8);
        }

        _e.StoreX(i.Rd);
    }

    public void MoveFromInteger(in Instruction i, FloatView view)
    {
        PassThroughMemory(i.Rs1, view == FloatView.Double ? OpCodes.Ldind_R8 : OpCodes.Ldind_R4);
        Store(i.Rd, view);
    }

    private static MethodInfo SignInjectOf<T>()
        where T : struct, IFloatWidth => typeof(T).GetMethod(nameof(IFloatWidth.SignInject))!;

    /// <summary>
    /// Takes an integer register to the floating-point side through memory, so that RyuJIT cannot see a constant and
    /// fold the arithmetic done on it (flags would be lost and the rounding would be the compiler's).
    /// </summary>
    private void PassThroughMemory(int register, OpCode load)
    {
        _e.PushStateField(HartState.ScratchOffset);
        _e.PushX(register);
        Il.Emit(OpCodes.Volatile);
        Il.Emit(OpCodes.Stind_I8);
        _e.PushStateField(HartState.ScratchOffset);
        Il.Emit(OpCodes.Volatile);
        Il.Emit(load);
    }

    private void StoreBits(int register)
    {
        if (_isDouble[register])
        {
            _e.Call(s_bitsDouble);
        }
        else
        {
            Il.Emit(OpCodes.Conv_I4);
            _e.Call(s_bitsSingle);
        }

        Il.Emit(OpCodes.Stloc, F(register));
    }

    // tmp = result; if (tmp != tmp) leave; rd = tmp
    private void StoreUnlessNaN(int register, FloatView view)
    {
        LocalBuilder t = Temporary(view);
        Il.Emit(OpCodes.Stloc, t);
        Il.Emit(OpCodes.Ldloc, t);
        Il.Emit(OpCodes.Ldloc, t);
        Il.Emit(OpCodes.Bne_Un, _e.LeaveHere());
        Il.Emit(OpCodes.Ldloc, t);
        Store(register, view);
    }

    private void LeaveIfNaN(int register, FloatView view)
    {
        Push(register, view);
        Push(register, view);
        Il.Emit(OpCodes.Bne_Un, _e.LeaveHere());
    }

    // if (!(x > low && x < high)) leave
    private void LeaveUnlessBetween(int register, FloatView view, double low, double high)
    {
        Label leave = _e.LeaveHere();
        Push(register, view);
        PushReal(low, view);
        Il.Emit(OpCodes.Ble_Un, leave);
        Push(register, view);
        PushReal(high, view);
        Il.Emit(OpCodes.Bge_Un, leave);
    }

    private void PushReal(double value, FloatView view)
    {
        if (view == FloatView.Double)
            Il.Emit(OpCodes.Ldc_R8, value);
        else
            Il.Emit(OpCodes.Ldc_R4, (float)value);
    }
}
