using System.Runtime.InteropServices;
using RvJit.Machine.Board;

namespace RvJit.Machine.Paging;

/// <summary>What an engine keeps of the code in a machine's physical pages.</summary>
public interface IPhysicalCode : IDisposable
{
    /// <summary>
    /// Decoded bytes of a page were overwritten: nothing made from the page may be entered any more, by whatever virtual
    /// address and on whatever hart. Ends with <see cref="MachineMemory.Unwatch"/>.
    /// </summary>
    void InvalidatePage(ulong page);
}

/// <summary>
/// The physical memory of a machine as its harts share it: RAM, the bus, and which pages of RAM hold decoded code.
/// <para>
/// Coherence of code is by physical page. A page is watched before it is decoded: no TLB of any hart keeps a write tag
/// for it, so every store to it is made precisely, and asks afterwards whether the 64-byte granule it hit holds code; a
/// decoder marks the granule first and then reads. One of the two sees the other. DMA asks in the same way.
/// </para>
/// </summary>
public sealed unsafe class MachineMemory : IDmaObserver, IDisposable
{
    private const int GranuleShift = 6;

    private readonly ulong _codeBase;
    private readonly ulong _codeBytes;
    private readonly Lock _lock = new();
    private readonly byte* _watched;
    private readonly ulong* _granules;
    private PagedMemory[] _harts = [];
    private int _fences;

    /// <summary>All of RAM may hold code.</summary>
    public MachineMemory(SystemBus bus)
        : this(bus, bus.Memory.Base, bus.Memory.Size)
    {
    }

    /// <summary>
    /// Only pages of a part of RAM may hold decoded code: the part that nobody but these harts writes. Instructions
    /// elsewhere are fetched one by one.
    /// </summary>
    public MachineMemory(SystemBus bus, ulong codeBase, ulong codeBytes)
    {
        Bus = bus;
        _codeBase = codeBase;
        _codeBytes = codeBytes;
        nuint pages = (nuint)(codeBytes >> HostMemory.PageShift);
        _watched = (byte*)NativeMemory.AllocZeroed(pages);
        _granules = (ulong*)NativeMemory.AllocZeroed(pages, sizeof(ulong));
    }

    public SystemBus Bus { get; }

    public PhysicalMemory Ram => Bus.Memory;

    /// <summary>Set by the engine when it first runs a hart of this machine.</summary>
    public IPhysicalCode? Code { get; set; }

    public ReadOnlySpan<PagedMemory> Harts => _harts;

    /// <summary>The harts that use this memory now. Asked by one of them, or while they stay.</summary>
    public IReadOnlyList<Hart> RunningHarts => [.. _harts.Select(memory => memory.Hart).OfType<Hart>()];

    /// <summary>Whether code of a page of RAM may be decoded once and kept.</summary>
    public bool MayHoldCode(ulong page) => page - _codeBase < _codeBytes;

    /// <summary>Whether stores to a page of RAM must be made precisely: it holds code, or the bus observes it.</summary>
    public bool IsGuarded(ulong page) => IsWatched(page) || Bus.IsObserved(page);

    public bool IsWatched(ulong page) => MayHoldCode(page) && Volatile.Read(ref _watched[Index(page)]) != 0;

    /// <summary>Bit g: some instruction was decoded from bytes of 64-byte granule g of the page.</summary>
    public ulong* Granules(ulong page) => _granules + Index(page);

    /// <summary>
    /// The engine is about to decode a page: from now on stores to it are noticed. Returns when no hart can be past a
    /// check that saw it writable. Must be called outside code.
    /// </summary>
    public void Watch(ulong page, Hart? self)
    {
        lock (_lock)
        {
            if (IsWatched(page))
                return;
            Volatile.Write(ref _watched[Index(page)], 1);
            Interlocked.MemoryBarrier();
            bool found = Volatile.Read(ref _fences) != 0;
            foreach (PagedMemory hart in _harts)
                found |= hart.DropWriteTags(page);
            if (found)
                Quiesce(self);
        }
    }

    /// <summary>The engine holds nothing of a page any more.</summary>
    public void Unwatch(ulong page)
    {
        *Granules(page) = 0;
        Volatile.Write(ref _watched[Index(page)], 0);
    }

    /// <summary>Bytes of RAM have been written, by a hart precisely or by a device: drops the code they held.</summary>
    public void NoteWritten(ulong address, ulong bytes)
    {
        if (Code is not { } code || bytes == 0)
            return;
        Interlocked.MemoryBarrier(); // the store is visible before the question
        ulong last = TlbLayout.PageOf(address + bytes - 1);
        for (ulong page = TlbLayout.PageOf(address); page <= last; page += HostMemory.PageSize)
        {
            if (!IsWatched(page))
                continue;
            ulong from = Math.Max(address, page) - page;
            ulong to = Math.Min(address + bytes - page, HostMemory.PageSize) - 1;
            ulong mask = (ulong.MaxValue << (int)(from >> GranuleShift)) & (ulong.MaxValue >> (63 - (int)(to >> GranuleShift)));
            if ((Volatile.Read(ref *Granules(page)) & mask) != 0)
                code.InvalidatePage(page);
        }
    }

    /// <summary>Waits until every other hart has been outside code once since the call (<see cref="World.Quiesce"/>'s protocol).</summary>
    public void Quiesce(Hart? self)
    {
        foreach (PagedMemory memory in _harts)
            memory.Quiesce(self);
    }

    /// <summary>
    /// Another hart's remote fence, or the firmware's: the hart forgets translations, and has stopped using them when
    /// this returns.
    /// </summary>
    public static void FenceRemote(PagedMemory memory, ulong? address, ulong? space)
    {
        // A write tag that the fence takes away may still be in use: who watches its page meanwhile must wait, too.
        ref int fences = ref memory.Machine._fences;
        Interlocked.Increment(ref fences);
        memory.Flush(address, space);
        memory.Quiesce(null);
        Interlocked.Decrement(ref fences);
    }

    public void Dispose()
    {
        Code?.Dispose();
        Code = null;
        foreach (PagedMemory hart in _harts)
            hart.Release();
        _harts = [];
        NativeMemory.Free(_watched);
        NativeMemory.Free(_granules);
    }

    internal void Add(PagedMemory hart)
    {
        lock (_lock)
            _harts = [.. _harts, hart];
    }

    private nuint Index(ulong page) => MayHoldCode(page)
        ? (nuint)((page - _codeBase) >> HostMemory.PageShift)
        : throw new ArgumentOutOfRangeException(nameof(page), $"0x{page:x} is no page of RAM that may hold code");
}
