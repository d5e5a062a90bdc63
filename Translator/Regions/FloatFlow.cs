using System.Numerics;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>What is known of the F registers where a block begins. Bit r of a set is f[r].</summary>
internal sealed class FloatBlock
{
    public FloatForm[] In { get; } = new FloatForm[32];

    /// <summary>Read before they are written, on some path.</summary>
    public uint Live { get; set; }

    /// <summary>Written on some path from an entry.</summary>
    public uint MayBeWritten { get; set; }

    /// <summary>Written on every path from every entry.</summary>
    public uint MustBeWritten { get; set; } = uint.MaxValue;

    /// <summary>Written or not, and not live: what exits write back depends on the path that was taken.</summary>
    public uint InDoubt => MayBeWritten & ~MustBeWritten & ~Live;

    /// <summary>Computed with next as a single on some path.</summary>
    public uint SingleNext { get; set; }

    /// <summary>Read next as a double, or as bits, on some path.</summary>
    public uint WideNext { get; set; }

    /// <summary>Used on some path by something that RyuJIT cannot remove.</summary>
    public uint Used { get; set; }
}

/// <summary>
/// Data flow of the F registers over the blocks of a region: which are live, which have been written, in which form each
/// block gets them. Every quantity only grows or only shrinks, so each pass ends.
/// </summary>
internal sealed class FloatFlow
{
    private readonly IReadOnlyList<Block> _blocks;
    private readonly Dictionary<Block, FloatBlock> _info = [];

    public FloatFlow(IReadOnlyList<Block> blocks)
    {
        _blocks = blocks;
        foreach (Block b in blocks)
            _info.Add(b, new FloatBlock());
        Repeat(LookAhead, backward: true);
        Repeat(FollowWrites, backward: false);
        Repeat(FollowForms, backward: false);
        Repeat(FindUsed, backward: true);
        foreach (FloatBlock info in _info.Values)
            AnyInDoubt |= (info.MayBeWritten & ~info.MustBeWritten) != 0;
    }

    /// <summary>Whether exits must know at run time which registers have been written.</summary>
    public bool AnyInDoubt { get; }

    public FloatBlock this[Block block] => _info[block];

    public static uint Reads(in Instruction i) => (uint)(DataFlow.Reads(i) >> 32);

    public static uint Writes(in Instruction i) => (uint)(DataFlow.Writes(i) >> 32);

    /// <summary>Goes over an instruction.</summary>
    public static void Step(Span<FloatForm> forms, in Instruction i)
    {
        Row row = i.Row!;
        FloatUse use = row.FloatUse(i);
        for (uint reads = Reads(i); reads != 0; reads &= reads - 1)
        {
            ref FloatForm f = ref forms[BitOperations.TrailingZeroCount(reads)];
            f = f.AsSource(use, row.SourceView);
        }

        if (Writes(i) != 0)
            forms[i.Rd] = forms[i.Rs1].Result(use, row.ResultView);
    }

    /// <summary>
    /// For each instruction of a block: whether nothing that RyuJIT must keep uses its result, which it would remove
    /// together with its flags.
    /// </summary>
    public bool[] UnusedResults(Block block)
    {
        var unused = new bool[block.Instructions.Count];
        uint used = UsedAtEnd(block);
        for (int k = unused.Length - 1; k >= 0; k--)
        {
            unused[k] = (Writes(block.Instructions[k]) & ~used) != 0;
            used = UsedBefore(block.Instructions[k], used);
        }

        return unused;
    }

    /// <summary>Written on every path to the end of a block.</summary>
    public uint MustBeWrittenAtEnd(Block b) => _info[b].MustBeWritten | (uint)(b.Defs >> 32);

    public uint MayBeWrittenAtEnd(Block b) => _info[b].MayBeWritten | (uint)(b.Defs >> 32);

    private void Repeat(Func<Block, bool> pass, bool backward)
    {
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int k = 0; k < _blocks.Count; k++)
                changed |= pass(_blocks[backward ? _blocks.Count - 1 - k : k]);
        }
    }

    private bool LookAhead(Block b)
    {
        uint live = 0;
        uint single = 0;
        uint wide = 0;
        foreach (Block s in b.Successors)
        {
            live |= _info[s].Live;
            single |= _info[s].SingleNext;
            wide |= _info[s].WideNext;
        }

        for (int k = b.Instructions.Count - 1; k >= 0; k--)
        {
            Instruction i = b.Instructions[k];
            uint reads = Reads(i);
            uint writes = Writes(i);
            live = (live & ~writes) | reads;
            single &= ~(writes | reads);
            wide &= ~(writes | reads);
            if (i.Row!.SourceView == FloatView.Single && i.Row.FloatUse(i).NeedsView)
                single |= reads;
            else
                wide |= reads;
        }

        FloatBlock info = _info[b];
        bool changed = (info.Live, info.SingleNext, info.WideNext) != (live, single, wide);
        (info.Live, info.SingleNext, info.WideNext) = (live, single, wide);
        return changed;
    }

    private bool FollowWrites(Block b)
    {
        bool changed = false;
        if (b.IsEntry && _info[b].MustBeWritten != 0)
        {
            _info[b].MustBeWritten = 0;
            changed = true;
        }

        uint may = MayBeWrittenAtEnd(b);
        uint must = MustBeWrittenAtEnd(b);
        foreach (Block s in b.Successors)
        {
            FloatBlock info = _info[s];
            changed |= (info.MayBeWritten | may) != info.MayBeWritten || (info.MustBeWritten & must) != info.MustBeWritten;
            info.MayBeWritten |= may;
            info.MustBeWritten &= must;
        }

        return changed;
    }

    private bool FollowForms(Block b)
    {
        bool changed = false;
        FloatBlock info = _info[b];
        if (b.IsEntry)
        {
            for (uint live = info.Live; live != 0; live &= live - 1)
            {
                int r = BitOperations.TrailingZeroCount(live);
                bool single = ((info.SingleNext & ~info.WideNext) >> r & 1) != 0;
                changed |= Join(ref info.In[r], new FloatForm(single, NaNBits.Exact));
            }
        }

        Span<FloatForm> forms = stackalloc FloatForm[32];
        info.In.CopyTo(forms);
        foreach (Instruction i in b.Instructions)
            Step(forms, i);
        foreach (Block s in b.Successors)
        {
            FloatBlock next = _info[s];
            for (uint held = next.Live | MayBeWrittenAtEnd(b); held != 0; held &= held - 1)
            {
                int r = BitOperations.TrailingZeroCount(held);
                changed |= Join(ref next.In[r], forms[r]);
            }
        }

        return changed;
    }

    private static bool Join(ref FloatForm into, FloatForm form)
    {
        FloatForm joined = FloatForm.Meet(into, form);
        if (joined == into)
            return false;
        into = joined;
        return true;
    }

    private bool FindUsed(Block b)
    {
        uint used = UsedAtEnd(b);
        for (int k = b.Instructions.Count - 1; k >= 0; k--)
            used = UsedBefore(b.Instructions[k], used);
        if (used == _info[b].Used)
            return false;
        _info[b].Used = used;
        return true;
    }

    /// <summary>A block that may leave the region writes all back.</summary>
    private uint UsedAtEnd(Block b)
    {
        if (b.MayLeaveAtEnd)
            return uint.MaxValue;
        uint used = 0;
        foreach (Block s in b.Successors)
            used |= _info[s].Used;
        return used;
    }

    private static uint UsedBefore(in Instruction i, uint used)
    {
        uint writes = Writes(i);
        bool counts = !i.Row!.FloatUse(i).IsPlain || (writes & used) != 0;
        return (used & ~writes) | (counts ? Reads(i) : 0);
    }
}
