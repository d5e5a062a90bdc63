using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>
/// Which integer registers an exit may have to write back before they are written again. Of what no instruction reads any more,
/// the others need not be kept.
/// </summary>
internal sealed class ExitNeeds
{
    public const uint All = uint.MaxValue;

    private readonly Dictionary<Block, uint> _entering = [];

    /// <param name="blocks">The region.</param>
    /// <param name="leavesAt">Whether an instruction of a block may leave the region before it is done.</param>
    /// <param name="needsAllOn">Whether the region may be left on the way from one block to another.</param>
    public ExitNeeds(IReadOnlyList<Block> blocks, Func<Block, int, bool> leavesAt, Func<Block, Block, bool> needsAllOn)
    {
        var atEnd = new Dictionary<Block, uint>();
        var passed = new Dictionary<Block, (uint Kept, uint Added)>();
        foreach (Block b in blocks)
        {
            atEnd.Add(b, b.MayLeaveAtEnd || b.Successors.Exists(s => needsAllOn(b, s)) ? All : 0);
            passed.Add(b, Pass(b, leavesAt));
            _entering.Add(b, 0);
        }

        for (bool changed = true; changed;)
        {
            changed = false;
            for (int k = blocks.Count - 1; k >= 0; k--)
            {
                Block b = blocks[k];
                uint needed = atEnd[b];
                foreach (Block s in b.Successors)
                    needed |= _entering[s];
                needed = (needed & passed[b].Kept) | passed[b].Added;
                changed |= needed != _entering[b];
                _entering[b] = needed;
            }
        }
    }

    /// <summary>Where a block begins; bit r is x[r].</summary>
    public uint Entering(Block block) => _entering[block];

    /// <summary>What is needed at a block's top is what is needed at its end and not written in it, and what is needed in it.</summary>
    private static (uint Kept, uint Added) Pass(Block b, Func<Block, int, bool> leavesAt)
    {
        (uint kept, uint added) = (All, 0);
        for (int k = b.Instructions.Count - 1; k >= 0; k--)
        {
            var written = (uint)DataFlow.Writes(b.Instructions[k]);
            (kept, added) = (kept & ~written, added & ~written);
            if (leavesAt(b, k))
                added = All;
        }

        return (kept, added);
    }
}
