using System.Reflection.Emit;
using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Regions;

/// <summary>
/// What is done on the way from one block to another: counting an iteration, and bringing idle registers, which no
/// instruction reads any more, to where exits look for them, unless none will (<see cref="ExitNeeds"/>).
/// </summary>
public sealed partial class RegionEmitter
{
    private readonly List<ColdEdge> _coldEdges = [];

    /// <summary>An edge whose code stands at the end of the region.</summary>
    /// <param name="UsedUp">The loop's iterations are used up; otherwise it goes on as any edge.</param>
    private readonly record struct ColdEdge(Label Label, EmitterPoint From, Block To, bool UsedUp);

    internal static OpCode Opposite(OpCode branch) => branch == OpCodes.Beq ? OpCodes.Bne_Un
        : branch == OpCodes.Bne_Un ? OpCodes.Beq
        : branch == OpCodes.Blt ? OpCodes.Bge
        : branch == OpCodes.Bge ? OpCodes.Blt
        : branch == OpCodes.Blt_Un ? OpCodes.Bge_Un
        : branch == OpCodes.Bge_Un ? OpCodes.Blt_Un
        : throw new ArgumentOutOfRangeException(nameof(branch));

    // The two operands are on the stack.
    private void EmitBranchInside(OpCode taken, Block to)
    {
        if (!HasCode(to))
        {
            Il.Emit(taken, LabelTo(_block, to));
            return;
        }

        Label skip = Il.DefineLabel();
        Il.Emit(Opposite(taken), skip);
        EmitEdge(to);
        Il.Emit(OpCodes.Br, LabelTo(_block, to));
        Il.MarkLabel(skip);
    }

    /// <summary>Where a jump that has no place for the edge's code goes to.</summary>
    private Label LabelOfEdge(Block to) => HasCode(to) ? AddColdEdge(to, usedUp: false) : LabelTo(_block, to);

    private bool HasCode(Block to) => CountsInstead(_block, to) || IdleTo(to, NeededOn(to)) != 0;

    private void EmitEdge(Block to)
    {
        if (CountsInstead(_block, to))
            EmitIterationTest(to, AddColdEdge(to, usedUp: true));
        EmitIdle(IdleTo(to, NeededOn(to)));
    }

    private void EmitColdEdges()
    {
        // Those that go on may add one that is used up.
        for (int k = 0; k < _coldEdges.Count; k++)
        {
            ColdEdge edge = _coldEdges[k];
            Il.MarkLabel(edge.Label);
            Resume(edge.From);
            if (edge.UsedUp)
                EmitIdle(IdleTo(edge.To, ExitNeeds.All));
            else
                EmitEdge(edge.To);
            Il.Emit(OpCodes.Br, edge.UsedUp ? UsedUp(edge.To) : LabelTo(_block, edge.To));
        }
    }

    private Label AddColdEdge(Block to, bool usedUp)
    {
        Label label = Il.DefineLabel();
        _coldEdges.Add(new ColdEdge(label, Here, to, usedUp));
        return label;
    }

    private uint NeededOn(Block to) => PassesChecks(_block, to) ? ExitNeeds.All : _needs.Entering(to);

    /// <summary>Registers that are held as words here and, idle, in 64 bits in the next block.</summary>
    private uint IdleTo(Block to, uint needed)
    {
        uint idle = 0;
        foreach (Web? next in _webs.Entering(to))
        {
            if (next is { IsHeldAsWord: false } && (needed >> next.Register & 1) != 0 && IsHeldAsWord(next.Register))
                idle |= 1U << next.Register;
        }

        return idle;
    }

    private void EmitIdle(uint registers)
    {
        for (int r = 1; r < 32; r++)
        {
            if ((registers >> r & 1) == 0)
                continue;
            Push(r, word: true);
            Il.Emit(OpCodes.Stloc, LocalOf(r, word: false));
        }
    }

    /// <summary>Whether an instruction, other than by going on elsewhere, may leave the region: unless it is sure to stay.</summary>
    private bool LeavesAt(Block block, int index)
    {
        Row row = block.Instructions[index].Row!;
        if (index == 0 && _limit)
            return true;
        if (row.Flow is Flow.Branch or Flow.Jump)
            return false;
        bool isPlain = row is PlainRow or AuipcRow || (row.Memory.Bytes != 0 && _memory.ChecksOf(block)[index] is null);
        return row.Flow != Flow.Next || !isPlain || row.Atomic.Bytes != 0 || (row.Operands & Operands.AnyFloat) != 0;
    }

    /// <summary>Whether all must be where exits look for it when control goes from a block to another.</summary>
    private bool NeedsAllOn(Block from, Block to) =>
        PassesChecks(from, to) || CountsInstead(from, to) || MustPoll(from, to);
}
