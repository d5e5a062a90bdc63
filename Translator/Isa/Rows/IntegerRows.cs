using System.Reflection;
using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Rows;

/// <summary>A row whose threaded handler does everything but leave: executing it precisely is running the handler.</summary>
public abstract class PlainRow(string name, string encoding, Operands operands) : Row(name, encoding, operands)
{
    public override unsafe bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        trap = default;
        StepOne.RunHandler(hart, this, i);
        return true;
    }

    /// <summary>
    /// The kernel, with all it calls compiled: the compiler must not run when a region first gets there, where the
    /// guest's floating-point flags may be live.
    /// </summary>
    protected static MethodInfo FindCompute<K>()
        where K : struct, IBinaryKernel
    {
        _ = K.Compute(1, 1);
        return typeof(K).GetMethod(nameof(IBinaryKernel.Compute))!;
    }
}

public sealed unsafe class RegRegRow<K>(string name, string encoding)
    : PlainRow(name, encoding, Operands.ReadsX1 | Operands.ReadsX2 | Operands.WritesX)
    where K : struct, IBinaryKernel
{
    private static MethodInfo? s_compute;

    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.RegReg<K>;

    public override bool TryGetSum(in Instruction i, ulong pc, out int source, out long addend)
    {
        source = i.Rs1 | i.Rs2;
        addend = 0;
        return typeof(K) == typeof(Add) && (i.Rs1 == 0 || i.Rs2 == 0);
    }

    public override bool TryGetShiftedSum(in Instruction i, out int shift)
    {
        shift = typeof(K) == typeof(Sh1add) ? 1 : typeof(K) == typeof(Sh2add) ? 2 : typeof(K) == typeof(Sh3add) ? 3 : 0;
        return shift != 0 || typeof(K) == typeof(Add);
    }

    public override bool JoinsBits => typeof(K) == typeof(Or) || typeof(K) == typeof(Xor) || typeof(K) == typeof(Add);

    public override ValueRange RangeOf(in Instruction i, ValueRange first, ValueRange second) => KernelRanges.Of<K>(first, second);

    public override LaneForm Lanes(in Instruction i) => KernelLanes.Of<K>();

    public override WordForm Words(in Instruction i) => K.Words(i.Rs1 == 0 ? 0 : null, i.Rs2 == 0 ? 0 : null);

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        var pair = new OperandPair(e, i.Rs1, i.Rs2, null);
        Pushed result = K.TryEmit(pair);
        e.StoreX(i.Rd, result != Pushed.Nothing ? result : pair.Call(s_compute ??= FindCompute<K>()));
    }
}

/// <param name="name">As in the manual.</param>
/// <param name="encoding">As in the manual.</param>
/// <param name="greatest">Immediates above it are reserved.</param>
public sealed unsafe class RegImmRow<K>(string name, string encoding, long greatest = long.MaxValue)
    : PlainRow(name, encoding, Operands.ReadsX1 | Operands.WritesX)
    where K : struct, IBinaryKernel
{
    private static MethodInfo? s_compute;

    public override bool IsReserved(in Instruction i) => i.Immediate > greatest;

    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.RegImm<K>;

    public override bool TryGetSum(in Instruction i, ulong pc, out int source, out long addend)
    {
        source = i.Rs1;
        addend = i.Immediate;
        return typeof(K) == typeof(Add);
    }

    public override bool TryGetWordSum(in Instruction i, out int source, out long addend)
    {
        source = i.Rs1;
        addend = i.Immediate;
        return typeof(K) == typeof(Addw);
    }

    public override ShiftForm Shift(in Instruction i)
    {
        bool word = typeof(K) == typeof(Sllw) || typeof(K) == typeof(Srlw) || typeof(K) == typeof(Sraw);
        ShiftKind kind = typeof(K) == typeof(Sll) || typeof(K) == typeof(Sllw) ? ShiftKind.Left
            : typeof(K) == typeof(Srl) || typeof(K) == typeof(Srlw) ? ShiftKind.Right
            : typeof(K) == typeof(Sra) || typeof(K) == typeof(Sraw) ? ShiftKind.RightSigned : ShiftKind.None;
        return new ShiftForm(kind, (int)i.Immediate, word);
    }

    public override ValueRange RangeOf(in Instruction i, ValueRange first, ValueRange second) =>
        KernelRanges.Of<K>(first, ValueRange.Only((ulong)i.Immediate));

    public override LaneForm Lanes(in Instruction i) => KernelLanes.Of<K>();

    public override WordForm Words(in Instruction i) => K.Words(i.Rs1 == 0 ? 0 : null, i.Immediate);

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        var pair = new OperandPair(e, i.Rs1, 0, i.Immediate);
        Pushed result = K.TryEmit(pair);
        e.StoreX(i.Rd, result != Pushed.Nothing ? result : pair.Call(s_compute ??= FindCompute<K>()));
    }
}

public sealed unsafe class UnaryRow<K>(string name, string encoding)
    : PlainRow(name, encoding, Operands.ReadsX1 | Operands.WritesX)
    where K : struct, IUnaryKernel
{
    private static MethodInfo? s_compute;

    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Unary<K>;

    public override WordForm Words(in Instruction i) => K.Words;

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        e.PushX(i.Rs1);
        foreach (OpCode op in K.Il)
            e.Il.Emit(op);
        if (K.Il.IsEmpty)
            e.Call(s_compute ??= FindUnary());
        e.StoreX(i.Rd);
    }

    private static MethodInfo FindUnary()
    {
        _ = K.Compute(1);
        return typeof(K).GetMethod(nameof(IUnaryKernel.Compute))!;
    }
}

public sealed unsafe class ByteSelectRow<K>(string name, string encoding)
    : PlainRow(name, encoding, Operands.ReadsX1 | Operands.ReadsX2 | Operands.WritesX)
    where K : struct, IByteSelectKernel
{
    private static MethodInfo? s_compute;

    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.ByteSelect<K>;

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        e.PushX(i.Rs1);
        e.PushX(i.Rs2);
        e.Il.Emit(OpCodes.Ldc_I4, (int)i.Immediate);
        e.Call(s_compute ??= FindByteSelect());
        e.StoreX(i.Rd);
    }

    private static MethodInfo FindByteSelect()
    {
        _ = K.Compute(1, 1, 1);
        return typeof(K).GetMethod(nameof(IByteSelectKernel.Compute))!;
    }
}

public sealed unsafe class LuiRow(string name, string encoding) : PlainRow(name, encoding, Operands.WritesX)
{
    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Lui;

    public override bool TryGetSum(in Instruction i, ulong pc, out int source, out long addend)
    {
        source = 0;
        addend = i.Immediate;
        return true;
    }

    public override WordForm Words(in Instruction i) => WordForm.FreeResult;

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        e.PushConstant(i.Immediate);
        e.StoreX(i.Rd);
    }
}

public sealed unsafe class AuipcRow(string name, string encoding) : Row(name, encoding, Operands.WritesX)
{
    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Auipc;

    public override bool TryGetSum(in Instruction i, ulong pc, out int source, out long addend)
    {
        source = 0;
        addend = (long)pc + i.Immediate;
        return true;
    }

    public override bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        trap = default;
        if (i.Rd != 0)
            hart.State->X[i.Rd] = hart.State->Pc + (ulong)i.Immediate;
        hart.State->Pc += i.Length;
        return true;
    }

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        e.PushConstant((long)e.Pc + i.Immediate);
        e.StoreX(i.Rd);
    }
}

public sealed unsafe class BranchRow<K>(string name, string encoding)
    : Row(name, encoding, Operands.ReadsX1 | Operands.ReadsX2, Flow.Branch)
    where K : struct, ICompareKernel
{
    /// <summary>The handler for a target in the same page; <see cref="Handler"/> reaches any page.</summary>
    public override nint NearHandler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.BranchNear<K>;

    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.BranchFar<K, WindowPolicy>;

    public override nint PagedHandler =>
        (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.BranchFar<K, TlbPolicy>;

    public override WordForm Words(in Instruction i) => WordForm.Compares;

    public override OpCode? Condition => K.Taken;

    public override bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        trap = default;
        HartState* st = hart.State;
        st->Pc += K.Test(st->X[i.Rs1], st->X[i.Rs2]) ? (ulong)i.Immediate : i.Length;
        return true;
    }

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        if (e.CompareAsWords(i.Rs1, i.Rs2))
        {
            e.PushWord(i.Rs1);
            e.PushWord(i.Rs2);
        }
        else
        {
            e.PushX(i.Rs1);
            e.PushX(i.Rs2);
        }

        e.BranchTo(K.Taken, e.Pc + (ulong)i.Immediate);
        e.GoOn(e.Pc + i.Length);
    }
}

public sealed unsafe class JalRow(string name, string encoding) : Row(name, encoding, Operands.WritesX, Flow.Jump)
{
    public override nint NearHandler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.JumpNear;

    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Jump<WindowPolicy>;

    public override nint PagedHandler =>
        (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Jump<TlbPolicy>;

    public override bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        trap = default;
        HartState* st = hart.State;
        ulong pc = st->Pc;
        if (i.Rd != 0)
            st->X[i.Rd] = pc + i.Length;
        st->Pc = pc + (ulong)i.Immediate;
        return true;
    }

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        if (i.Rd != 0)
        {
            e.PushConstant((long)(e.Pc + i.Length));
            e.StoreX(i.Rd);
        }

        e.JumpTo(e.Pc + (ulong)i.Immediate);
    }
}

public sealed unsafe class JalrRow(string name, string encoding)
    : Row(name, encoding, Operands.ReadsX1 | Operands.WritesX, Flow.JumpRegister)
{
    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.JumpRegister<WindowPolicy>;

    public override nint PagedHandler =>
        (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.JumpRegister<TlbPolicy>;

    public override bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        trap = default;
        HartState* st = hart.State;
        ulong target = (st->X[i.Rs1] + (ulong)i.Immediate) & ~1UL;
        if (i.Rd != 0)
            st->X[i.Rd] = st->Pc + i.Length;
        st->Pc = target;
        return true;
    }

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        e.PushX(i.Rs1);
        if (i.Immediate != 0)
        {
            e.PushConstant(i.Immediate);
            e.Il.Emit(OpCodes.Add);
        }

        e.PushConstant(-2);
        e.Il.Emit(OpCodes.And);
        e.Il.Emit(OpCodes.Stloc, e.TargetLocal);
        if (i.Rd != 0)
        {
            e.PushConstant((long)(e.Pc + i.Length));
            e.StoreX(i.Rd);
        }

        e.GoToRegister();
    }
}
