using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Isa.Kernels;

namespace RvJit.Translator.Regions;

/// <summary>Reading counters among translated instructions.</summary>
public sealed partial class RegionEmitter
{
    /// <summary>Reads a counter into a register; leaves before the current instruction where the hart may not.</summary>
    /// <param name="rd">Which register.</param>
    /// <param name="csr">cycle, time or instret.</param>
    public void ReadCounter(int rd, int csr)
    {
        // Blocks are counted as they begin: without what is still to come, Retired is what instret reads.
        int rest = _block.Instructions.Count - _index;
        if (_count)
            AddRetired(-rest);
        PushState();
        Il.Emit(OpCodes.Ldc_I4, csr);
        Call(CsrReadKernel.Reader);
        if (_count)
            AddRetired(rest);
        Il.Emit(OpCodes.Brfalse, LeaveHere());

        // Where nothing is counted, a loop that waits for instret must still come to an end.
        if (!_count && csr == Csr.Instret)
            AddRetired(1);
        PushStateField(HartState.ScratchOffset);
        Il.Emit(OpCodes.Ldind_I8);
        StoreX(rd);
    }
}
