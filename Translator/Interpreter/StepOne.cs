using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Interpreter;

/// <summary>Runs one plain instruction through its threaded handler, outside any page of records.</summary>
public static unsafe class StepOne
{
    /// <summary>For rows that neither touch memory nor need their pc; moves pc on.</summary>
    public static void RunHandler(Hart hart, Row row, in Instruction i)
    {
        HartState* st = hart.State;
        DecodedOp op = default;
        Pack(&op, row, i, paged: false);
        _ = ((delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)op.Handler)(&op, st, st->Memory);
        st->Pc += i.Length;
    }

    /// <summary>Fills a record for an instruction; a pure instruction that writes x0 becomes a no-op.</summary>
    public static void Pack(DecodedOp* op, Row row, in Instruction i, bool paged)
    {
        op->Immediate = row.PackImmediate(i);
        op->Rd = (byte)(i.Rd * 8);
        op->Rs1 = (byte)(i.Rs1 * 8);
        op->Rs2 = (byte)(i.Rs2 * 8);
        op->Length = (byte)(i.Length / 2);
        bool writesX0 = i.Rd == 0 && (row.Operands & Operands.WritesX) != 0;
        if (!writesX0 || row.Flow != Flow.Next || row.HandlesX0)
            op->Handler = paged ? row.PagedHandler : row.Handler;
        else if (row.Memory.Bytes != 0)
            op->Handler = (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Slow;
        else
            op->Handler = (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Nop;
    }
}
