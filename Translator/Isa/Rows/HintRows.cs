using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Rows;

/// <summary>An instruction that may make things faster and here does nothing: ntl.*, prefetch.*.</summary>
public sealed unsafe class HintRow(string name, string encoding, Operands operands = Operands.None) : PlainRow(name, encoding, operands)
{
    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Nop;

    public override void Emit(RegionEmitter e, in Instruction i)
    {
    }
}

/// <summary>pause: what the hart waits for is another hart's work, which may need this host processor.</summary>
public sealed unsafe class PauseRow(string name, string encoding) : PlainRow(name, encoding, Operands.None)
{
    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Pause;

    public override void Emit(RegionEmitter e, in Instruction i) => e.Il.Emit(OpCodes.Call, typeof(Pausing).GetMethod(nameof(Pausing.Pause))!);
}

/// <summary>mop.r.n, mop.rr.n: writes 0 until another extension gives it a meaning.</summary>
public sealed unsafe class MayBeRow(string name, string encoding, Operands operands) : PlainRow(name, encoding, operands)
{
    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Lui;

    public override int PackImmediate(in Instruction i) => 0;

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        e.PushConstant(0);
        e.StoreX(i.Rd);
    }
}

/// <summary>
/// cbo.clean, cbo.flush, cbo.inval: the block may be loaded from or stored to, or the instruction faults as a store.
/// There are no caches to manage. Linux gives its programs no cbo.inval.
/// </summary>
public sealed class CacheBlockRow(string name, string encoding, CacheBlockOperation operation) : LeavingRow(name, encoding, Operands.ReadsX1)
{
    public override unsafe bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        HartState* st = hart.State;
        bool permitted = hart.Privileged?.Permits(operation) ?? operation != CacheBlockOperation.Invalidate;
        if (!permitted)
        {
            trap = new Trap(TrapCause.IllegalInstruction, i.Word);
            return false;
        }

        ulong block = st->X[i.Rs1] & ~(ulong)(ExtensionSet.CacheBlockBytes - 1);
        if (!hart.Memory.TryAtomic(block, ExtensionSet.CacheBlockBytes, Access.Read, out _, out trap)
            && !hart.Memory.TryAtomic(block, ExtensionSet.CacheBlockBytes, Access.Write, out _, out trap))
            return false;
        st->Pc += i.Length;
        return true;
    }
}
