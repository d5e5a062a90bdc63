using RvJit.Machine;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Isa;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Paged;

/// <summary>One virtual page of code that lies at one physical page: its block and the regions inside it.</summary>
internal sealed unsafe class PagedPage(PagedCode code, ulong address, ulong physical, byte* block) : IRegionHost
{
    // Not the block's copies: the compiler may still read a page that was given up, and its block is then another page's.
    private readonly byte* _host = code.Machine.Ram.Pointer(physical, HostMemory.PageSize);
    private readonly ulong* _granules = code.Machine.Granules(physical);
    private readonly Dictionary<ulong, Region> _regionsByEntry = [];
    private readonly HashSet<Region> _regions = [];
    private readonly Dictionary<ulong, RegionCare> _care = [];
    private bool _isGivenUp;

    public string Name => $"page 0x{address:x} at 0x{physical:x}";

    public ulong Address => address;

    public ulong Physical => physical;

    public byte* Block => block;

    /// <summary>A page is given up as a whole, so what is translated from it never gets out of date before that.</summary>
    public long Generation => 0;

    public CodeSource Open() => new PageSource(this, code.Decoder);

    public bool TryRead(ulong pc, out uint word) => PagedDecoding.TryRead(_host, _granules, pc, out word);

    public RegionCare CareAt(ulong pc)
    {
        lock (code.Guard)
            return _care.GetValueOrDefault(pc);
    }

    /// <summary>
    /// A region was left because accesses that share a check lie in two pages. When that has become too often: where to
    /// translate it again.
    /// </summary>
    /// <param name="failed">The region's number.</param>
    /// <param name="entry">Its first entry, where <see cref="CareAt"/> knows how to do better now.</param>
    public bool TooManyFailedChecks(int failed, out ulong entry)
    {
        entry = 0;
        lock (code.Guard)
        {
            if (_regions.FirstOrDefault(r => r.Number == failed) is not { } region || ++region.FailedChecks % Region.MostFailedChecks != 0)
                return false;
            entry = region.Entries[0];
            _care[entry] = region.Care | ((region.Care & RegionCare.Checks) == 0 ? RegionCare.Checks : RegionCare.Groups);
            return true;
        }
    }

    public Region? RegionAt(ulong pc)
    {
        lock (code.Guard)
            return _regionsByEntry.GetValueOrDefault(pc);
    }

    public bool Install(Region region, long generation)
    {
        lock (code.Guard)
        {
            // Its block may be another page's by now, or soon.
            if (_isGivenUp)
                return false;
            foreach (ulong entry in region.Entries)
            {
                if (_regionsByEntry.TryGetValue(entry, out Region? old) && old.Care == region.Care)
                    continue;
                _regionsByEntry[entry] = region;
                _regions.Add(region);
                Volatile.Write(ref *CodePage.Cell(block, entry), region.Code);
                Volatile.Write(
                    ref CodePage.Op(block, entry)->Handler,
                    (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.EnterRegion);
            }

            return true;
        }
    }

    // Asked by the compiler, for which the machine may be gone by now, and its blocks with it.
    public int EntriesOf(ulong pc)
    {
        int entries = -1;
        _ = WhileAlive(() =>
        {
            entries = *CodePage.Counter(block, pc);
            return true;
        });
        return entries;
    }

    public void AskAgain(ulong pc) => WhileAlive(() =>
    {
        // The block may be another page's by then, which asks a little earlier or later for it.
        *CodePage.Counter(block, pc) = Handlers.HotThreshold - Handlers.HotAgain;
        return true;
    });

    public void RequireFloatEnvironment() => code.RequireFloatEnvironment();

    public bool WhileAlive(Func<bool> translate) => !Volatile.Read(ref _isGivenUp) && code.WhileAlive(translate);

    public bool HasRegion(ulong pc) => *CodePage.Cell(block, pc) != code.Stub;

    /// <summary>The block is given up: what is being translated from it must not be installed. The code's lock is held.</summary>
    public void Forget()
    {
        Volatile.Write(ref _isGivenUp, true);
        code.Retire(_regions);
        _regions.Clear();
        _regionsByEntry.Clear();
    }
}

/// <summary>Instructions of one page. What lies outside of it, or goes on there, is not part of a region.</summary>
internal sealed unsafe class PageSource(PagedPage page, Decoder decoder) : CodeSource
{
    private readonly ulong[] _pages = [page.Address];

    public override IReadOnlyCollection<ulong> Pages => _pages;

    public override bool EntersOften => true;

    public override MemoryEmitter CreateEmitter(RegionEmitter e) => new TlbEmitter(e, this);

    public override bool TryRead(ulong pc, out Instruction instruction)
    {
        instruction = default;
        if (!Contains(pc) || !page.TryRead(pc, out uint word))
            return false;
        instruction = decoder.Decode(word);
        return instruction.Row is not null;
    }

    public bool Contains(ulong pc) => pc - page.Address < HostMemory.PageSize;

    public nint* CellOf(ulong pc) => CodePage.Cell(page.Block, pc);

    /// <summary>Whether the instruction at pc is never part of a region: it is executed precisely wherever control comes from.</summary>
    public bool IsStepped(ulong pc) => Contains(pc) && (!TryRead(pc, out Instruction i) || !i.Row!.CanTranslate(i));
}
