using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>
/// The control-flow graph that becomes one region: a piece of a guest function with copies of small functions that it
/// calls. A call that is not inlined comes back at an entry of its own.
/// </summary>
internal sealed class ControlFlow
{
    public const int DefaultMaxInstructions = 400;

    /// <summary>Returns of the region's own function are compared with this many places in it.</summary>
    private const int MaxReturnSites = 4;

    private readonly Body _body;
    private readonly List<Block> _blocks = [];

    private ControlFlow(Body body) => _body = body;

    /// <summary>The function's own blocks by address, then those of inlined calls, then further copies.</summary>
    public IReadOnlyList<Block> Blocks => _blocks;

    public ulong Entry => _body.Entry;

    public int InstructionCount { get; private set; }

    public int OwnInstructionCount => _body.Instructions.Count;

    /// <summary>Where the blocks of the region's own function begin.</summary>
    public ulong[] Inside => [.. _body.Blocks.Keys];

    /// <summary>Whether a block of the region's own function begins there.</summary>
    public bool Holds(ulong pc) => _body.Blocks.ContainsKey(pc);

    /// <summary>
    /// Places of the function that its blocks lead to and that another translation would take in; none when the region is full.
    /// </summary>
    public ulong[] LeftOut
    {
        get
        {
            if (!_body.IsWhole)
                return [];
            var places = new List<ulong>();
            foreach (ulong pc in _body.Leaders)
            {
                if (!_body.Blocks.ContainsKey(pc))
                    places.Add(pc);
            }

            return [.. places];
        }
    }

    /// <summary>Functions that blocks call outside the region.</summary>
    public ulong[] Calls
    {
        get
        {
            var functions = new List<ulong>();
            foreach (Block block in _blocks)
            {
                foreach (ulong target in CalleesOf(block))
                {
                    if (block.Taken?.Start != target && !block.Targets.Exists(t => t.Start == target) && !functions.Contains(target))
                        functions.Add(target);
                }
            }

            return [.. functions];
        }
    }

    /// <summary>Null when nothing at the entry can be translated.</summary>
    public static ControlFlow? Discover(CodeSource code, ulong entry, ulong[] furtherEntries, int maxInstructions)
    {
        Body body = new BodyReader(code, maxInstructions).Read(entry, furtherEntries);
        if (!body.Instructions.ContainsKey(entry))
            return null;
        var flow = new ControlFlow(body);
        flow.Cut(body);
        flow.Connect(body);
        flow.InstructionCount += Rings.Peel(flow._blocks);
        return flow;
    }

    private static ulong[] CalleesOf(Block block)
    {
        Instruction call = block.Instructions[^1];
        ulong at = block.End - call.Length;
        return call switch
        {
            { Row.Flow: Flow.Jump, Rd: not 0 } => [at + (ulong)call.Immediate],
            { Row.Flow: Flow.JumpRegister } when BodyReader.IsLink(call.Rd) => block.Body.JumpTargets.GetValueOrDefault(at) ?? [],
            _ => [],
        };
    }

    /// <summary>Makes the blocks of a body and of those inlined into it.</summary>
    private void Cut(Body body)
    {
        InstructionCount += body.Instructions.Count;
        var leaders = new List<ulong>();
        foreach (ulong leader in body.Leaders)
        {
            if (body.Instructions.ContainsKey(leader))
                leaders.Add(leader);
        }

        leaders.Sort();
        foreach (ulong leader in leaders)
        {
            var block = new Block(leader, body) { IsEntry = body.Entries.Contains(leader) };
            ulong pc = leader;
            while (body.Instructions.TryGetValue(pc, out Instruction i))
            {
                block.Instructions.Add(i);
                pc += i.Length;
                if (i.Row!.Transfers || body.Leaders.Contains(pc))
                    break;
            }

            block.End = pc;
            body.Blocks.Add(leader, block);
            _blocks.Add(block);
        }

        foreach (List<Body> copies in body.Inlined.Values)
            copies.ForEach(Cut);
    }

    private void Connect(Body body)
    {
        foreach (Block block in body.Blocks.Values)
        {
            Instruction last = block.Instructions[^1];
            ulong at = block.End - last.Length;
            switch (last.Row!.Flow)
            {
                case Flow.Next or Flow.Leave:
                    block.Next = body.Blocks.GetValueOrDefault(block.End);
                    break;
                case Flow.Branch:
                    block.Next = body.Blocks.GetValueOrDefault(block.End);
                    block.Taken = body.Blocks.GetValueOrDefault(at + (ulong)last.Immediate);
                    break;
                case Flow.Jump when last.Rd == 0:
                    block.Taken = body.Blocks.GetValueOrDefault(at + (ulong)last.Immediate);
                    break;
                case Flow.Jump:
                    block.Taken = CalleeOf(body, at, last);
                    break;
                case Flow.JumpRegister when BodyReader.IsLink(last.Rd):
                    block.Targets.AddRange(CopiesAt(body, at));
                    break;
                case Flow.JumpRegister:
                    AddTargets(block, at);
                    break;
            }

            if (block.Next is not null)
                block.Successors.Add(block.Next);
            if (block.Taken is not null && block.Taken != block.Next)
                block.Successors.Add(block.Taken);
            foreach (Block target in block.Targets)
            {
                if (!block.Successors.Contains(target))
                    block.Successors.Add(target);
            }
        }

        foreach (List<Body> copies in body.Inlined.Values)
            copies.ForEach(Connect);
    }

    /// <summary>The copy of a callee, or the region's own function when that calls itself.</summary>
    private Block? CalleeOf(Body body, ulong at, in Instruction call)
    {
        if (CopiesAt(body, at) is [Block copy])
            return copy;
        return at + (ulong)call.Immediate == _body.Entry ? _body.Blocks.GetValueOrDefault(_body.Entry) : null;
    }

    /// <summary>Where the copies of a call's callees begin.</summary>
    private static List<Block> CopiesAt(Body body, ulong call)
    {
        var blocks = new List<Block>();
        foreach (Body callee in body.Inlined.GetValueOrDefault(call) ?? [])
        {
            if (callee.Blocks.TryGetValue(callee.Entry, out Block? block))
                blocks.Add(block);
        }

        return blocks;
    }

    private void AddTargets(Block block, ulong at)
    {
        Body body = block.Body;
        if (body.JumpTargets.TryGetValue(at, out ulong[]? targets))
            Add(body, [.. targets]);
        else if (!BodyReader.IsReturn(block.Instructions[^1]))
            return;
        else if (body.Caller is { } caller)
            Add(caller, [body.ReturnTo]);
        else
            Add(body, ReturnSites());

        void Add(Body where, List<ulong> at)
        {
            foreach (ulong pc in at)
            {
                if (where.Blocks.TryGetValue(pc, out Block? target))
                    block.Targets.Add(target);
            }
        }
    }

    /// <summary>Where calls of the region's function to itself come back to, the lowest ones.</summary>
    private List<ulong> ReturnSites()
    {
        var sites = new List<ulong>();
        foreach ((ulong pc, Instruction i) in _body.Instructions)
        {
            if (i.Row!.Flow == Flow.Jump && i.Rd != 0 && pc + (ulong)i.Immediate == _body.Entry)
                sites.Add(pc + i.Length);
        }

        sites.Sort();
        if (sites.Count > MaxReturnSites)
            sites.RemoveRange(MaxReturnSites, sites.Count - MaxReturnSites);
        return sites;
    }
}
