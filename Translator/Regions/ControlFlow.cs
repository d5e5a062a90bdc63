using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>A straight run of instructions: control enters at the top and leaves at the end.</summary>
internal sealed class Block(ulong start)
{
    public ulong Start { get; } = start;

    public List<Instruction> Instructions { get; } = [];

    /// <summary>One past the last instruction.</summary>
    public ulong End { get; set; } = start;

    /// <summary>Blocks of the region that control may go on to.</summary>
    public List<Block> Successors { get; } = [];

    /// <summary>Control may enter the region here from outside.</summary>
    public bool IsEntry { get; set; }

    // Data flow: bit r is x[r], bit 32 + r is f[r].
    public ulong Uses { get; set; }
    public ulong Defs { get; set; }
    public ulong DirtyIn { get; set; }
    public ulong LiveIn { get; set; }
}

/// <summary>
/// The piece of a guest function's control-flow graph that becomes one region: breadth-first from the entry over
/// branches, jumps and fall-through, and over calls to the instruction they return to, which is then a further entry.
/// </summary>
internal sealed class ControlFlow
{
    public const int DefaultMaxInstructions = 400;

    /// <summary>A jump farther than this is a tail call to another function.</summary>
    private const long MaxJump = 1 << 15;

    private readonly Dictionary<ulong, Instruction> _instructions = [];
    private readonly HashSet<ulong> _leaders = [];
    private readonly HashSet<ulong> _entries = [];
    private readonly CodeSource _code;

    private ControlFlow(CodeSource code) => _code = code;

    /// <summary>Blocks by address.</summary>
    public SortedList<ulong, Block> Blocks { get; } = [];

    public ulong Entry { get; private init; }

    public int InstructionCount => _instructions.Count;

    /// <summary>Null when nothing at the entry can be translated.</summary>
    public static ControlFlow? Discover(CodeSource code, ulong entry, int maxInstructions)
    {
        var flow = new ControlFlow(code) { Entry = entry };
        flow.Collect(entry, maxInstructions);
        if (!flow._instructions.ContainsKey(entry))
            return null;
        flow.Cut();
        return flow;
    }

    private void Collect(ulong entry, int maxInstructions)
    {
        var work = new Queue<ulong>();
        work.Enqueue(entry);
        _leaders.Add(entry);
        _entries.Add(entry);
        while (work.TryDequeue(out ulong pc))
        {
            while (_instructions.Count < maxInstructions && !_instructions.ContainsKey(pc))
            {
                if (!_code.TryRead(pc, out Instruction i) || i.Row is not { } row)
                    break;
                if (!row.CanTranslate(i))
                {
                    if (_code.EntersOften)
                        Enter(work, pc + i.Length);
                    break;
                }

                _instructions.Add(pc, i);
                ulong next = pc + i.Length;
                ulong target = pc + (ulong)i.Immediate;
                switch (row.Flow)
                {
                    case Flow.Branch:
                        if (target <= pc && _code.EntersOften)
                            Enter(work, target);
                        Lead(work, target);
                        Lead(work, next);
                        break;
                    case Flow.Jump when i.Rd == 0:
                        if (i.Immediate is > -MaxJump and < MaxJump)
                            Lead(work, target);
                        goto nextInQueue;
                    case Flow.Jump or Flow.JumpRegister:
                        // A call comes back: that is where control enters next. (jalr x0 does not.)
                        if (i.Rd != 0)
                            Enter(work, next);

                        goto nextInQueue;
                }

                pc = next;
            }

        nextInQueue:;
        }
    }

    private void Enter(Queue<ulong> work, ulong pc)
    {
        _entries.Add(pc);
        Lead(work, pc);
    }

    private void Lead(Queue<ulong> work, ulong pc)
    {
        if (_leaders.Add(pc))
            work.Enqueue(pc);
    }

    private void Cut()
    {
        foreach (ulong leader in _leaders)
        {
            if (_instructions.ContainsKey(leader))
                Blocks.Add(leader, new Block(leader) { IsEntry = _entries.Contains(leader) });
        }

        foreach (Block block in Blocks.Values)
        {
            ulong pc = block.Start;
            while (_instructions.TryGetValue(pc, out Instruction i))
            {
                block.Instructions.Add(i);
                pc += i.Length;
                if (i.Row!.Flow != Flow.Next || _leaders.Contains(pc))
                    break;
            }

            block.End = pc;
        }

        foreach (Block block in Blocks.Values)
        {
            Instruction last = block.Instructions[^1];
            ulong at = block.End - last.Length;
            if (last.Row!.Flow is Flow.Branch or Flow.Jump)
                Connect(block, at + (ulong)last.Immediate);
            if (last.Row.Flow is Flow.Next or Flow.Branch)
                Connect(block, block.End);
        }
    }

    private void Connect(Block from, ulong to)
    {
        if (Blocks.TryGetValue(to, out Block? block))
            from.Successors.Add(block);
    }
}
