using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>
/// Splits the integer registers of a region into webs: a definition and every other that reaches a common use share
/// one, so that a register that is used for one thing after another can be held in several ways. What no instruction of
/// the region reads any more but exits write back is the register's idle web: it may hold anything, and says nothing
/// about the webs that end in it. After <see cref="DataFlow.Solve"/>.
/// </summary>
internal sealed class RegisterWebs
{
    private const int Registers = 32;

    private readonly Dictionary<Block, int> _numbers;
    private readonly Dictionary<Block, ulong> _read;
    private readonly int[] _firstDefinition;
    private readonly DisjointSets _sets;
    private readonly List<Web> _webs = [];
    private readonly Web?[] _idle = new Web?[Registers];
    private readonly Dictionary<int, Web> _found = [];
    private readonly Dictionary<Block, Web?[]> _entering = [];
    private readonly Dictionary<Block, Web?[]> _written = [];

    public RegisterWebs(IReadOnlyList<Block> blocks)
    {
        _numbers = new Dictionary<Block, int>(blocks.Count);
        _read = FindRead(blocks);
        _firstDefinition = new int[blocks.Count];
        int nodes = blocks.Count * Registers;
        foreach (Block b in blocks)
        {
            _firstDefinition[_numbers.Count] = nodes;
            _numbers.Add(b, _numbers.Count);
            nodes += b.Instructions.Count;
        }

        _sets = new DisjointSets(nodes);
        foreach (Block b in blocks)
            Join(b);
        foreach (Block b in blocks)
            MakeWebs(b);
    }

    public IReadOnlyList<Web> Webs => _webs;

    /// <summary>The web of each live register at the top of the block.</summary>
    public Web?[] Entering(Block block) => _entering[block];

    /// <summary>The web of what the instruction writes; null for nothing, or x0.</summary>
    public Web? Written(Block block, int index) => _written[block][index];

    public bool IsIdle(Web web) => _idle[web.Register] == web;

    private static int WrittenRegister(in Instruction i) => (i.Row!.Operands & Operands.WritesX) != 0 ? i.Rd : 0;

    /// <summary>What enters a block, for each register, and what each instruction writes are the nodes that are joined.</summary>
    private static int Entry(int block, int register) => (block * Registers) + register;

    /// <summary>Registers that some path from the top of a block reads before it writes them; exits do not count.</summary>
    private static Dictionary<Block, ulong> FindRead(IReadOnlyList<Block> blocks)
    {
        var read = new Dictionary<Block, ulong>(blocks.Count);
        foreach (Block b in blocks)
            read.Add(b, b.Uses);
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int k = blocks.Count - 1; k >= 0; k--)
            {
                Block b = blocks[k];
                ulong set = b.Uses;
                foreach (Block s in b.Successors)
                    set |= read[s] & ~b.Defs;
                changed |= set != read[b];
                read[b] = set;
            }
        }

        return read;
    }

    private bool IsRead(Block b, int register) => (_read[b] & (1UL << register)) != 0;

    private void Join(Block b)
    {
        int number = _numbers[b];
        Span<int> last = stackalloc int[Registers];
        for (int r = 0; r < Registers; r++)
            last[r] = Entry(number, r);
        for (int k = 0; k < b.Instructions.Count; k++)
            last[WrittenRegister(b.Instructions[k])] = _firstDefinition[number] + k;
        foreach (Block s in b.Successors)
        {
            for (int r = 1; r < Registers; r++)
            {
                if (IsRead(s, r))
                    _sets.Union(last[r], Entry(_numbers[s], r));
            }
        }
    }

    private void MakeWebs(Block b)
    {
        int number = _numbers[b];
        var entering = new Web?[Registers];
        for (int r = 1; r < Registers; r++)
        {
            if ((b.LiveIn & (1UL << r)) == 0)
                continue;
            Web web = IsRead(b, r) ? WebOf(Entry(number, r), r) : _idle[r] ??= Add(r);
            web.IsLoaded |= b.IsEntry;
            entering[r] = web;
        }

        var written = new Web?[b.Instructions.Count];
        for (int k = 0; k < written.Length; k++)
        {
            if (WrittenRegister(b.Instructions[k]) is > 0 and int r)
                written[k] = WebOf(_firstDefinition[number] + k, r);
        }

        _entering.Add(b, entering);
        _written.Add(b, written);
    }

    private Web WebOf(int node, int register)
    {
        int set = _sets.Find(node);
        if (!_found.TryGetValue(set, out Web? web))
            _found.Add(set, web = Add(register));
        return web;
    }

    private Web Add(int register)
    {
        var web = new Web(register, _webs.Count);
        _webs.Add(web);
        return web;
    }
}
