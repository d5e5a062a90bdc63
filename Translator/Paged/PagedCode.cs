using RvJit.Machine;
using RvJit.Machine.Paging;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Isa;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Paged;

/// <summary>
/// What the engine holds of one machine's code: a block and regions for each pair of virtual and physical page that was
/// executed, shared by all harts. Lock order: this one's, then a hart's TLB lock.
/// </summary>
internal sealed unsafe class PagedCode(MachineMemory machine, Decoder decoder, nint stub) : IPhysicalCode
{
    /// <summary>Blocks kept (64 KiB each); when more are needed, all are given up.</summary>
    private const int MostBlocks = 8192;

    /// <summary>Invalidations of one page after which it is not decoded for a while: code and data are mixed in it.</summary>
    private const int MostInvalidations = 64;

    /// <summary>Instructions that such a page is stepped.</summary>
    private const int SteppedInstructions = 20_000;

    private readonly Lock _lock = new();
    private readonly Lock _aliveLock = new();
    private readonly BlockPool _pool = new(stub, decoder);
    private readonly Dictionary<(ulong Virtual, ulong Physical), PagedPage> _pages = [];
    private readonly Dictionary<ulong, List<PagedPage>> _byPhysical = [];
    private readonly Dictionary<nint, PagedPage> _byBlock = [];
    private readonly Dictionary<ulong, int> _invalidations = [];
    private readonly Queue<(Region Region, HartEpochs Waiting)> _retiredRegions = new();
    private bool _usesFloat;
    private bool _disposed;

    public MachineMemory Machine => machine;

    public Decoder Decoder => decoder;

    public nint Stub => stub;

    public Lock Guard => _lock;

    public long Invalidated { get; private set; }

    /// <summary>Whether translated code of this machine works on F registers, so that MXCSR must be swapped around it.</summary>
    public bool UsesFloat => Volatile.Read(ref _usesFloat);

    /// <summary>The page that a block belongs to, while the block is in use.</summary>
    public PagedPage? PageOf(byte* block)
    {
        lock (_lock)
            return _byBlock.GetValueOrDefault((nint)block);
    }

    /// <summary>
    /// The block for a virtual page that lies at a physical page, or null when its instructions must be stepped for now.
    /// The caller is outside code.
    /// </summary>
    public byte* FindOrMake(ulong address, ulong physical, Hart self)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_pages.TryGetValue((address, physical), out PagedPage? page))
                    return page.Block;
                if (IsMixed(physical))
                    return null;
                if (machine.IsWatched(physical))
                    return Make(address, physical);
            }

            machine.Watch(physical, self); // waits for harts, so not under the lock; it may be undone at once
        }
    }

    public void InvalidatePage(ulong page)
    {
        lock (_lock)
        {
            if (!_byPhysical.Remove(page, out List<PagedPage>? pages))
            {
                machine.Unwatch(page);
                return;
            }

            _invalidations[page] = _invalidations.GetValueOrDefault(page) + 1;
            foreach (PagedPage p in pages)
                Drop(p);
            machine.Unwatch(page);
        }

        RaisePolls();
    }

    /// <summary>From the first region with floating point on, every hart swaps; waits until none is in code without.</summary>
    public void RequireFloatEnvironment()
    {
        if (UsesFloat)
            return;
        Volatile.Write(ref _usesFloat, true);
        machine.Quiesce(null);
    }

    public bool WhileAlive(Func<bool> translate)
    {
        lock (_aliveLock)
            return !_disposed && translate();
    }

    /// <summary>Gives up regions; their machine code stays until every hart has left it. The caller holds the lock.</summary>
    public void Retire(IEnumerable<Region> regions)
    {
        HartEpochs running = HartEpochs.Of(machine);
        foreach (Region region in regions)
        {
            Invalidated++;
            _retiredRegions.Enqueue((region, running));
        }

        while (_retiredRegions.TryPeek(out (Region Region, HartEpochs Waiting) r) && r.Waiting.AllLeft)
            _retiredRegions.Dequeue();
    }

    public void Dispose()
    {
        lock (_aliveLock)
            _disposed = true;
        _pool.Dispose();
    }

    private byte* Make(ulong address, ulong physical)
    {
        if (_pages.Count >= MostBlocks)
            DropAll();
        byte* block = _pool.Take(
            address,
            (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&PagedDecoding.Decode,
            (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.NextPage<TlbPolicy>);
        CodePage.Host(block) = machine.Ram.Pointer(physical, HostMemory.PageSize);
        CodePage.SharedGranules(block) = machine.Granules(physical);
        var page = new PagedPage(this, address, physical, block);
        _pages.Add((address, physical), page);
        _byBlock.Add((nint)block, page);
        if (!_byPhysical.TryGetValue(physical, out List<PagedPage>? pages))
            _byPhysical.Add(physical, pages = []);
        pages.Add(page);
        return block;
    }

    /// <summary>Counts the attempts to execute a page whose code was overwritten too often.</summary>
    private bool IsMixed(ulong physical)
    {
        int count = _invalidations.GetValueOrDefault(physical);
        if (count < MostInvalidations)
            return false;
        if (count < MostInvalidations + SteppedInstructions)
            _invalidations[physical] = count + 1;
        else
            _invalidations.Remove(physical);
        return true;
    }

    private void DropAll()
    {
        ulong[] physical = [.. _byPhysical.Keys];
        foreach (PagedPage page in _pages.Values.ToArray())
            Drop(page);
        _byPhysical.Clear();
        foreach (ulong page in physical)
            machine.Unwatch(page);
        RaisePolls();
    }

    private void Drop(PagedPage page)
    {
        _pages.Remove((page.Address, page.Physical));
        _byBlock.Remove((nint)page.Block);

        // Regions last: no hart may enter one after it was seen outside code.
        foreach (PagedMemory hart in machine.Harts)
            hart.DropCode(page.Block);
        _pool.Retire(page.Block, HartEpochs.Of(machine));
        Interlocked.MemoryBarrier();
        page.Forget();
    }

    private void RaisePolls()
    {
        foreach (Hart hart in machine.RunningHarts)
            Volatile.Write(ref hart.State->Poll, 1);
    }
}
