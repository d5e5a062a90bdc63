using RvJit.Machine;

namespace RvJit.Translator.Interpreter;

/// <summary>Fills a record of a physical page's block. That the page may be executed was decided when control entered it.</summary>
internal static unsafe class PagedDecoding
{
    public static DecodedOp* Decode(DecodedOp* op, HartState* st, byte* mem)
    {
        ulong pc = CodePage.PcOf(op);
        byte* block = CodePage.BlockOf(op);
        return TryRead(CodePage.Host(block), CodePage.SharedGranules(block), pc, out uint word)
            ? Decoding.Finish(op, st, mem, word, paged: true)
            : Handlers.Leave(op, st, InterpreterExit.Slow);
    }

    /// <summary>Reads the instruction at pc; false when it goes on in the next page, which may be another one each time.</summary>
    /// <param name="page">Host address of the physical page.</param>
    /// <param name="granules">The page's <see cref="Machine.Paging.MachineMemory.Granules"/>.</param>
    public static bool TryRead(byte* page, ulong* granules, ulong pc, out uint word)
    {
        // Mark first, then read: a store to these bytes either sees the mark or is seen by the read.
        byte* at = page + (pc & (HostMemory.PageSize - 1));
        Decoding.Mark(ref *granules, pc);
        word = *(ushort*)at;
        if ((word & 3) != 3)
            return true;
        if ((pc & (HostMemory.PageSize - 1)) == HostMemory.PageSize - 2)
            return false;
        Decoding.Mark(ref *granules, pc + 2);
        word |= (uint)*(ushort*)(at + 2) << 16;
        return true;
    }
}
