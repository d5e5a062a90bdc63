using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>
/// Which accesses of a region need a check of their own. A check stands for later accesses at a known distance from
/// its address, in its block and in the blocks after it, as far as every way there made one ("must" data flow over
/// extents that were checked). Nothing is known where the region is entered.
/// <para>
/// What was checked stays allowed until the region is left: whoever takes rights away waits until every hart has left
/// translated code (<see cref="World.Quiesce"/>), and this hart's own calls are served outside of it.
/// </para>
/// </summary>
internal sealed class AddressFacts
{
    private const int StackPointer = 2;

    /// <summary>Visits after which what still changes at a join is given up.</summary>
    private const int PatientVisits = 4;

    private readonly LoopNest _nest;
    private readonly bool _careful;
    private readonly StackNeeds? _stackNeeds;
    private readonly Dictionary<Block, Entering> _entering = [];
    private readonly Dictionary<Block, KnownAddresses> _leaving = [];
    private readonly Dictionary<Block, PlacedCheck?[]> _checks = [];
    private readonly Dictionary<Block, List<Access>> _accesses = [];
    private readonly Dictionary<Block, int> _firstSymbol = [];
    private IReadOnlyDictionary<Block, LoopChecks> _loops = new Dictionary<Block, LoopChecks>();

    public AddressFacts(LoopNest nest, bool careful)
    {
        _nest = nest;
        _careful = careful;
        _stackNeeds = careful ? null : new StackNeeds(nest);
        int symbols = 1;
        foreach (Block b in nest.Order)
        {
            _firstSymbol.Add(b, symbols);
            symbols += 32 + (2 * b.Instructions.Count);
        }
    }

    /// <summary>An access as it was found: relative to a symbol.</summary>
    /// <param name="Block">Where it is made.</param>
    /// <param name="Index">By which instruction of the block.</param>
    /// <param name="Symbol">What its address is relative to.</param>
    /// <param name="Bytes">Relative to that.</param>
    /// <param name="Writes">Whether the bytes must be writable.</param>
    /// <param name="IsAligned">It is only made at a multiple of its size, so inside one page.</param>
    /// <param name="Checked">Whether it has a check of its own.</param>
    internal readonly record struct Access(
        Block Block, int Index, int Symbol, Extent Bytes, bool Writes, bool IsAligned, bool Checked);

    private sealed class Entering(KnownAddresses known)
    {
        public KnownAddresses Known { get; } = known;

        public int Visits { get; set; }
    }

    /// <summary>For each instruction: the check to make before it, or null.</summary>
    public PlacedCheck?[] ChecksOf(Block block) => _checks[block];

    public List<Access> AccessesOf(Block block) => _accesses[block];

    /// <summary>The register whose value when a block was entered the symbol stands for, if it does.</summary>
    public bool TryGetRegister(int symbol, Loop within, out Block block, out int register)
    {
        foreach (Block b in within.Blocks)
        {
            int first = _firstSymbol[b];
            if (symbol >= first && symbol < first + 32)
            {
                block = b;
                register = symbol - first;
                return true;
            }
        }

        block = within.Header;
        register = 0;
        return false;
    }

    /// <summary>Finds the checks, given those that loops make before each iteration.</summary>
    public void Solve(IReadOnlyDictionary<Block, LoopChecks> loops)
    {
        _loops = loops;
        _entering.Clear();
        _leaving.Clear();
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (Block b in _nest.Order)
            {
                changed |= Enter(b, out KnownAddresses known);
                Pass(b, known);
            }
        }
    }

    /// <summary>What is known at the top of a block; true when that is less than at its last visit, or it is the first.</summary>
    private bool Enter(Block block, out KnownAddresses known)
    {
        IReadOnlyList<Block> from = _nest.PredecessorsOf(block);
        if (!block.IsEntry && from.Count == 1 && from[0] != block && _leaving.TryGetValue(from[0], out KnownAddresses? only))
        {
            known = only.Copy();
            StartAnew(block, known);
            return false;
        }

        KnownAddresses now = Meet(block, block.IsEntry ? [] : from);
        if (_loops.TryGetValue(block, out LoopChecks? loop))
            loop.Promise(now);
        bool first = !_entering.TryGetValue(block, out Entering? before);
        bool less = first;
        if (before is not null)
        {
            for (int r = 0; r < 32; r++)
            {
                KnownAddress old = before.Known[r];
                KnownAddress both = now[r] with
                {
                    Readable = now[r].Readable.Intersect(old.Readable),
                    Writable = now[r].Writable.Intersect(old.Writable),
                };
                if (both.Symbol != old.Symbol || both.Offset != old.Offset || both.Slack != old.Slack)
                    both = Fresh(block, r) with { Readable = both.Readable, Writable = both.Writable };
                if (both != old && before.Visits > PatientVisits)
                    both = Promised(block, r, before.Visits > 2 * PatientVisits ? default : both, old);
                now.Set(r, both);
                less |= both != old;
            }
        }

        _entering[block] = new Entering(now) { Visits = (before?.Visits ?? 0) + 1 };
        known = now.Copy();
        return less;
    }

    /// <summary>
    /// A table with an index whose beginning no register holds any more: nothing was or will be checked by it. What the block
    /// accesses by such a register is checked together, relative to where the index has led.
    /// </summary>
    private void StartAnew(Block block, KnownAddresses known)
    {
        ulong written = 0;
        foreach (Instruction i in block.Instructions)
        {
            KnownAddress at = known[i.Rs1];
            if (ShapeOf(i).Bytes != 0 && (written & DataFlow.X(i.Rs1)) == 0 && at is { Symbol: not 0, Slack: not 0, Readable.IsEmpty: true }
                && RegisterOf(known, i.Rs1, at.Symbol, block.Uses) < 0)
            {
                known.Set(i.Rs1, Fresh(block, i.Rs1));
            }

            written |= DataFlow.Writes(i);
        }
    }

    private KnownAddress Fresh(Block block, int register) =>
        new(register == 0 ? 0 : _firstSymbol[block] + register, 0, default, default);

    /// <summary>
    /// What a loop's own checks say of a register, and of what else is known the part behind it or before it that did not change: what
    /// shrinks with each visit is what an iteration finds checked by the one before, as far as the page reaches.
    /// </summary>
    private KnownAddress Promised(Block block, int register, in KnownAddress now, in KnownAddress before)
    {
        var known = new KnownAddresses();
        for (int r = 0; r < 32; r++)
            known.Set(r, Fresh(block, r));
        if (_loops.TryGetValue(block, out LoopChecks? loop))
            loop.Promise(known);
        KnownAddress promised = known[register];
        return promised with
        {
            Readable = promised.Readable.Or(now.Readable.Settled(before.Readable)),
            Writable = promised.Writable.Or(now.Writable.Settled(before.Writable)),
        };
    }

    private KnownAddresses Meet(Block block, IReadOnlyList<Block> from)
    {
        var met = new KnownAddresses();
        KnownAddresses[] known = [.. from.Where(_leaving.ContainsKey).Select(b => _leaving[b])];
        for (int r = 0; r < 32; r++)
        {
            KnownAddress here = Fresh(block, r);
            if (known.Length != 0)
            {
                KnownAddress one = known[0][r];
                bool isConstant = one.Symbol == 0;
                here.Readable = one.Readable;
                here.Writable = one.Writable;
                foreach (KnownAddresses k in known)
                {
                    here.Readable = here.Readable.Intersect(k[r].Readable);
                    here.Writable = here.Writable.Intersect(k[r].Writable);
                    isConstant &= k[r].Symbol == 0 && k[r].Offset == one.Offset && k[r].Slack == one.Slack;
                }

                if (isConstant)
                    here = here with { Symbol = 0, Offset = one.Offset, Slack = one.Slack };
            }

            met.Set(r, here);
        }

        return met;
    }

    /// <summary>Passes a block; what it leaves is a function of what it was entered with.</summary>
    private void Pass(Block block, KnownAddresses known)
    {
        List<Access> accesses = Trace(block, known.Copy(), out KnownAddress stackAtEnd);
        var checks = new PlacedCheck?[block.Instructions.Count];
        int next = 0;
        ulong defined = block.Uses;
        ulong pc = block.Start;
        for (int k = 0; k < checks.Length; k++)
        {
            Instruction i = block.Instructions[k];
            if (next < accesses.Count && accesses[next].Index == k)
            {
                KnownAddress at = known[i.Rs1];
                Access access = accesses[next];
                bool isFar = at.Slack > KnownAddresses.MostSlack;
                if (isFar || !(access.Writes ? at.Writable : at.Readable).Covers(access.Bytes.From(at.Offset)))
                {
                    accesses[next] = access with { Checked = true };
                    int table = isFar ? -1 : RegisterOf(known, i.Rs1, access.Symbol, defined);
                    if (table < 0)
                    {
                        int bytes = ShapeOf(i).Bytes;
                        checks[k] = new PlacedCheck(i.Rs1, new MergedCheck(i.Immediate, bytes, !access.Writes, access.Writes));
                    }
                    else
                    {
                        MergedCheck check = Gather(accesses, next, stackAtEnd, block);
                        bool isOnePage = access.IsAligned && check.Bytes == access.Bytes;
                        checks[k] = new PlacedCheck(
                            table, check with { Low = check.Low - known[table].Offset, Span = isOnePage ? 1 : check.Span });
                        known.Check(access.Symbol, isOnePage ? access.Bytes : Proven(check), check.Writes);
                    }
                }

                next++;
            }

            known.Pass(i, pc, _firstSymbol[block] + 32 + k, bounds: !_careful);
            defined |= DataFlow.Writes(i);
            pc += i.Length;
        }

        _checks[block] = checks;
        _accesses[block] = accesses;
        _leaving[block] = known;
    }

    /// <summary>The accesses of a block by symbol, and the stack pointer at its end.</summary>
    private List<Access> Trace(Block block, KnownAddresses known, out KnownAddress stackAtEnd)
    {
        var accesses = new List<Access>();
        ulong pc = block.Start;
        for (int k = 0; k < block.Instructions.Count; k++)
        {
            Instruction i = block.Instructions[k];
            if (ShapeOf(i) is { Bytes: not 0 } shape)
            {
                KnownAddress at = known[i.Rs1];
                if (at.Slack > KnownAddresses.MostSlack) // an address of its own
                    at = new KnownAddress(_firstSymbol[block] + 32 + block.Instructions.Count + k, 0, default, default);
                long low = at.Offset + i.Immediate;
                bool isAligned = i.Row!.Atomic.Bytes != 0 && at.Slack == 0;
                accesses.Add(new Access(
                    block, k, at.Symbol, new Extent(low, low + shape.Bytes + at.Slack), shape.Writes, isAligned, false));
            }

            known.Pass(i, pc, _firstSymbol[block] + 32 + k, bounds: !_careful);
            pc += i.Length;
        }

        stackAtEnd = known[StackPointer];
        return accesses;
    }

    /// <summary>
    /// What an instruction wants checked. lr asks for a writable page, too: sc follows, and shares the check.
    /// </summary>
    private static MemoryShape ShapeOf(in Instruction i) =>
        i.Row!.Atomic.Bytes != 0 ? new MemoryShape(i.Row.Atomic.Bytes, Writes: true) : i.Row.Memory;

    /// <summary>
    /// The register to check an access by: its own when that has the one address, else one that holds what the table begins
    /// at; -1 when the block has none.
    /// </summary>
    private static int RegisterOf(KnownAddresses known, int own, int symbol, ulong defined)
    {
        if (known[own].Slack == 0)
            return own;
        for (int r = 0; r < 32; r++)
        {
            if (known[r].Symbol == symbol && known[r].Slack == 0 && (r == 0 || (defined & (1UL << r)) != 0))
                return r;
        }

        return -1;
    }

    /// <summary>The check for an access, wide enough for what will follow it as far as a page reaches.</summary>
    private MergedCheck Gather(List<Access> accesses, int first, KnownAddress stackAtEnd, Block block)
    {
        Access access = accesses[first];
        Extent bytes = access.Bytes;
        bool reads = false, writes = false;
        for (int k = first; k < accesses.Count; k++)
        {
            if (accesses[k].Symbol != access.Symbol)
                continue;
            Extent both = bytes.Hull(accesses[k].Bytes);
            if (both.High - both.Low > HostMemory.PageSize)
                continue;
            bytes = both;
            reads |= !accesses[k].Writes;
            writes |= accesses[k].Writes;
        }

        if (_stackNeeds is not null && stackAtEnd.Symbol == access.Symbol && access.Symbol != 0)
        {
            StackNeed need = _stackNeeds.After(block);
            Extent needed = need.Bytes.From(-stackAtEnd.Offset);
            if (!needed.IsEmpty && needed.Low < bytes.Low)
                bytes = bytes with { Low = Math.Max(needed.Low, bytes.High - HostMemory.PageSize) };
            writes |= need.Writes && !needed.IsEmpty;
        }

        return new MergedCheck(bytes, reads, writes);
    }

    /// <summary>
    /// What a passed check says. One of more than a byte has tested the page of its lowest address and the next one
    /// (pair bits), hence a page's length from there; the careful one may have looked at its own bytes only.
    /// </summary>
    private Extent Proven(MergedCheck check) =>
        _careful || check.Span == 1 ? check.Bytes : new Extent(check.Low, check.Low + HostMemory.PageSize + 1);
}
