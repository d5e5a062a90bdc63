using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>One permission check that stands for all accesses of a base register until the register changes.</summary>
/// <param name="Low">Lowest offset from the base register, in bytes.</param>
/// <param name="Span">Bytes from there to the end of the highest access; at most a page.</param>
/// <param name="Reads">Whether any of them reads.</param>
/// <param name="Writes">Whether any of them writes.</param>
internal readonly record struct MergedCheck(long Low, int Span, bool Reads, bool Writes);

/// <summary>
/// Merges the checks of one block. The first access of a group checks the pages of the whole group: from the lowest
/// offset, this page and the next (pair bits). A failing check leaves the region before the first access, and the
/// interpreter then does each access for itself, so merging never changes what faults.
/// </summary>
internal static class MemoryChecks
{
    /// <summary>For each instruction: the check to make before it, or null (none, or covered by an earlier one).</summary>
    public static MergedCheck?[] Merge(Block block, int window)
    {
        var checks = new MergedCheck?[block.Instructions.Count];
        Span<int> leader = stackalloc int[32];
        leader.Fill(-1);
        for (int k = 0; k < checks.Length; k++)
        {
            Instruction i = block.Instructions[k];
            MemoryShape shape = i.Row!.Memory;
            if (shape.Bytes != 0)
                Place(checks, leader, k, i, shape, window);
            if ((i.Row.Operands & Operands.WritesX) != 0)
                leader[i.Rd] = -1;
        }

        return checks;
    }

    private static void Place(MergedCheck?[] checks, Span<int> leader, int k, in Instruction i, MemoryShape shape, int window)
    {
        ref int first = ref leader[i.Rs1];
        if (first >= 0)
        {
            MergedCheck c = checks[first]!.Value;
            long low = Math.Min(c.Low, i.Immediate);
            long high = Math.Max(c.Low + c.Span, i.Immediate + shape.Bytes);
            if (high - low <= window)
            {
                checks[first] = new MergedCheck(low, (int)(high - low), c.Reads | !shape.Writes, c.Writes | shape.Writes);
                return;
            }
        }

        first = k;
        checks[k] = new MergedCheck(i.Immediate, shape.Bytes, !shape.Writes, shape.Writes);
    }
}
