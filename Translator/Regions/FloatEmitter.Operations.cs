using System.Reflection;
using System.Reflection.Emit;
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
    private static readonly MethodInfo s_abs64 = Of<Func<double, double>>(Math.Abs);
    private static readonly MethodInfo s_abs32 = Of<Func<float, float>>(MathF.Abs);

    private LocalBuilder? _fused64;
    private LocalBuilder? _fused32;

    private LocalBuilder Fused64 => _fused64 ??= Il.DeclareLocal(typeof(double));

    private LocalBuilder Fused32 => _fused32 ??= Il.DeclareLocal(typeof(float));

    /// <summary>rd = rs1 op rs2</summary>
    public void Binary(in Instruction i, FloatView view, OpCode op)
    {
        Push(i.Rs1, view);
        Push(i.Rs2, view);
        Il.Emit(op);
        StoreResult(i.Rd, view);
    }

    public void SquareRoot(in Instruction i, FloatView view)
    {
        Push(i.Rs1, view);
        _e.Call(view == FloatView.Double ? s_sqrt64 : s_sqrt32);
        StoreResult(i.Rd, view);
    }

    /// <summary>
    /// rd = ±(rs1 · rs2) ± rs3, rounded once. With a NaN addend the host does not call infinity · 0 invalid. The result is
    /// NaN then, and every NaN as a result leaves: what the host has raised until then the guest raises, too.
    /// </summary>
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
        LocalBuilder result = view == FloatView.Double ? Fused64 : Fused32;
        Il.Emit(OpCodes.Stloc, result);
        Il.Emit(OpCodes.Ldloc, result);
        Il.Emit(OpCodes.Ldloc, result);
        Il.Emit(OpCodes.Bne_Un, _e.LeaveHere());
        Il.Emit(OpCodes.Ldloc, result);
        Store(i.Rd, view);
    }

    public void MinMax(in Instruction i, FloatView view, bool max)
    {
        LeaveIfNaN(i.Rs1);
        LeaveIfNaN(i.Rs2);
        Push(i.Rs1, view);
        Push(i.Rs2, view);
        _e.Call(HostOperations.Select(view, max));
        Store(i.Rd, view);
    }

    /// <summary>rd = rs1 compared with rs2: by the host's comparison of the same flags.</summary>
    public void Compare(in Instruction i, FloatView view, FloatComparison comparison)
    {
        Push(i.Rs1, view);
        Push(i.Rs2, view);
        _e.Call(HostOperations.Comparison(view, comparison));
        Il.Emit(OpCodes.Conv_U8);
        if (!DecidesBranch(i))
        {
            // A comparison of which nobody uses the result would vanish, and its flag.
            Il.Emit(OpCodes.Stloc, Int64);
            _e.PushStateField(HartState.ScratchOffset);
            Il.Emit(OpCodes.Ldloc, Int64);
            Il.Emit(OpCodes.Volatile);
            Il.Emit(OpCodes.Stind_I8);
            Il.Emit(OpCodes.Ldloc, Int64);
        }

        _e.StoreX(i.Rd);
    }

    /// <summary>fmv, fneg, fabs.</summary>
    public void ChangeSign(in Instruction i, FloatView view, SignRule rule)
    {
        Push(i.Rs1, view);
        if (rule == SignRule.Negate)
            Il.Emit(OpCodes.Neg);
        else if (rule == SignRule.Xor)
            _e.Call(view == FloatView.Double ? s_abs64 : s_abs32);
        Store(i.Rd, view);
    }

    /// <summary>Stores a result whose operation may raise flags: RyuJIT must not find it unused.</summary>
    private void StoreResult(int register, FloatView view)
    {
        Store(register, view);
        if (!_unused[_index])
            return;
        _e.PushStateField(HartState.ScratchOffset);
        Il.Emit(OpCodes.Ldloc, Local(register, view));
        Il.Emit(OpCodes.Volatile);
        Il.Emit(view == FloatView.Double ? OpCodes.Stind_R8 : OpCodes.Stind_R4);
    }

    /// <summary>Whether the next instruction with anything to do with the result is a branch on its being zero.</summary>
    private bool DecidesBranch(in Instruction i)
    {
        for (int k = _index + 1; k < _block.Instructions.Count && i.Rd != 0; k++)
        {
            Instruction next = _block.Instructions[k];
            bool reads = (DataFlow.Reads(next) & DataFlow.X(i.Rd)) != 0;
            if (reads || (DataFlow.Writes(next) & DataFlow.X(i.Rd)) != 0)
            {
                return reads && next.Row is { Flow: Flow.Branch, Name: "beq" or "bne" }
                    && (next.Rs1 == 0 || next.Rs2 == 0) && next.Immediate != next.Length;
            }
        }

        return false;
    }
}
