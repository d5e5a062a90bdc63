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
    private readonly CodeReader _code;

    private ControlFlow(CodeReader code) => _code = code;

    /// <summary>Blocks by address.</summary>
    public SortedList<ulong, Block> Blocks { get; } = [];

    public ulong Entry { get; private init; }

    public int InstructionCount => _instructions.Count;

    /// <summary>Null when nothing at the entry can be translated.</summary>
    public static ControlFlow? Discover(CodeReader code, ulong entry, int maxInstructions)
    {
        var flow = new ControlFlow(code) { Entry = entry };
        flow.Collect(entry, maxInstructions);
        if (flow._instructions.Count == 0)
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
                if (!_code.TryRead(pc, out Instruction i) || i.Row is not { } row || !row.CanTranslate(i))
                    break;
                _instructions.Add(pc, i);
                ulong next = pc + i.Length;
                ulong target = pc + (ulong)i.Immediate;
                switch (row.Flow)
                {
                    case Flow.Branch:
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
                        {
                            _entries.Add(next);
                            Lead(work, next);
                        }

                        goto nextInQueue;
                }

                pc = next;
            }

        nextInQueue:;
        }
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

/// <summary>
/// Reads instructions for translation: watches each page before it reads from it, so that a later store is noticed.
/// </summary>
internal sealed unsafe class CodeReader(World world, CodeCache cache)
{
    private readonly HashSet<ulong> _pages = [];

    /// <summary>Pages read from.</summary>
    public IReadOnlyCollection<ulong> Pages => _pages;

    public bool TryRead(ulong pc, out Instruction instruction)
    {
        instruction = default;
        if (!Prepare(pc))
            return false;
        uint word = *(ushort*)(world.Base + pc);
        if (InstructionTable.LengthOf((ushort)word) == 4)
        {
            if (!Prepare(pc + 2))
                return false;
            word |= (uint)*(ushort*)(world.Base + pc + 2) << 16;
        }

        instruction = cache.Decoder.Decode(word);
        return instruction.Row is not null;
    }

    /// <summary>Makes sure a page has cells, so that a region can jump through them; false when it is not code.</summary>
    public bool TryPreparePage(ulong pc)
    {
        ulong page = pc >> HostMemory.PageShift;
        if (page >= World.PageCount || (world.PermissionTable[page] & PageFlags.Execute) == 0)
            return false;
        if (_pages.Add(page))
            cache.Create(page, null);
        return cache.Has(pc);
    }

    private bool Prepare(ulong pc)
    {
        if (!TryPreparePage(pc))
            return false;
        cache.Mark(pc);
        return true;
    }
}
