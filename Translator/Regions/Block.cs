using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>
/// A straight run of instructions: control enters at the top and leaves at the end. The same instructions may stand in
/// several blocks of a region, once for each call that they were inlined into.
/// </summary>
internal sealed class Block(ulong start, Body body)
{
    public ulong Start { get; } = start;

    /// <summary>The function's body, or the inlined call, that the block is part of.</summary>
    public Body Body { get; } = body;

    public List<Instruction> Instructions { get; } = [];

    /// <summary>One past the last instruction.</summary>
    public ulong End { get; set; } = start;

    /// <summary>Where a taken branch, a jump or a call that ends the block goes; null when that is outside the region.</summary>
    public Block? Taken { get; set; }

    /// <summary>What follows when the block's end is not a jump, or its branch is not taken; null when outside.</summary>
    public Block? Next { get; set; }

    /// <summary>Blocks that an indirect jump at the end may go to, after comparing its target with their start.</summary>
    public List<Block> Targets { get; } = [];

    /// <summary>Blocks of the region that control may go on to.</summary>
    public List<Block> Successors { get; } = [];

    /// <summary>Control may leave the region by what ends the block; it then writes everything back.</summary>
    public bool MayLeaveAtEnd => Instructions[^1].Row!.Flow switch
    {
        Flow.Next or Flow.Leave => Next is null,
        Flow.Branch => Next is null || Taken is null,
        Flow.Jump => Taken is null,
        _ => true,
    };

    /// <summary>Control may enter the region here from outside.</summary>
    public bool IsEntry { get; set; }

    // Data flow: bit r is x[r], bit 32 + r is f[r].
    public ulong Uses { get; set; }
    public ulong Defs { get; set; }
    public ulong DirtyIn { get; set; }
    public ulong LiveIn { get; set; }

    /// <summary>Another block of the same instructions that goes on to the same blocks.</summary>
    public Block Copy()
    {
        var copy = new Block(Start, Body) { End = End, Taken = Taken, Next = Next };
        copy.Instructions.AddRange(Instructions);
        copy.Targets.AddRange(Targets);
        copy.Successors.AddRange(Successors);
        return copy;
    }

    /// <summary>Goes on to another block instead of one.</summary>
    public void Redirect(Block old, Block other)
    {
        Taken = Taken == old ? other : Taken;
        Next = Next == old ? other : Next;
        for (int k = 0; k < Targets.Count; k++)
            Targets[k] = Targets[k] == old ? other : Targets[k];
        for (int k = 0; k < Successors.Count; k++)
            Successors[k] = Successors[k] == old ? other : Successors[k];
    }
}
