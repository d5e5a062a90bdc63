using RvJit.Machine;
using RvJit.Translator.Float;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Rows;

/// <summary>fli: one of 32 constants, chosen by the rs1 field.</summary>
public sealed unsafe class FloatConstantRow<F>(string name, string encoding) : Row(name, encoding, Operands.WritesF)
    where F : struct, IFloatFormat
{
    public override string? Syntax => "frd,constant";

    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.FloatConstant<F, WindowPolicy>;

    public override nint PagedHandler =>
        (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.FloatConstant<F, TlbPolicy>;

    public override int PackImmediate(in Instruction i) => i.Rs1;

    public override FloatView ResultView => Views.Of<F>();

    public override FloatUse FloatUse(in Instruction i) => Regions.FloatUse.FromBits;

    public override bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        trap = default;
        hart.State->F[i.Rd] = FloatConstants<F>.Registers[i.Rs1];
        hart.State->Pc += i.Length;
        return true;
    }

    public override void Emit(RegionEmitter e, in Instruction i) =>
        e.Float.Constant(i.Rd, ResultView, FloatConstants<F>.Registers[i.Rs1]);
}
