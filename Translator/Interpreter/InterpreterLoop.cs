using RvJit.Machine;

namespace RvJit.Translator.Interpreter;

/// <summary>Runs records one after the other. The hart's InCode flag is the caller's.</summary>
internal static unsafe class InterpreterLoop
{
    /// <summary>Until a handler leaves; keeps <see cref="HartState.Retired"/>.</summary>
    public static InterpreterExit Run(DecodedOp* op, HartState* st, byte* mem)
    {
        st->Exit = (int)InterpreterExit.None;
        ulong count = Loop(op, st, mem);
        var exit = (InterpreterExit)st->Exit;
        st->Retired += count - (ExecutedLast(exit) ? 0UL : 1);
        return exit;
    }

    /// <summary>
    /// At most <paramref name="most"/> instructions, and no further than the first transfer of control: pc is then the
    /// next instruction and the result is <see cref="InterpreterExit.None"/>.
    /// </summary>
    public static InterpreterExit RunStraight(DecodedOp* op, HartState* st, byte* mem, ulong most)
    {
        st->Exit = (int)InterpreterExit.None;
        while (most-- != 0)
        {
            DecodedOp* next = ((delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)op->Handler)(op, st, mem);
            if (next == null)
            {
                var exit = (InterpreterExit)st->Exit;
                st->Retired += ExecutedLast(exit) ? 1UL : 0;
                return exit;
            }

            st->Retired++;
            bool straight = next == op + op->Length;
            op = next;
            if (CodePage.BlockOf(op) == (byte*)st->StubPage)
                return InterpreterExit.Lookup; // the jump has stored pc
            if (!straight)
                break;
        }

        st->Pc = CodePage.PcOf(op);
        return InterpreterExit.None;
    }

    /// <summary>Whether the handler that left did its instruction first.</summary>
    private static bool ExecutedLast(InterpreterExit exit) => exit is not (InterpreterExit.Slow or InterpreterExit.Region);

    private static ulong Loop(DecodedOp* op, HartState* st, byte* mem)
    {
        ulong count = 0;
        do
        {
            op = ((delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)op->Handler)(op, st, mem);
            count++;
        }
        while (op != null);
        return count;
    }
}
