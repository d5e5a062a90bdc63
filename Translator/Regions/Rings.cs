using RvJit.Translator.Isa;
using RvJit.Translator.Regions.Lanes;

namespace RvJit.Translator.Regions;

/// <summary>
/// Loops that are entered in the middle, as unrolled copies of C libraries are, have no header: nothing could be done in
/// front of them. Whoever enters in the middle gets copies of the blocks up to the loop's end, and then enters at its top.
/// </summary>
internal static class Rings
{
    private const int MostBlocks = 32;
    private const int MostInstructions = 128;

    /// <summary>Adds the copies to the blocks; returns how many instructions they have.</summary>
    public static int Peel(List<Block> blocks)
    {
        int added = 0;
        foreach (Block last in blocks.ToArray())
        {
            if (last.Instructions[^1].Row!.Flow != Flow.Branch)
                continue;
            foreach (Block? first in (Block?[])[last.Taken, last.Next])
            {
                if (first is not null && RingOf(first, last) is { } ring)
                    added += Peel(ring, blocks);
            }
        }

        return added;
    }

    // From a block that the last one goes to, round to the last.
    private static List<Block>? RingOf(Block first, Block last)
    {
        var ring = new List<Block> { first };
        int instructions = first.Instructions.Count;
        while (ring[^1] != last)
        {
            if (!LaneCycle.GoesOn(ring[^1]) || ring.Count == MostBlocks || instructions > MostInstructions)
                return null;
            Block next = ring[^1].Successors[0];
            if (ring.Contains(next))
                return null;
            ring.Add(next);
            instructions += next.Instructions.Count;
        }

        return ring;
    }

    private static int Peel(List<Block> ring, List<Block> blocks)
    {
        var entering = new List<(Block From, int To)>();
        int least = ring.Count;
        for (int k = 1; k < ring.Count; k++)
        {
            foreach (Block b in blocks)
            {
                if (!b.Successors.Contains(ring[k]) || ring.Contains(b))
                    continue;
                entering.Add((b, k));
                least = Math.Min(least, k);
            }

            if (ring[k].IsEntry)
                least = Math.Min(least, k);
        }

        var copies = new Dictionary<int, Block>();
        int added = 0;
        for (int k = ring.Count - 1; k >= least; k--)
        {
            Block copy = ring[k].Copy();
            if (k + 1 < ring.Count)
                copy.Redirect(ring[k + 1], copies[k + 1]);
            copies.Add(k, copy);
            (copy.IsEntry, ring[k].IsEntry) = (ring[k].IsEntry, false);
            added += copy.Instructions.Count;
        }

        for (int k = least; k < ring.Count; k++)
            blocks.Add(copies[k]);
        foreach ((Block from, int to) in entering)
            from.Redirect(ring[to], copies[to]);
        return added;
    }
}
