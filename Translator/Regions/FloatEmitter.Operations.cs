using System.Reflection;
using System.Reflection.Emit;
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

    /// <summary>rd = rs1 op rs2</summary>
    public void Binary(in Instruction i, FloatView view, OpCode op)
    {
        RequireBoxes(i, view);
        Push(i.Rs1, view);
        Push(i.Rs2, view);
        Il.Emit(op);
        StoreUnlessNaN(i.Rd, view);
    }

    public void SquareRoot(in Instruction i, FloatView view)
    {
        RequireBoxes(i, view);
        Push(i.Rs1, view);
        _e.Call(view == FloatView.Double ? s_sqrt64 : s_sqrt32);
        StoreUnlessNaN(i.Rd, view);
    }

    /// <summary>rd = ±(rs1 · rs2) ± rs3, rounded once.</summary>
    public void Fused(in Instruction i, FloatView view, bool negateProduct, bool negateAddend)
    {
        RequireBoxes(i, view);
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
        RequireBoxes(i, view);
        LeaveIfNaN(i.Rs1, view);
        LeaveIfNaN(i.Rs2, view);
        Push(i.Rs1, view);
        Push(i.Rs2, view);
        _e.Call(view == FloatView.Double ? max ? s_max64 : s_min64 : max ? s_max32 : s_min32);
        Store(i.Rd, view);
    }

    public void Compare(in Instruction i, FloatView view, OpCode op, bool negate)
    {
        RequireBoxes(i, view);
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

    /// <summary>fmv, fneg, fabs.</summary>
    public void ChangeSign(in Instruction i, FloatView view, SignRule rule)
    {
        RequireBoxes(i, view);
        Push(i.Rs1, view);
        if (rule == SignRule.Negate)
            Il.Emit(OpCodes.Neg);
        else if (rule == SignRule.Xor)
            _e.Call(view == FloatView.Double ? s_abs64 : s_abs32);
        Store(i.Rd, view);
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
}
