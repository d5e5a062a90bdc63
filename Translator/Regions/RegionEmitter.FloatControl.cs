using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Regions;

/// <summary>fflags, frm and fcsr among translated instructions.</summary>
public sealed partial class RegionEmitter
{
    /// <summary>Where an entry's registers are loaded.</summary>
    private readonly Dictionary<Block, Label> _entryStubs = [];

    /// <summary>Reads fflags, frm or fcsr into a register; leaves before the current instruction where the hart may not.</summary>
    /// <param name="rd">Which register.</param>
    /// <param name="csr">Which of the three.</param>
    internal void ReadFloatControl(int rd, int csr)
    {
        // frm is in the hart's state whether MXCSR is the guest's or not.
        PushState();
        Il.Emit(OpCodes.Ldc_I4, csr);
        Call(csr == Csr.Frm ? CsrReadKernel.Reader : FloatControlKernel.Reader);
        Il.Emit(OpCodes.Brfalse, LeaveHere());
        PushStateField(HartState.ScratchOffset);
        Il.Emit(OpCodes.Ldind_I8);
        StoreX(rd);
    }

    /// <summary>
    /// Writes fflags, frm or fcsr, with all registers in the hart's state before and after. RyuJIT knows nothing of rounding
    /// modes and flags: what it would take for the same as before, it has to load again.
    /// </summary>
    internal void ChangeFloatControl(in Instruction i, CsrOperation operation, bool immediate)
    {
        EmitSpill(WriteBackOf(_dirty));
        PushState();
        if (immediate)
            PushConstant(i.CsrImmediate);
        else
            PushX(i.Rs1);
        Il.Emit(OpCodes.Ldc_I4, (int)operation);
        Il.Emit(OpCodes.Ldc_I4, (int)i.Csr);
        Il.Emit(OpCodes.Ldc_I4, (int)i.Rd);
        Call(FloatControlKernel.Changer);
        Il.Emit(OpCodes.Brfalse, ColdExit(Pc, step: true, dirty: 0, _block.Instructions.Count - _index));
    }

    // After such an instruction: the next block's entry, or another region's.
    private void EnterNext()
    {
        if (_block.Next is not { IsEntry: true } next)
        {
            EmitChain(_block.End - _block.Instructions[^1].Length, _block.End, default);
            return;
        }

        if (MustPoll(_block, next))
            EmitPoll(ColdExit(next.Start, step: false, dirty: 0, uncount: 0));
        Il.Emit(OpCodes.Br, _entryStubs[next]);
    }
}
