using RvJit.Translator.Isa;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Paged;

/// <summary>
/// What a region may access by each register from a place on, as long as the register keeps its value: a structure is then
/// checked once. A guess, as <see cref="StackNeeds"/> is, which looks after the stack pointer.
/// </summary>
internal sealed class LaterAccesses
{
    /// <summary>Rounds over the blocks; what takes longer to get known is not worth it.</summary>
    private const int MostRounds = 3;

    private readonly LoopNest _nest;
    private readonly int _window;

    /// <summary>By position and register.</summary>
    private readonly Extent[][] _before;

    public LaterAccesses(LoopNest nest, int window)
    {
        _nest = nest;
        _window = window;
        _before = new Extent[nest.Order.Count][];
        bool changed = true;
        for (int round = 0; changed && round < MostRounds; round++)
        {
            changed = false;
            for (int k = _before.Length - 1; k >= 0; k--)
            {
                Extent[] before = After(nest.Order[k]);
                PassBack(nest.Order[k], before);
                changed |= _before[k] is null || !before.AsSpan().SequenceEqual(_before[k]);
                _before[k] = before;
            }
        }
    }

    /// <summary>By register, after a block's last instruction.</summary>
    public Extent[] After(Block block)
    {
        var after = new Extent[32];
        foreach (Block s in block.Successors)
        {
            if (_before[_nest.PositionOf(s)] is not { } there)
                continue;
            for (int r = 1; r < after.Length; r++)
                after[r] = Either(after[r], there[r]);
        }

        return after;
    }

    private void PassBack(Block block, Extent[] needs)
    {
        for (int k = block.Instructions.Count - 1; k >= 0; k--)
        {
            Instruction i = block.Instructions[k];
            Row row = i.Row!;
            if ((row.Operands & Operands.WritesX) != 0 && i.Rd != 0)
            {
                Extent need = needs[i.Rd];
                needs[i.Rd] = default;
                if (!need.IsEmpty && row.TryGetSum(i, 0, out int source, out long by) && source != 0 && source != i.Rd && Math.Abs(by) < _window)
                    needs[source] = Either(need.From(-by), needs[source]);
            }

            if (row.Memory.Bytes != 0)
                needs[i.Rs1] = Either(new Extent(i.Immediate, i.Immediate + row.Memory.Bytes), needs[i.Rs1]);
        }
    }

    /// <summary>Both, or the first when they lie too far apart for one check.</summary>
    private Extent Either(Extent first, Extent second)
    {
        if (first.IsEmpty)
            return second;
        Extent both = second.IsEmpty ? first : first.Hull(second);
        return both.High - both.Low > _window ? first : both;
    }
}
