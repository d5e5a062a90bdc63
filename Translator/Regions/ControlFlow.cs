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

    /// <summary>The function's own blocks by address, then those of inlined calls.</summary>
    public IReadOnlyList<Block> Blocks => _blocks;

    public ulong Entry => _body.Entry;

    public int InstructionCount { get; private set; }

    public int OwnInstructionCount => _body.Instructions.Count;

    /// <summary>Where the blocks of the region's own function begin.</summary>
    public ulong[] Inside => [.. _body.Blocks.Keys];

    /// <summary>Places of the function that its blocks lead to and that are not part of the region.</summary>
    public ulong[] LeftOut => [.. _body.Leaders.Where(pc => !_body.Blocks.ContainsKey(pc))];

    /// <summary>Functions that blocks call outside the region.</summary>
    public ulong[] Calls => [.. _blocks.Where(IsOutsideCall).Select(b => b.End - b.Instructions[^1].Length + (ulong)b.Instructions[^1].Immediate).Distinct()];

    /// <summary>Null when nothing at the entry can be translated.</summary>
    public static ControlFlow? Discover(CodeSource code, ulong entry, int maxInstructions)
    {
        Body body = new BodyReader(code, maxInstructions).Read(entry);
        if (!body.Instructions.ContainsKey(entry))
            return null;
        var flow = new ControlFlow(body);
        flow.Cut(body);
        flow.Connect(body);
        return flow;
    }

    private static bool IsOutsideCall(Block block) =>
        block.Taken is null && block.Instructions[^1] is { Row.Flow: Flow.Jump, Rd: not 0 };

    /// <summary>Makes the blocks of a body and of those inlined into it.</summary>
    private void Cut(Body body)
    {
        InstructionCount += body.Instructions.Count;
        foreach (ulong leader in body.Leaders.Where(body.Instructions.ContainsKey).Order())
        {
            var block = new Block(leader, body) { IsEntry = body.Entries.Contains(leader) };
            ulong pc = leader;
            while (body.Instructions.TryGetValue(pc, out Instruction i))
            {
                block.Instructions.Add(i);
                pc += i.Length;
                if (i.Row!.Flow != Flow.Next || body.Leaders.Contains(pc))
                    break;
            }

            block.End = pc;
            body.Blocks.Add(leader, block);
            _blocks.Add(block);
        }

        foreach (Body callee in body.Inlined.Values)
            Cut(callee);
    }

    private void Connect(Body body)
    {
        foreach (Block block in body.Blocks.Values)
        {
            Instruction last = block.Instructions[^1];
            ulong at = block.End - last.Length;
            switch (last.Row!.Flow)
            {
                case Flow.Next:
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
                case Flow.JumpRegister when !BodyReader.IsLink(last.Rd):
                    AddTargets(block, at);
                    break;
            }

            if (block.Next is not null)
                block.Successors.Add(block.Next);
            if (block.Taken is not null && block.Taken != block.Next)
                block.Successors.Add(block.Taken);
            block.Successors.AddRange(block.Targets.Except(block.Successors));
        }

        foreach (Body callee in body.Inlined.Values)
            Connect(callee);
    }

    /// <summary>The copy of a callee, or the region's own function when that calls itself.</summary>
    private Block? CalleeOf(Body body, ulong at, in Instruction call)
    {
        if (body.Inlined.TryGetValue(at, out Body? callee))
            return callee.Blocks.GetValueOrDefault(callee.Entry);
        return at + (ulong)call.Immediate == _body.Entry ? _body.Blocks.GetValueOrDefault(_body.Entry) : null;
    }

    private void AddTargets(Block block, ulong at)
    {
        Body body = block.Body;
        if (body.JumpTargets.TryGetValue(at, out ulong[]? targets))
            Add(body, targets);
        else if (!BodyReader.IsReturn(block.Instructions[^1]))
            return;
        else if (body.Caller is { } caller)
            Add(caller, [body.ReturnTo]);
        else
            Add(body, [.. ReturnSites().Take(MaxReturnSites)]);

        void Add(Body where, ulong[] at) =>
            block.Targets.AddRange(at.Select(pc => where.Blocks.GetValueOrDefault(pc)).OfType<Block>());
    }

    /// <summary>Where calls of the region's function to itself come back to.</summary>
    private IEnumerable<ulong> ReturnSites() =>
        from i in _body.Instructions
        where i.Value.Row!.Flow == Flow.Jump && i.Value.Rd != 0 && i.Key + (ulong)i.Value.Immediate == _body.Entry
        orderby i.Key
        select i.Key + i.Value.Length;
}
