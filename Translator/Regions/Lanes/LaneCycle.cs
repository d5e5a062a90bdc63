using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions.Lanes;

/// <summary>The blocks of a loop that goes round one way and ends in one place, the last branch.</summary>
internal sealed class LaneCycle
{
    private readonly ulong _reads;

    private LaneCycle(List<Block> blocks)
    {
        Blocks = blocks;
        ulong written = 0;
        foreach (Block b in blocks)
        {
            _reads |= b.Uses & ~written;
            written |= b.Defs;
        }
    }

    /// <summary>In the order in which they run.</summary>
    public IReadOnlyList<Block> Blocks { get; }

    public Instruction Branch => Blocks[^1].Instructions[^1];

    /// <summary>Whether the loop goes on when its branch is taken.</summary>
    public bool IsTaken => Blocks[^1].Taken == Blocks[0];

    public int Instructions
    {
        get
        {
            int count = 0;
            foreach (Block b in Blocks)
                count += b.Instructions.Count;
            return count;
        }
    }

    /// <summary>Whether an iteration reads the X register that the one before left.</summary>
    public bool Reads(int register) => (_reads & DataFlow.X(register)) != 0;

    /// <summary>Null when the loop is more than that.</summary>
    public static LaneCycle? Of(Loop loop)
    {
        if (loop.HasSideEntry || loop.HasOtherCycle)
            return null;
        var blocks = new List<Block>();
        Block at = loop.Header;
        do
        {
            blocks.Add(at);
            if (blocks.Count > loop.Blocks.Count)
                return null;
            if (at.Instructions[^1].Row!.Flow == Flow.Branch)
                break;
            if (!GoesOn(at))
                return null;
            at = at.Successors[0];
        }
        while (at != loop.Header);

        Block last = blocks[^1];
        bool isBack = last.Instructions[^1].Row!.Flow == Flow.Branch && last.Taken != last.Next
            && (last.Taken == loop.Header || last.Next == loop.Header);
        return isBack && blocks.Count == loop.Blocks.Count ? new LaneCycle(blocks) : null;
    }

    /// <summary>Whether a block goes on to one other, and does nothing but that at its end.</summary>
    public static bool GoesOn(Block block) =>
        block.Successors.Count == 1 && !block.MayLeaveAtEnd && block.Instructions[^1] is { Row.Flow: Flow.Next } or { Row.Flow: Flow.Jump, Rd: 0 };
}
