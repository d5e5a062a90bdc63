using RvJit.Machine;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Rows;

public sealed unsafe class FloatRow<K>(string name, string encoding, string? syntax = null)
    : Row(name, encoding, OperandsOf())
    where K : struct, IFloatKernel
{
    public override string? Syntax => syntax;

    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Float<K, WindowPolicy>;

    public override nint PagedHandler =>
        (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Float<K, TlbPolicy>;

    public override bool HandlesX0 => true;

    public override FloatView SourceView => K.Sources;

    public override FloatView ResultView => K.Result;

    public override bool IsExact => (K.Traits & FloatTraits.Exact) != 0;

    private static bool Rounds => (K.Traits & FloatTraits.IgnoresRm) == 0;

    public override int PackImmediate(in Instruction i) => i.Rs3 | (i.RoundingMode << 8);

    public override LaneForm Lanes(in Instruction i) => IsEmitted(i) ? KernelLanes.OfFloat<K>() : default;

    // Reserved rounding modes are illegal even where nothing is rounded.
    public override bool CanTranslate(in Instruction i) =>
        !(Rounds && i.RoundingMode is > RoundingModes.Highest and < RoundingModes.Dynamic);

    public override bool UsesFrm(in Instruction i) => Rounds && i.RoundingMode == RoundingModes.Dynamic;

    public override bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        HartState* st = hart.State;
        int rm = i.RoundingMode;
        if (Rounds && rm == RoundingModes.Dynamic)
            rm = (int)FloatingPointControl.ReadFrm(*st);
        if (Rounds && rm > RoundingModes.Highest)
        {
            trap = new Trap(TrapCause.IllegalInstruction, i.Word);
            return false;
        }

        trap = default;
        uint flags = 0;
        ulong a = (K.Traits & FloatTraits.FirstIsInteger) != 0 ? st->X[i.Rs1] : st->F[i.Rs1];
        ulong result = K.Compute(a, st->F[i.Rs2], st->F[i.Rs3], rm, ref flags);
        FloatingPointControl.AccrueFlags(ref *st, flags);
        if ((K.Traits & FloatTraits.ResultIsInteger) == 0)
            st->F[i.Rd] = result;
        else if (i.Rd != 0)
            st->X[i.Rd] = result;
        st->Pc += i.Length;
        return true;
    }

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        if (IsEmitted(i))
            K.Emit(e, i);
        else
            e.Float.Call<K>(i);
    }

    public override FloatUse FloatUse(in Instruction i) =>
        IsEmitted(i) ? K.Use
        : (K.Traits & FloatTraits.Plain) != 0 ? Regions.FloatUse.CalledBits : Regions.FloatUse.CalledArithmetic;

    private static bool IsEmitted(in Instruction i) =>
        FloatEnvironment.IsSupported && K.Sources != FloatView.Half && K.Result != FloatView.Half && K.CanEmit(i);

    private static Operands OperandsOf()
    {
        Operands o = (K.Traits & FloatTraits.ResultIsInteger) != 0 ? Operands.WritesX : Operands.WritesF;
        if ((K.Traits & FloatTraits.FirstIsInteger) != 0)
            return o | Operands.ReadsX1;
        o |= Operands.ReadsF1;
        if (K.Reads >= 2)
            o |= Operands.ReadsF2;
        if (K.Reads >= 3)
            o |= Operands.ReadsF3;
        return o;
    }
}
