using System.Diagnostics;

namespace RvJit.Machine;

/// <summary>Told by a world when instructions it holds translated may no longer be what memory says.</summary>
public interface ICodeWatcher
{
    /// <summary>
    /// Pages were written, remapped or lost their execute right. The world's lock is held; the watcher must make sure
    /// that no transfer made after it returns reaches the old translation.
    /// </summary>
    void InvalidatePages(ulong firstPage, ulong pageCount);

    /// <summary>Whether any byte of the range lies in a 64-byte granule that holds decoded instructions.</summary>
    bool HoldsCode(ulong address, ulong bytes);

    /// <summary>Whether instructions of a page are or may yet be decoded without <see cref="World.WatchPage"/> being asked again.</summary>
    bool Keeps(ulong page);
}

/// <summary>
/// What one context of execution may touch: an address space of 2^38 bytes plus the PMP view it runs under.
/// <para>
/// Host layout, low to high: the engine's directory (one 8-byte cell a guest page), the permission table (one byte a
/// guest page, <see cref="PageFlags"/>), the window itself (guest address 0 at <see cref="Base"/>), a guard. All of it
/// lies at fixed displacements from <see cref="Base"/>, so translated code needs one pointer.
/// </para>
/// <para>
/// Safety: a window is never unmapped, only mapped over; behind the mapped pages lies private zero-fill memory, so an
/// access that slips past a check can hit nothing outside the world and cannot kill the process. Rights are taken
/// away by clearing table bytes, then waiting until every hart has left translated code once (<see cref="Quiesce"/>),
/// then mapping over.
/// </para>
/// </summary>
public sealed unsafe partial class World : MemoryView, IDisposable
{
    public const int AddressBits = 38;
    public const ulong AddressLimit = 1UL << AddressBits;
    public const ulong PageCount = AddressLimit >> HostMemory.PageShift;

    /// <summary>Permission byte of page p: Base[p - TableDisplacement].</summary>
    public const long TableDisplacement = (long)PageCount;

    /// <summary>Directory cell of page p: *(long*)(Base + 8 * p - DirectoryDisplacement).</summary>
    public const long DirectoryDisplacement = TableDisplacement + ((long)PageCount * 8);

    /// <summary>Bytes past the window that a checked access may still reach (merged checks span two pages).</summary>
    private const ulong GuardBytes = 1 << 16;

    private const ulong ReservedBytes = (ulong)DirectoryDisplacement + AddressLimit + GuardBytes;
    /// <summary>Runs that one mapping can add: itself, and the rest of a run it splits.</summary>
    private const int MostNewRuns = 2;
    private const ulong PageMask = HostMemory.PageSize - 1;

    private readonly Lock _lock = new();
    private readonly MappedRuns _runs = new();
    private readonly HashSet<ulong> _watched = [];
    private readonly bool _trappingFiller;
    private bool _isShared;
    private byte* _reservation;
    private Hart[] _harts = [];
    private PmpRegisters _pmp;

    /// <summary>The same when no change is under way; nobody writes to the registers of one that was replaced.</summary>
    private PmpRegisters _folded;
    private int _takenMappings;

    public World(string name, PhysicalMemory memory, WorldOptions? options = null)
    {
        Name = name;
        Memory = memory;
        _trappingFiller = options?.TrappingFiller ?? false;
        _isShared = !(options?.IsPrivate ?? false);
        _pmp = _folded = new PmpRegisters(0);
        _reservation = HostMemory.Reserve(ReservedBytes);
        Base = _reservation + DirectoryDisplacement;
        if (_trappingFiller)
            HostMemory.MapFiller(Base, AddressLimit + GuardBytes, trapping: true);
    }

    /// <summary>For people: "host 4711", "enclave 2".</summary>
    public string Name { get; }

    public PhysicalMemory Memory { get; }

    /// <summary>Host address of guest address 0.</summary>
    public byte* Base { get; private set; }

    /// <summary>Who owns the traps that guest code in this world takes.</summary>
    public ITrapHandler? TrapHandler { get; set; }

    /// <summary>The execution engine's tables for this world.</summary>
    public ICodeWatcher? Code { get; set; }

    /// <summary>Whether guest code here is an enclave's; chooses the kind under which its transitions count.</summary>
    public bool IsEnclave { get; init; }

    /// <summary>Whether the world's memory is gone.</summary>
    public bool IsDisposed => _reservation == null;

    public byte* PermissionTable => Base - TableDisplacement;

    /// <summary>Maps physical pages at guest pages, replacing what was there. False when the host can hold no more runs.</summary>
    public bool TryMap(ulong address, ulong bytes, ulong physical, Access access)
    {
        CheckRange(address, bytes);
        _ = Memory.Pointer(physical, bytes);
        if (!HostMemory.TryTakeMappings(MostNewRuns))
            return false;
        lock (_lock)
        {
            int before = _runs.Count;
            Withdraw(address, bytes);
            _runs.Remove(address, address + bytes);
            HostMemory.MapSharedAt(Base + address, bytes, Memory.Descriptor, physical - Memory.Base);
            _runs.Add(new MappedRun(address, address + bytes, physical, Normalise(access)));
            Fold(address, address + bytes);
            SettleMappings(MostNewRuns, before);
        }

        return true;
    }

    public void Unmap(ulong address, ulong bytes)
    {
        CheckRange(address, bytes);
        lock (_lock)
        {
            int before = _runs.Count;
            Withdraw(address, bytes);
            _runs.Remove(address, address + bytes);
            SettleMappings(0, before);
            HostMemory.MapFiller(Base + address, bytes, _trappingFiller);
        }
    }

    /// <summary>Changes the grant of the mapped pages in a range; holes stay holes.</summary>
    public void Protect(ulong address, ulong bytes, Access access)
    {
        CheckRange(address, bytes);
        access = Normalise(access);
        lock (_lock)
        {
            int before = _runs.Count;
            bool lost = false;
            foreach (MappedRun r in _runs.Within(address, address + bytes).ToArray())
            {
                lost |= (r.Access & ~access) != 0; // forgetting code folds its pages, so the table alone does not tell
                _runs.Remove(r.Start, r.End);
                _runs.Add(r with { Access = access });
                if ((r.Access & Access.Execute) != 0 && (access & Access.Execute) == 0)
                    ForgetCode(r.Start, r.End);
            }

            SettleMappings(0, before);
            if (Fold(address, address + bytes) | lost)
                Quiesce(null);
        }
    }

    /// <summary>Folds another PMP configuration into the table: the same pages, other rights. Waits when rights were lost.</summary>
    public void ApplyPmp(PmpRegisters pmp)
    {
        if (Volatile.Read(ref _folded).SameAs(pmp))
            return;
        lock (_lock)
        {
            if (_pmp.SameAs(pmp))
                return;
            _pmp = new PmpRegisters(pmp.Count);
            _pmp.CopyFrom(pmp);
            bool lost = false;
            foreach (MappedRun r in _runs.All)
                lost |= Fold(r.Start, r.End);
            if (lost)
                Quiesce(null);
            Volatile.Write(ref _folded, _pmp);
        }
    }

    /// <summary>The harts that are in this world now.</summary>
    public ReadOnlySpan<Hart> Harts => _harts;

    /// <summary>Does something while no hart enters or leaves the world: those of <see cref="Harts"/> have their state.</summary>
    public bool WhileHartsStay(Func<bool> action)
    {
        lock (_lock)
            return action();
    }

    /// <summary>Makes every hart of this world pass through its dispatcher soon; does not wait.</summary>
    public void RaisePolls()
    {
        foreach (Hart hart in _harts)
            Volatile.Write(ref hart.State->Poll, 1);
    }

    /// <summary>The mapping of an address, whatever its rights.</summary>
    public bool TryFindRun(ulong address, out MappedRun run)
    {
        lock (_lock)
            return _runs.TryFind(address, out run);
    }

    /// <summary>
    /// Waits until every other hart of this world has been outside translated code at least once since the call, so
    /// that no passed check predates the table as it is now. Protocol: a hart sets InCode, fences, and runs; on leaving
    /// it clears InCode and raises Epoch. The revoker reads Epoch, raises Poll, fences, and waits for either to change.
    /// A hart that must take the world's lock while in code steps out first, so the wait cannot deadlock.
    /// </summary>
    public void Quiesce(Hart? self)
    {
        Hart[] harts = _harts;
        foreach (Hart hart in harts)
        {
            if (hart == self)
                continue;
            HartState* s = hart.State;
            long epoch = Volatile.Read(ref s->Epoch);
            Volatile.Write(ref s->Poll, 1);
            Interlocked.MemoryBarrier();
            SpinWait spin = default;
            while (Volatile.Read(ref s->InCode) != 0 && Volatile.Read(ref s->Epoch) == epoch)
                spin.SpinOnce();
        }
    }

    public void Dispose()
    {
        if (_reservation == null)
            return;
        Debug.Assert(_harts.Length == 0, "a world is destroyed after its harts left");
        (Code as IDisposable)?.Dispose();
        HostMemory.Release(_reservation, ReservedBytes);
        HostMemory.ReturnMappings(_takenMappings);
        _reservation = null;
        Base = null;
    }

    /// <summary>
    /// From now on others than the one hart of a private world touch its memory, so that its atomic operations must be atomic:
    /// a second hart (before it runs), a mapping that another world has, too. Never taken back. The wait lets a hart that has
    /// seen <see cref="HartState.Alone"/> finish what it does without.
    /// </summary>
    public void Share()
    {
        lock (_lock)
        {
            if (_isShared)
                return;
            _isShared = true;
            foreach (Hart hart in _harts)
                Volatile.Write(ref hart.State->Alone, 0);
            Quiesce(null);
        }
    }

    internal void Add(Hart hart)
    {
        lock (_lock)
        {
            if (_harts.Length != 0)
                Share();
            _harts = [.. _harts, hart];
            hart.State->Alone = _isShared ? 0 : 1;
        }
    }

    internal void Remove(Hart hart)
    {
        lock (_lock)
            _harts = _harts.Length == 1 && _harts[0] == hart ? [] : [.. _harts.Where(h => h != hart)];
    }

    /// <summary>Books what a change of runs really cost against what was taken for it beforehand.</summary>
    private void SettleMappings(int taken, int runsBefore)
    {
        int cost = _runs.Count - runsBefore;
        HostMemory.ReturnMappings(taken - cost);
        _takenMappings += cost;
    }

    /// <summary>W without R is reserved in page tables and PMP alike; a writable page is readable.</summary>
    private static Access Normalise(Access access) =>
        (access & Access.Write) != 0 ? access | Access.Read : access;

    private static void CheckRange(ulong address, ulong bytes)
    {
        if (((address | bytes) & PageMask) != 0 || bytes == 0 || address >= AddressLimit || bytes > AddressLimit - address)
            throw new ArgumentOutOfRangeException(nameof(address), $"0x{address:x}+0x{bytes:x} is not whole pages of a window");
    }

    /// <summary>Takes all rights to a range away and waits until nobody can be using them.</summary>
    private void Withdraw(ulong address, ulong bytes)
    {
        MappedRun[] runs = [.. _runs.Within(address, address + bytes)];

        // All code first: forgetting it grants every address of its physical page anew, perhaps one of these.
        foreach (MappedRun r in runs)
            ForgetCode(r.Start, r.End);
        foreach (MappedRun r in runs)
            new Span<byte>(PermissionTable + (r.Start >> HostMemory.PageShift), (int)((r.End - r.Start) >> HostMemory.PageShift)).Clear();

        if (runs.Length == 0)
            return;
        FixPairBefore(address);
        Quiesce(null);
    }

    private void ForgetCode(ulong start, ulong end) =>
        Code?.InvalidatePages(start >> HostMemory.PageShift, (end - start) >> HostMemory.PageShift);

    /// <summary>Recomputes table bytes of mapped pages in a range; true when some page lost a right.</summary>
    private bool Fold(ulong start, ulong end)
    {
        bool lost = false;
        List<ulong>? unfetchable = null;
        byte* table = PermissionTable;
        foreach (MappedRun r in _runs.Within(start, end))
        {
            ulong at = r.Start;
            while (at < r.End)
            {
                Access grant = _pmp.Grant(r.PhysicalAt(at), out ulong uniform);
                if (uniform < HostMemory.PageSize)
                    grant = Access.None; // a page with two answers is decided access by access, in the slow path
                ulong stop = at + Math.Min(r.End - at, Math.Max(uniform & ~PageMask, HostMemory.PageSize));
                grant &= r.Access;
                if ((grant & Access.Read) == 0)
                    grant &= ~Access.Write; // a check for W stands for R too
                byte flags = (byte)grant;
                bool mayBeWatched = _watched.Count != 0 && (grant & Access.Write) != 0;
                for (ulong page = at >> HostMemory.PageShift; page < stop >> HostMemory.PageShift; page++)
                {
                    if (mayBeWatched && _watched.Contains(r.PhysicalAt(page << HostMemory.PageShift)))
                        table[page] |= PageFlags.Code; // code was decoded through another address of this page
                    byte old = table[page];
                    byte now = (byte)((old & PageFlags.Code) != 0 ? (flags & ~PageFlags.Write) | PageFlags.Code : flags);
                    lost |= (old & ~now & (PageFlags.Read | PageFlags.Write | PageFlags.Execute)) != 0;
                    table[page] = now;
                    if ((old & PageFlags.Code) != 0 && (old & ~now & PageFlags.Execute) != 0)
                        (unfetchable ??= []).Add(page);
                }

                at = stop;
            }
        }

        FixPairs(start >> HostMemory.PageShift, end >> HostMemory.PageShift);
        foreach (ulong page in unfetchable ?? [])
            Code?.InvalidatePages(page, 1);
        return lost;
    }

    /// <summary>Pair bits of pages [first - 1, last): both this page and the next.</summary>
    private void FixPairs(ulong first, ulong last)
    {
        byte* table = PermissionTable;
        for (ulong p = first == 0 ? 0 : first - 1; p < last; p++)
        {
            int both = p + 1 < PageCount ? table[p] & table[p + 1] : 0;
            table[p] = (byte)((table[p] & ~(PageFlags.ReadPair | PageFlags.WritePair))
                | ((both & PageFlags.Read) != 0 ? PageFlags.ReadPair : 0)
                | ((both & PageFlags.Write) != 0 ? PageFlags.WritePair : 0));
        }
    }

    private void FixPairBefore(ulong address)
    {
        ulong page = address >> HostMemory.PageShift;
        FixPairs(page, page);
    }
}

/// <param name="TrappingFiller">
/// Makes the window behind mapped pages inaccessible instead of zero-filled: an access that slipped past its check then
/// crashes the process. For tests.
/// </param>
/// <param name="IsPrivate">Only harts of the world touch its memory, until <see cref="World.Share"/> says otherwise.</param>
public sealed record WorldOptions(bool TrappingFiller = false, bool IsPrivate = false);
