using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>
/// Merges the checks of one block by base register, which may be moved by constants. The first access of a group checks
/// the whole group. A failing check leaves the region before the first access, and the
/// interpreter then does each access for itself, so merging never changes what faults.
/// </summary>
internal static class MemoryChecks
{
    /// <summary>For each instruction: the check to make before it, or null (none, or covered by an earlier one).</summary>
    public static PlacedCheck?[] Merge(Block block, int window)
    {
        var checks = new PlacedCheck?[block.Instructions.Count];
        Span<int> leader = stackalloc int[32];
        for (int r = 0; r < leader.Length; r++)
            leader[r] = -1;
        Span<long> moved = stackalloc long[32];
        for (int k = 0; k < checks.Length; k++)
        {
            Instruction i = block.Instructions[k];
            MemoryShape shape = i.Row!.Memory;
            if (shape.Bytes != 0)
                Place(checks, ref leader[i.Rs1], ref moved[i.Rs1], k, i, shape, window);
            if ((i.Row.Operands & Operands.WritesX) == 0 || i.Rd == 0)
                continue;
            if (i.Row.TryGetSum(i, 0, out int source, out long by) && source == i.Rd)
                moved[i.Rd] += by;
            else
                leader[i.Rd] = -1;
        }

        return checks;
    }

    // moved: how far the register has been moved since the group's check.
    private static void Place(
        PlacedCheck?[] checks, ref int first, ref long moved, int k, in Instruction i, MemoryShape shape, int window)
    {
        if (first >= 0)
        {
            MergedCheck c = checks[first]!.Value.Check;
            long low = moved + i.Immediate;
            Extent both = c.Bytes.Hull(new Extent(low, low + shape.Bytes));
            if (both.High - both.Low <= window)
            {
                checks[first] = new PlacedCheck(i.Rs1, new MergedCheck(both, c.Reads | !shape.Writes, c.Writes | shape.Writes));
                return;
            }
        }

        first = k;
        moved = 0;
        checks[k] = new PlacedCheck(i.Rs1, new MergedCheck(i.Immediate, shape.Bytes, !shape.Writes, shape.Writes));
    }
}
