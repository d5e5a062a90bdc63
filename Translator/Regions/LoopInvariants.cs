using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>
/// Which instructions compute the same in every round of a loop. RyuJIT moves those in front of the loop, also when they
/// stand behind a way out of it: to it they have no effect, while the guest sees the flags of what it never executed.
/// </summary>
internal sealed class LoopInvariants(LoopNest nest)
{
    private readonly Dictionary<Loop, ulong> _written = [];

    /// <summary>Whether no source of an instruction is written in the innermost loop around it.</summary>
    public bool Contains(Block block, in Instruction i) =>
        nest.Innermost(block) is { } loop && (DataFlow.Reads(i) & WrittenIn(loop)) == 0;

    /// <summary>Bit r is x[r], bit 32 + r is f[r].</summary>
    private ulong WrittenIn(Loop loop)
    {
        if (_written.TryGetValue(loop, out ulong written))
            return written;
        foreach (Block b in loop.Blocks)
        {
            foreach (Instruction i in b.Instructions)
                written |= DataFlow.Writes(i);
        }

        _written.Add(loop, written);
        return written;
    }
}
