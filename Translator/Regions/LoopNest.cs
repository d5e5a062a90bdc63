using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>A natural loop: a header that dominates the sources of its back edges, and what reaches those without it.</summary>
internal sealed class Loop(Block header)
{
    public Block Header { get; } = header;

    public HashSet<Block> Blocks { get; } = [header];

    /// <summary>Sources of the back edges.</summary>
    public List<Block> Latches { get; } = [];

    /// <summary>The next loop outside, if any.</summary>
    public Loop? Parent { get; set; }

    /// <summary>Holds a cycle that is no natural loop, so a block of it may run more than once in an iteration.</summary>
    public bool HasOtherCycle { get; set; }

    /// <summary>
    /// Whether most ways on from some block of it lead out: a jump to many places, one of which comes back. Where a switch is
    /// made over and over, that is a loop for each of its cases that jumps back without what the others end with.
    /// </summary>
    public bool IsSeldomRepeated => Blocks.Any(b => b.Targets.Count > 2 && b.Targets.Count(Blocks.Contains) * 2 < b.Targets.Count);

    /// <summary>Whether the region can be entered in the middle of an iteration.</summary>
    public bool HasSideEntry => Blocks.Any(b => b.IsEntry && b != Header);
}

/// <summary>
/// Order, dominators and natural loops of a region's blocks, as if control came from the blocks that no other leads to,
/// or from the lowest of a cycle that none leads into. A region is often entered in the middle of nested loops; this way
/// they are found as the guest's compiler meant them. Whoever relies on a loop asks for <see cref="Loop.HasSideEntry"/>.
/// </summary>
internal sealed class LoopNest
{
    private readonly Dictionary<Block, int> _position = [];
    private readonly Dictionary<Block, Loop> _innermost = [];
    private readonly List<Block>[] _predecessors;
    private readonly Block[] _order;

    /// <summary>By position + 1; 0 stands for the outside.</summary>
    private readonly int[] _dominator;

    /// <param name="blocks">The region, each function's blocks by address.</param>
    public LoopNest(IEnumerable<Block> blocks)
    {
        Block[] all = [.. blocks];
        var reached = new HashSet<Block>(all.SelectMany(b => b.Successors));
        var roots = new HashSet<Block>();
        var post = new List<Block>(all.Length);
        var seen = new HashSet<Block>();
        foreach (Block b in all.Where(b => !reached.Contains(b)).Concat(all))
        {
            if (reached.Contains(b) && IsLatchAtTop(b) && !seen.Contains(b))
                Start(b.Successors[0]);
            Start(b);
        }

        _order = [.. Enumerable.Reverse(post)];
        for (int k = 0; k < _order.Length; k++)
            _position.Add(_order[k], k);
        _predecessors = [.. _order.Select(_ => new List<Block>())];
        foreach (Block b in _order)
        {
            foreach (Block s in b.Successors)
                _predecessors[_position[s]].Add(b);
        }

        _dominator = FindDominators(roots);
        FindLoops();

        void Start(Block root)
        {
            if (seen.Contains(root))
                return;
            roots.Add(root);
            Visit(root, seen, post);
        }
    }

    /// <summary>Every block after those that lead to it, back edges aside.</summary>
    public IReadOnlyList<Block> Order => _order;

    /// <summary>Inner loops before those around them.</summary>
    public IReadOnlyList<Loop> Loops { get; private set; } = [];

    public IReadOnlyList<Block> PredecessorsOf(Block block) => _predecessors[_position[block]];

    public Loop? Innermost(Block block) => _innermost.GetValueOrDefault(block);

    public int PositionOf(Block block) => _position[block];

    /// <summary>Whether every way to the second block leads through the first, entries in the middle aside.</summary>
    public bool Dominates(Block first, Block second)
    {
        int wanted = _position[first] + 1;
        int at = _position[second] + 1;
        while (at > wanted)
            at = _dominator[at];
        return at == wanted;
    }

    /// <summary>
    /// Lowest of a cycle, it steps on and leaves the cycle or falls into the loop's header: compilers put there what several
    /// ways through the loop end with.
    /// </summary>
    private static bool IsLatchAtTop(Block block) =>
        block.Instructions[^1].Row!.Flow == Flow.Branch && block.Successors.Count == 1 && block.Successors[0] == block.Next;

    private static void Visit(Block root, HashSet<Block> seen, List<Block> post)
    {
        var stack = new Stack<(Block Block, int Next)>();
        seen.Add(root);
        stack.Push((root, 0));
        while (stack.TryPop(out (Block Block, int Next) at))
        {
            if (at.Next == at.Block.Successors.Count)
            {
                post.Add(at.Block);
                continue;
            }

            stack.Push((at.Block, at.Next + 1));
            Block next = at.Block.Successors[at.Next];
            if (seen.Add(next))
                stack.Push((next, 0));
        }
    }

    // Cooper, Harvey, Kennedy: "A Simple, Fast Dominance Algorithm".
    private int[] FindDominators(HashSet<Block> roots)
    {
        const int Unknown = -1;
        var dominator = new int[_order.Length + 1];
        for (int k = 1; k < dominator.Length; k++)
            dominator[k] = Unknown;
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int k = 0; k < _order.Length; k++)
            {
                int found = roots.Contains(_order[k]) ? 0 : Unknown;
                foreach (Block p in _predecessors[k])
                {
                    int other = _position[p] + 1;
                    if (dominator[other] == Unknown)
                        continue;
                    found = found == Unknown ? other : Meet(dominator, found, other);
                }

                changed |= dominator[k + 1] != found;
                dominator[k + 1] = found;
            }
        }

        return dominator;
    }

    private static int Meet(int[] dominator, int a, int b)
    {
        while (a != b)
        {
            if (a > b)
                a = dominator[a];
            else
                b = dominator[b];
        }

        return a;
    }

    private void FindLoops()
    {
        var loops = new Dictionary<Block, Loop>();
        var strays = new List<Block>();
        foreach (Block b in _order)
        {
            foreach (Block s in b.Successors.Where(s => _position[s] <= _position[b]))
            {
                if (!Dominates(s, b))
                {
                    strays.Add(b);
                    continue;
                }

                if (!loops.TryGetValue(s, out Loop? loop))
                    loops.Add(s, loop = new Loop(s));
                loop.Latches.Add(b);
            }
        }

        foreach (Loop loop in loops.Values)
        {
            var work = new Stack<Block>(loop.Latches);
            while (work.TryPop(out Block? b))
            {
                if (!loop.Blocks.Add(b))
                    continue;
                foreach (Block p in PredecessorsOf(b))
                    work.Push(p);
            }

            loop.HasOtherCycle = strays.Any(loop.Blocks.Contains);
        }

        List<Loop> sorted = [.. loops.Values];
        sorted.Sort((a, b) => a.Blocks.Count != b.Blocks.Count
            ? a.Blocks.Count.CompareTo(b.Blocks.Count)
            : _position[b.Header].CompareTo(_position[a.Header]));
        Loops = sorted;
        foreach (Loop loop in Loops)
        {
            foreach (Block b in loop.Blocks)
                _innermost.TryAdd(b, loop);
            loop.Parent = Loops.FirstOrDefault(l => l != loop && l.Blocks.Contains(loop.Header) && l.Blocks.Count > loop.Blocks.Count);
        }
    }
}
