using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Interpreter;

/// <summary>Fills a record when control first reaches it.</summary>
internal static unsafe class Decoding
{
    public static DecodedOp* Decode(DecodedOp* op, HartState* st, byte* mem)
    {
        ulong pc = CodePage.PcOf(op);
        ulong page = pc >> HostMemory.PageShift;
        if ((mem[(long)page - World.TableDisplacement] & PageFlags.Execute) == 0)
            return Handlers.Leave(op, st, InterpreterExit.Slow);

        // Mark first, then read: a store to these bytes either sees the mark or is seen by the read.
        byte* block = CodePage.BlockOf(op);
        Mark(ref CodePage.Granules(block), pc);
        uint word = *(ushort*)(mem + pc);
        if ((word & 3) == 3)
        {
            // An instruction over the page's end is stepped each time: it depends on two pages.
            if ((pc & (HostMemory.PageSize - 1)) == HostMemory.PageSize - 2)
                return Handlers.Leave(op, st, InterpreterExit.Slow);
            Mark(ref CodePage.Granules(block), pc + 2);
            word |= (uint)*(ushort*)(mem + pc + 2) << 16;
        }

        return Finish(op, st, mem, word, paged: false);
    }

    /// <summary>Fills the record for an instruction that has been read, and executes it.</summary>
    public static DecodedOp* Finish(DecodedOp* op, HartState* st, byte* mem, uint word, bool paged)
    {
        ulong pc = CodePage.PcOf(op);
        Instruction i = Decoder.WithId(CodePage.DecoderId(CodePage.BlockOf(op))).Decode(word);
        if (i.Row is null)
            return Handlers.Leave(op, st, InterpreterExit.Slow);
        DecodedOp packed = default;
        StepOne.Pack(&packed, i.Row, i, paged);
        UseNearTarget(&packed, i, pc);
        op->Immediate = packed.Immediate;
        op->Rd = packed.Rd;
        op->Rs1 = packed.Rs1;
        op->Rs2 = packed.Rs2;
        op->Length = packed.Length;
        Volatile.Write(ref op->Handler, packed.Handler);
        return ((delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)packed.Handler)(op, st, mem);
    }

    /// <summary>Bytes of a granule are about to be read as instructions.</summary>
    public static void Mark(ref ulong granules, ulong pc)
    {
        ulong bit = 1UL << (int)((pc & (HostMemory.PageSize - 1)) >> 6);
        if ((Volatile.Read(ref granules) & bit) == 0)
            Interlocked.Or(ref granules, bit);
    }

    /// <summary>A branch, or a jump that does not link, within its page goes by record distance.</summary>
    private static void UseNearTarget(DecodedOp* op, in Instruction i, ulong pc)
    {
        Row row = i.Row!;
        if (row.NearHandler == 0 || (row.Flow == Flow.Jump && i.Rd != 0))
            return;
        ulong target = pc + (ulong)i.Immediate;
        if (target >> HostMemory.PageShift != pc >> HostMemory.PageShift)
            return;
        op->Handler = row.NearHandler;
        op->Immediate = (int)i.Immediate / 2;
    }
}
