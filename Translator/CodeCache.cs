using System.Runtime.InteropServices;
using RvJit.Machine;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Isa;
using RvJit.Translator.Regions;
using RvJit.Translator.Warmup;

namespace RvJit.Translator;

/// <summary>
/// What the engine holds of one world's code: blocks of predecoded records and cells, and the regions that were
/// translated from it.
/// <para>
/// Coherence with stores: a page with a block has its write right withheld, so every store to it takes the slow path,
/// which writes first and then asks <see cref="HoldsCode"/>; a decoder marks the granule first and then reads. One of
/// the two always sees the other. Invalidation unlinks: it empties the directory entry and puts the stub back into
/// cells; a block is reused only after every hart that was in code then has left it.
/// </para>
/// Lock order: alive, then the world's lock, then this one's.
/// </summary>
internal sealed unsafe class CodeCache(World world, Decoder decoder, nint stub, byte* stubBlock, bool observed) : ICodeWatcher, IRegionHost, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, List<Region>> _regionsByPage = [];
    private readonly Dictionary<ulong, Region> _regionsByEntry = [];
    private readonly Dictionary<int, Region> _regionsByNumber = [];
    private readonly Dictionary<ulong, RegionCare> _care = [];
    private readonly BlockPool _pool = new(stub, decoder);
    private readonly Queue<(Region Region, HartEpochs Waiting)> _retiredRegions = new();

    private readonly List<ulong> _installOrder = [];

    private readonly Lock _aliveLock = new();
    private bool _usesFloat;
    private bool _disposed;

    /// <summary>Reads the world's instructions.</summary>
    public Decoder Decoder => decoder;

    public string Name => world.Name;

    public long Invalidated { get; private set; }

    /// <summary>Raised by every invalidation: a translation begun before it may not be installed after it.</summary>
    public long Generation { get; private set; }

    /// <summary>The block of a page, or the stub block.</summary>
    public byte* Find(ulong pc) => stubBlock + *DirectoryCell(pc >> HostMemory.PageShift);

    public bool Has(ulong pc) => pc < World.AddressLimit && *DirectoryCell(pc >> HostMemory.PageShift) != 0;

    /// <summary>Makes the block of a page; the caller has seen that the page may be executed.</summary>
    public void Create(ulong page, Hart? self) => world.WatchPage(page, self, MakeBlock);

    public bool Keeps(ulong page) => *DirectoryCell(page) != 0;

    /// <summary>Under the world's lock, so that no store can end the watch before the block is there.</summary>
    private void MakeBlock(ulong page)
    {
        lock (_lock)
        {
            if (*DirectoryCell(page) != 0)
                return;
            byte* block = _pool.Take(
                page << HostMemory.PageShift,
                (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Decoding.Decode,
                (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.NextPage<WindowPolicy>);
            Volatile.Write(ref *DirectoryCell(page), (nint)(block - stubBlock));
        }
    }

    public bool HoldsCode(ulong address, ulong bytes)
    {
        nint displacement = *DirectoryCell(address >> HostMemory.PageShift);
        if (displacement == 0)
            return false;
        ulong granules = Volatile.Read(ref CodePage.Granules(stubBlock + displacement));
        ulong mask = 0;
        for (ulong g = (address & 4095) >> 6; g <= ((address + bytes - 1) & 4095) >> 6; g++)
            mask |= 1UL << (int)g;
        return (granules & mask) != 0;
    }

    public void InvalidatePages(ulong firstPage, ulong pageCount)
    {
        bool any = false;
        lock (_lock)
        {
            Generation++;
            if (pageCount <= 64)
            {
                for (ulong page = firstPage; page < firstPage + pageCount; page++)
                    any |= Drop(page);
            }
            else
            {
                for (ulong page = firstPage; page < firstPage + pageCount; page++)
                    any |= *DirectoryCell(page) != 0 && Drop(page);
            }
        }

        if (any)
            world.RaisePolls();
    }

    /// <summary>Instructions at pc are about to be read for translation: stores to their granule must be noticed.</summary>
    public void Mark(ulong pc) => Decoding.Mark(ref CodePage.Granules(Find(pc)), pc);

    /// <summary>Whether translated code of this world works on F registers, so that MXCSR must be swapped around it.</summary>
    public bool UsesFloat => Volatile.Read(ref _usesFloat);

    /// <summary>From the first region with floating point on, every hart swaps; waits until none is in code without.</summary>
    public void RequireFloatEnvironment()
    {
        if (UsesFloat)
            return;
        Volatile.Write(ref _usesFloat, true);
        world.Quiesce(null);
    }

    /// <summary>Whether the interpreter has met the instruction at pc.</summary>
    public bool WasDecoded(ulong pc) => Hints?.WasReached(pc) == true || (
        Has(pc) && CodePage.Op(Find(pc), pc)->Handler != (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Decoding.Decode);

    /// <summary>Whether control was seen to enter pc more than a few times.</summary>
    public bool RunsOften(ulong pc) => Hints?.RunsOften(pc) == true
        || (Has(pc) && (HasRegion(pc) || *CodePage.Counter(Find(pc), pc) >= Handlers.HotThreshold / 8));

    /// <summary>Where the indirect jump at pc went lately, most frequent first.</summary>
    public ulong[] JumpsFrom(ulong pc)
    {
        var counts = new JumpCounts();
        foreach (ulong target in Hints?.JumpsFrom(pc) ?? [])
            counts.Add(target);
        byte* block = Find(pc);
        for (int n = 0; n < CodePage.JumpsKept; n++)
        {
            if (CodePage.TryGetJump(block, n, pc, out ulong target))
                counts.Add(target);
        }

        return counts.MostFrequentFirst();
    }

    /// <summary>What an earlier run of the program learnt.</summary>
    public PlacedHints? Hints { get; set; }

    /// <summary>Where regions began, in the order in which they were first made.</summary>
    public IReadOnlyList<ulong> InstallOrder()
    {
        lock (_lock)
            return [.. _installOrder];
    }

    public int EntriesOf(ulong pc)
    {
        lock (_aliveLock)
            return _disposed || !Has(pc) ? -1 : *CodePage.Counter(Find(pc), pc);
    }

    public void AskAgain(ulong pc)
    {
        lock (_aliveLock)
        {
            if (!_disposed && Has(pc))
                *CodePage.Counter(Find(pc), pc) = Handlers.HotThreshold - Handlers.HotAgain;
        }
    }

    public CodeSource Open() => new WindowSource(world, this, observed);

    public RegionGrowth? Growth { get; } = observed ? new RegionGrowth() : null;

    /// <summary>Region whose entry is pc, if any.</summary>
    public Region? RegionAt(ulong pc)
    {
        lock (_lock)
            return _regionsByEntry.GetValueOrDefault(pc);
    }

    public IReadOnlyList<Region> Regions
    {
        get
        {
            lock (_lock)
                return [.. _regionsByEntry.Values];
        }
    }

    /// <summary>Makes a finished region reachable, unless code was invalidated since its translation began.</summary>
    public bool Install(Region region, long generation) => world.WhileHartsStay(() =>
    {
        lock (_lock)
            return InstallUnderLocks(region, generation);
    });

    /// <summary>
    /// A region was left because an address check failed. When that has become too often: where to translate it again.
    /// </summary>
    /// <param name="failed"><see cref="HartState.FailedCheck"/>: the region's number, negative for a check before a loop.</param>
    /// <param name="entry">An entry that leads to the region; <see cref="CareAt"/> knows how to do better there.</param>
    public bool TooManyFailedChecks(int failed, out ulong entry)
    {
        entry = 0;
        lock (_lock)
        {
            if (!_regionsByNumber.TryGetValue(Math.Abs(failed), out Region? region))
                return false;
            if ((failed > 0 ? ++region.FailedChecks : ++region.FailedLoops) % Region.MostFailedChecks != 0)
                return false;
            foreach (ulong e in region.Entries)
            {
                if (_regionsByEntry.GetValueOrDefault(e) != region)
                    continue;
                entry = e;
                _care[e] = region.Care | CareAt(e) | (failed > 0 ? RegionCare.Checks
                    : (region.Care & RegionCare.Rooms) == 0 ? RegionCare.Rooms : RegionCare.Loops);
                return true;
            }

            return false;
        }
    }

    public RegionCare CareAt(ulong pc)
    {
        lock (_lock)
            return _care.GetValueOrDefault(pc);
    }

    /// <summary>Whether translated code can be entered at pc.</summary>
    public bool HasRegion(ulong pc) => *CodePage.Cell(Find(pc), pc) != stub;

    /// <summary>Address of the cell through which control reaches pc; its page must have a block.</summary>
    public nint* CellOf(ulong pc) => CodePage.Cell(Find(pc), pc);

    /// <summary>Runs a translation while the world exists; false, without running it, once it is gone.</summary>
    public bool WhileAlive(Func<bool> translate)
    {
        lock (_aliveLock)
            return !_disposed && translate();
    }

    public void Dispose()
    {
        lock (_aliveLock)
            _disposed = true;
        _pool.Dispose();
    }

    private bool InstallUnderLocks(Region region, long generation)
    {
        if (Generation != generation)
            return false;
        if (_regionsByEntry.TryGetValue(region.Entries[0], out Region? old) && (old.Entries[0] == region.Entries[0] || old.Care != region.Care))
            Unlink(old, droppedPage: null);
        foreach (ulong entry in region.Entries)
        {
            if (_regionsByEntry.ContainsKey(entry) || !Has(entry))
                continue;
            _regionsByEntry[entry] = region;
            byte* block = Find(entry);
            Volatile.Write(ref *CodePage.Cell(block, entry), region.Code);
            Volatile.Write(
                ref CodePage.Op(block, entry)->Handler,
                (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.EnterRegion);
        }

        _regionsByNumber.Add(region.Number, region);
        foreach (ulong page in region.Pages)
        {
            ref List<Region>? list = ref CollectionsMarshal.GetValueRefOrAddDefault(_regionsByPage, page, out _);
            (list ??= []).Add(region);
        }

        if (_installOrder.Count < CodeHints.MostEntries)
            _installOrder.Add(region.Entries[0]);
        ReleaseRetiredRegions();
        return true;
    }

    private nint* DirectoryCell(ulong page) => (nint*)(world.Base + ((long)page * 8) - World.DirectoryDisplacement);

    private bool Drop(ulong page)
    {
        if (_regionsByPage.Remove(page, out List<Region>? regions))
        {
            foreach (Region region in regions)
                Unlink(region, page);
        }

        nint displacement = *DirectoryCell(page);
        if (displacement == 0)
            return false;
        Volatile.Write(ref *DirectoryCell(page), 0);
        _pool.Retire(stubBlock + displacement, HartEpochs.Of(world));
        world.UnwatchPage(page);
        return true;
    }

    private void Unlink(Region region, ulong? droppedPage)
    {
        Invalidated++;
        foreach (ulong entry in region.Entries)
        {
            if (_regionsByEntry.TryGetValue(entry, out Region? owner) && owner == region)
            {
                _regionsByEntry.Remove(entry);
                if (Has(entry))
                {
                    byte* block = Find(entry);
                    Volatile.Write(ref *CodePage.Cell(block, entry), stub);
                    Volatile.Write(
                        ref CodePage.Op(block, entry)->Handler,
                        (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Decoding.Decode);
                    *CodePage.Counter(block, entry) = 0;
                }
            }
        }

        _regionsByNumber.Remove(region.Number);
        foreach (ulong page in region.Pages)
        {
            if (page != droppedPage && _regionsByPage.TryGetValue(page, out List<Region>? list))
                list.Remove(region);
        }

        _retiredRegions.Enqueue((region, HartEpochs.Of(world)));
    }

    private void ReleaseRetiredRegions()
    {
        while (_retiredRegions.TryPeek(out (Region Region, HartEpochs Waiting) r) && r.Waiting.AllLeft)
            _retiredRegions.Dequeue();
    }
}
