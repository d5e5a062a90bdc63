using System.Reflection;
using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Rows;

public sealed unsafe class LoadRow<K>(string name, string encoding)
    : Row(name, encoding, Operands.ReadsX1 | (K.Float ? Operands.WritesF : Operands.WritesX))
    where K : struct, ILoadKernel
{
    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Load<K, WindowPolicy>;

    public override nint PagedHandler =>
        (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Load<K, TlbPolicy>;

    public override MemoryShape Memory => new(K.Bytes, Writes: false);

    /// <summary>All bits set is the greatest value of an unsigned load, and negative for others.</summary>
    public override ValueRange RangeOf(in Instruction i, ValueRange first, ValueRange second)
    {
        ulong ones = ulong.MaxValue;
        return K.Float ? ValueRange.Any : new ValueRange(0, K.Load((byte*)&ones));
    }

    public override WordForm Words(in Instruction i) => K.IsWord ? WordForm.FreeResult : WordForm.None;

    public override FloatView ResultView => K.Float ? Views.OfBytes(K.Bytes) : FloatView.None;

    public override FloatUse FloatUse(in Instruction i) => Regions.FloatUse.FromBits;

    public override bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        HartState* st = hart.State;
        if (!hart.Memory.TryLoad(st->X[i.Rs1] + (ulong)i.Immediate, K.Bytes, out ulong raw, out trap))
            return false;
        ulong value = K.Load((byte*)&raw);
        if (K.Float)
            st->F[i.Rd] = value;
        else if (i.Rd != 0)
            st->X[i.Rd] = value;
        st->Pc += i.Length;
        return true;
    }

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        e.PushCheckedAddress(i, Memory);
        foreach (OpCode op in K.Il)
            e.Il.Emit(op);
        if (K.Float)
            e.Float.Store(i.Rd, ResultView);
        else
            e.StoreX(i.Rd);
    }
}

public sealed unsafe class StoreRow<K>(string name, string encoding)
    : Row(name, encoding, Operands.ReadsX1 | (K.Float ? Operands.ReadsF2 : Operands.ReadsX2))
    where K : struct, IStoreKernel
{
    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Store<K, WindowPolicy>;

    public override nint PagedHandler =>
        (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Store<K, TlbPolicy>;

    public override MemoryShape Memory => new(K.Bytes, Writes: true);

    public override WordForm Words(in Instruction i) => IsWord ? WordForm.Reads2 : WordForm.None;

    private static bool IsWord => !K.Float && K.Bytes <= sizeof(int);

    public override FloatView SourceView => K.Float ? Views.OfBytes(K.Bytes) : FloatView.None;

    public override FloatUse FloatUse(in Instruction i) => Regions.FloatUse.Store;

    public override bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        HartState* st = hart.State;
        ulong value = K.Float ? st->F[i.Rs2] : st->X[i.Rs2];
        if (!hart.Memory.TryStore(st->X[i.Rs1] + (ulong)i.Immediate, K.Bytes, value, out trap))
            return false;
        st->Pc += i.Length;
        return true;
    }

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        e.PushCheckedAddress(i, Memory);
        if (K.Float)
            e.Float.Push(i.Rs2, SourceView);
        else if (IsWord)
            e.PushWord(i.Rs2);
        else
            e.PushX(i.Rs2);
        e.Il.Emit(K.Il);
    }
}

/// <summary>fence: a full barrier where it orders an earlier store before a later load, a compiler barrier otherwise.</summary>
public sealed unsafe class FenceRow(string name, string encoding) : Row(name, encoding, Operands.None)
{
    private static readonly MethodInfo s_full = typeof(Interlocked).GetMethod(nameof(Interlocked.MemoryBarrier))!;
    private static readonly MethodInfo s_read = typeof(Volatile).GetMethod(nameof(Volatile.ReadBarrier))!;
    private static readonly MethodInfo s_write = typeof(Volatile).GetMethod(nameof(Volatile.WriteBarrier))!;

    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Fence;

    public override bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        trap = default;
        Interlocked.MemoryBarrier();
        hart.State->Pc += i.Length;
        return true;
    }

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        // imm: fm[11:8] pred[7:4] succ[3:0], each PI PO PR PW. fence.tso (fm 8) orders all but store-load.
        bool tso = (i.Immediate >> 8) == 8;
        bool storeThenLoad = (i.Immediate & 0x50) != 0 && (i.Immediate & 0x0A) != 0;
        if (storeThenLoad && !tso)
        {
            // Nobody sees the order while the hart is alone with its memory: if (state->Alone == 0) full barrier
            Label alone = e.Il.DefineLabel();
            e.PushStateField(HartState.AloneOffset);
            e.Il.Emit(OpCodes.Ldind_I4);
            e.Il.Emit(OpCodes.Brtrue, alone);
            e.Il.Emit(OpCodes.Call, s_full);
            e.Il.MarkLabel(alone);
            return;
        }

        e.Il.Emit(OpCodes.Call, s_read);
        e.Il.Emit(OpCodes.Call, s_write);
    }
}
