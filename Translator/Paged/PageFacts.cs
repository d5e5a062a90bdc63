using RvJit.Translator.Isa;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Paged;

/// <summary>
/// Which accesses of a region behind page tables compare a tag, and whose addend the others use: a "must" data flow over
/// <see cref="PageFact"/>. Nothing is known where the region is entered.
/// <para>
/// What was checked stays true until the region is left. No TLB is filled, and no mode changed, by a hart that is in code; who voids
/// entries of another hart for good waits until that has been outside (<see cref="Machine.Paging.MachineMemory.FenceRemote"/>,
/// <see cref="Machine.Paging.MachineMemory.Watch"/>); this hart's own fences and CSR writes are served outside. A failing check leaves
/// before its access, which is then made precisely.
/// </para>
/// </summary>
internal sealed class PageFacts
{
    private const int StackPointer = 2;

    /// <summary>Visits after which what still changes at a join is given up.</summary>
    private const int PatientVisits = 4;

    private readonly LoopNest _nest;
    private readonly int _window;
    private readonly StackNeeds? _stackNeeds;
    private readonly LaterAccesses? _later;
    private readonly Place[] _places;

    /// <param name="nest">The region.</param>
    /// <param name="window">Most bytes that one check may stand for; 0: those of its own access only, and no guesses.</param>
    public PageFacts(LoopNest nest, int window)
    {
        _nest = nest;
        _window = window;
        _stackNeeds = window != 0 ? new StackNeeds(nest) : null;
        _later = window != 0 ? new LaterAccesses(nest, window) : null;
        _places = new Place[nest.Order.Count];
        int symbols = 1;
        for (int k = 0; k < _places.Length; k++)
        {
            int count = nest.Order[k].Instructions.Count;
            _places[k] = new Place(symbols, count);
            symbols += 32 + count;
        }

        Solve();
    }

    /// <summary>What is known around one block.</summary>
    private sealed class Place(int firstSymbol, int count)
    {
        public int FirstSymbol { get; } = firstSymbol;

        public PageFact[]? Entering { get; set; }

        public PageFact[]? Leaving { get; set; }

        public int Visits { get; set; }

        public PlacedCheck?[] Checks { get; set; } = new PlacedCheck?[count];

        public int[] Slots { get; } = new int[count];
    }

    /// <summary>An access relative to a symbol.</summary>
    private readonly record struct Access(int Index, int Symbol, Extent Bytes, bool Writes);

    /// <summary>For each instruction of a block: the check to make before it, or null.</summary>
    public PlacedCheck?[] ChecksOf(Block block) => PlaceOf(block).Checks;

    /// <summary>Whose addend an access uses, and its check sets.</summary>
    public int SlotOf(Block block, int index) => PlaceOf(block).Slots[index];

    private Place PlaceOf(Block block) => _places[_nest.PositionOf(block)];

    private void Solve()
    {
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (Block b in _nest.Order)
            {
                changed |= Enter(b, out PageFact[] known);
                Pass(b, known);
            }
        }
    }

    /// <summary>What is known at the top of a block; true when that is less than at its last visit, or it is the first.</summary>
    private bool Enter(Block block, out PageFact[] known)
    {
        Place place = PlaceOf(block);
        IReadOnlyList<Block> from = _nest.PredecessorsOf(block);
        if (!block.IsEntry && from.Count == 1 && from[0] != block && PlaceOf(from[0]).Leaving is { } only)
        {
            known = [.. only];
            return false;
        }

        known = Meet(place, block.IsEntry ? [] : from);
        bool less = place.Entering is null;
        for (int r = 0; r < known.Length && place.Entering is { } before; r++)
        {
            PageFact both = known[r].Meet(before[r], known[r].Symbol);
            if (both != before[r] && place.Visits > PatientVisits)
                both = both.Forgotten();
            known[r] = both;
            less |= both != before[r];
        }

        place.Visits++;
        place.Entering = [.. known];
        return less;
    }

    private PageFact[] Meet(Place place, IReadOnlyList<Block> from)
    {
        var met = new PageFact[32];
        for (int r = 0; r < met.Length; r++)
        {
            int symbol = r == 0 ? 0 : place.FirstSymbol + r;
            PageFact? here = null;
            foreach (Block b in from)
            {
                if (PlaceOf(b).Leaving is { } leaving)
                    here = here is { } known ? known.Meet(leaving[r], symbol) : leaving[r] with { Symbol = symbol, Offset = 0 };
            }

            met[r] = here ?? new PageFact(symbol, 0, 0, default, false);
        }

        return met;
    }

    private void Pass(Block block, PageFact[] known)
    {
        Place place = PlaceOf(block);
        List<Access> accesses = Trace(block, place, [.. known], out PageFact[] atEnd);
        var checks = new PlacedCheck?[block.Instructions.Count];
        int next = 0;
        ulong pc = block.Start;
        for (int k = 0; k < checks.Length; k++)
        {
            Instruction i = block.Instructions[k];
            MemoryShape shape = i.Row!.Memory;
            if (shape.Bytes != 0)
            {
                PageFact at = known[i.Rs1];
                if (!at.Bytes.Covers(new Extent(i.Immediate, i.Immediate + shape.Bytes)) || (shape.Writes && !at.Writable))
                    checks[k] = Check(block, known, i.Rs1, accesses, next, atEnd, out place.Slots[k]);
                else
                    place.Slots[k] = at.Slot;
                next++;
            }

            Advance(known, i, pc, place.FirstSymbol + 32 + k);
            pc += i.Length;
        }

        place.Checks = checks;
        place.Leaving = known;
    }

    private static void Advance(PageFact[] known, in Instruction i, ulong pc, int symbol)
    {
        if ((i.Row!.Operands & Operands.WritesX) == 0 || i.Rd == 0)
            return;
        PageFact? sum = i.Row.TryGetSum(i, pc, out int source, out long by) ? known[source].Moved(by) : null;
        known[i.Rd] = sum ?? new PageFact(symbol, 0, 0, default, false);
    }

    private static List<Access> Trace(Block block, Place place, PageFact[] known, out PageFact[] atEnd)
    {
        var accesses = new List<Access>();
        ulong pc = block.Start;
        for (int k = 0; k < block.Instructions.Count; k++)
        {
            Instruction i = block.Instructions[k];
            MemoryShape shape = i.Row!.Memory;
            if (shape.Bytes != 0)
            {
                long low = known[i.Rs1].Offset + i.Immediate;
                accesses.Add(new Access(k, known[i.Rs1].Symbol, new Extent(low, low + shape.Bytes), shape.Writes));
            }

            Advance(known, i, pc, place.FirstSymbol + 32 + k);
            pc += i.Length;
        }

        atEnd = known;
        return accesses;
    }

    /// <summary>The check for an access by a register, wide enough for what will follow; all that share its symbol know it then.</summary>
    private PlacedCheck Check(
        Block block, PageFact[] known, int register, List<Access> accesses, int first, PageFact[] atEnd, out int slot)
    {
        PageFact at = known[register];
        (Extent bytes, bool writes) = Gather(block, accesses, first, atEnd);
        bytes = bytes.From(at.Offset);
        bool isSamePage = !at.Bytes.IsEmpty && Fits(bytes.Hull(at.Bytes));
        slot = isSamePage ? at.Slot : register;
        if (isSamePage)
        {
            // The slot is set again, to what it is.
            bytes = bytes.Hull(at.Bytes);
            writes |= at.Writable;
        }

        for (int r = 0; r < known.Length; r++)
        {
            if (!isSamePage && known[r].Slot == slot)
                known[r] = known[r].Forgotten();
            if (known[r].Symbol == at.Symbol)
                known[r] = known[r] with { Slot = slot, Bytes = bytes.From(known[r].Offset - at.Offset), Writable = writes };
        }

        return new PlacedCheck(register, new MergedCheck(bytes, reads: !writes, writes));
    }

    private (Extent Bytes, bool Writes) Gather(Block block, List<Access> accesses, int first, PageFact[] atEnd)
    {
        Access access = accesses[first];
        Extent bytes = access.Bytes;
        bool writes = access.Writes;
        for (int k = first + 1; k < accesses.Count; k++)
        {
            if (accesses[k].Symbol == access.Symbol && Fits(bytes.Hull(accesses[k].Bytes)))
            {
                bytes = bytes.Hull(accesses[k].Bytes);
                writes |= accesses[k].Writes;
            }
        }

        if (_stackNeeds is not null && atEnd[StackPointer] is var stack && stack.Symbol == access.Symbol)
        {
            StackNeed need = _stackNeeds.After(block);
            if (Widen(ref bytes, need.Bytes, stack.Offset))
                writes |= need.Writes;
        }

        if (_later is not null)
        {
            Extent[] needs = _later.After(block);
            for (int r = 1; r < needs.Length; r++)
            {
                if (r != StackPointer && atEnd[r].Symbol == access.Symbol)
                    Widen(ref bytes, needs[r], atEnd[r].Offset);
            }
        }

        return (bytes, writes);
    }

    private bool Widen(ref Extent bytes, Extent need, long offset)
    {
        Extent both = need.IsEmpty ? default : bytes.Hull(need.From(-offset));
        if (both.IsEmpty || !Fits(both))
            return false;
        bytes = both;
        return true;
    }

    private bool Fits(Extent bytes) => bytes.High - bytes.Low <= _window;
}
