using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>Accesses through the stack pointer that may follow, relative to it.</summary>
internal readonly record struct StackNeed(Extent Bytes, bool Writes)
{
    public bool Equals(StackNeed other) => Bytes.Equals(other.Bytes) && Writes == other.Writes;

    public override int GetHashCode() => Bytes.GetHashCode();
}

/// <summary>
/// Which part of the stack a region may use from a place on, while it knows where the stack pointer is: a frame is then
/// checked once. A guess, not a promise: the check of a frame may fail where none of its accesses would have, and then
/// the region is left for nothing.
/// </summary>
internal sealed class StackNeeds
{
    private const int StackPointer = 2;

    /// <summary>Rounds over the blocks; loops that move the stack pointer would go on for ever.</summary>
    private const int MostRounds = 8;

    private readonly LoopNest _nest;

    /// <summary>By position.</summary>
    private readonly StackNeed[] _before;

    public StackNeeds(LoopNest nest)
    {
        _nest = nest;
        _before = new StackNeed[nest.Order.Count];
        bool changed = true;
        for (int round = 0; changed && round < MostRounds; round++)
        {
            changed = false;
            for (int k = _before.Length - 1; k >= 0; k--)
            {
                StackNeed need = PassBack(nest.Order[k], After(nest.Order[k]));
                changed |= need != _before[k];
                _before[k] = need;
            }
        }
    }

    /// <summary>Needs after a block's last instruction.</summary>
    public StackNeed After(Block block)
    {
        StackNeed need = default;
        foreach (Block s in block.Successors)
            need = Either(need, _before[_nest.PositionOf(s)]);
        return need;
    }

    private static StackNeed PassBack(Block block, StackNeed need)
    {
        for (int k = block.Instructions.Count - 1; k >= 0; k--)
        {
            Instruction i = block.Instructions[k];
            Row row = i.Row!;
            if ((row.Operands & Operands.WritesX) != 0 && i.Rd == StackPointer)
            {
                bool moves = row.TryGetSum(i, 0, out int source, out long by) && source == StackPointer
                    && by is > -HostMemory.PageSize and < HostMemory.PageSize;
                need = moves ? need with { Bytes = need.Bytes.From(-by) } : default;
            }

            if (row.Memory.Bytes != 0 && i.Rs1 == StackPointer)
                need = Either(need, new StackNeed(new Extent(i.Immediate, i.Immediate + row.Memory.Bytes), row.Memory.Writes));
        }

        return need;
    }

    private static StackNeed Either(StackNeed a, StackNeed b)
    {
        if (a.Bytes.IsEmpty)
            return b;
        return b.Bytes.IsEmpty ? a : new StackNeed(a.Bytes.Hull(b.Bytes), a.Writes | b.Writes);
    }
}
