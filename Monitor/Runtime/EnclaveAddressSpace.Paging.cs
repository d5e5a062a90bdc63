using RvJit.Machine;

namespace RvJit.Monitor.Runtime;

/// <summary>
/// Self-paging (Keystone runtime/mm/paging.c): with a store outside of the enclave, pages get their frame when they are
/// touched, and when none is free a page chosen at random leaves. Pages of the eapp file that are mapped where they lie
/// stay, as do executable ones.
/// </summary>
public sealed partial class EnclaveAddressSpace
{
    /// <summary>The pages that came in last stay, so that one instruction can have all that it touches.</summary>
    private const int MostRecent = 8;

    private readonly List<ulong> _movable = [];
    private readonly Queue<ulong> _recent = new();

    /// <summary>Pages that may be touched, never were, and so are neither in a frame nor in the store.</summary>
    private ulong _promised;

    /// <summary>Where pages go that have no frame; null without paging. Set before anything is mapped.</summary>
    public PageStore? Store { get; init; }

    /// <summary>A page of the store is not what was put there: the reason, after which nothing of the enclave can be trusted.</summary>
    public string? Corruption { get; private set; }

    /// <summary>Pages that left their frame, so far.</summary>
    public long Evictions { get; private set; }

    /// <summary>
    /// Gives the page of an address its frame; true when it has one and the access is its right (a page fault is
    /// served, then).
    /// </summary>
    public bool IsResident(ulong address, Access access)
    {
        if (_frames.TryFind(address, out MappedRun frame))
            return (frame.Access & access) == access;
        return Store is not null && Corruption is null
            && _areas.TryFind(address, out MappedRun area) && area.Access != Access.None && (area.Access & access) == access
            && TryFetch(address & ~PageMask, area.Access);
    }

    /// <summary>Reads memory of the eapp with its rights.</summary>
    public bool TryRead(ulong address, Span<byte> destination)
    {
        if (Store is null)
            return World.TryRead(address, destination);
        for (int done = 0; done < destination.Length;)
        {
            int bytes = Piece(address + (ulong)done, destination.Length - done);
            if (!IsResident(address + (ulong)done, Access.Read) || !World.TryRead(address + (ulong)done, destination.Slice(done, bytes)))
                return false;
            done += bytes;
        }

        return true;
    }

    /// <summary>Writes memory of the eapp with its rights; what came before a page without them is written.</summary>
    public bool TryWrite(ulong address, ReadOnlySpan<byte> source)
    {
        if (Store is null)
            return World.TryWrite(address, source);
        for (int done = 0; done < source.Length;)
        {
            int bytes = Piece(address + (ulong)done, source.Length - done);
            if (!IsResident(address + (ulong)done, Access.Write) || !World.TryWrite(address + (ulong)done, source.Slice(done, bytes)))
                return false;
            done += bytes;
        }

        return true;
    }

    public unsafe bool TryRead<T>(ulong address, out T value)
        where T : unmanaged
    {
        value = default;
        fixed (T* p = &value)
            return TryRead(address, new Span<byte>(p, sizeof(T)));
    }

    public unsafe bool TryWrite<T>(ulong address, T value)
        where T : unmanaged => TryWrite(address, new ReadOnlySpan<byte>(&value, sizeof(T)));

    /// <summary>Bytes up to (not including) the first zero, at most <paramref name="limit"/>; null when unreadable or longer.</summary>
    public byte[]? TryReadString(ulong address, int limit)
    {
        for (int done = 0; Store is not null && done < limit; done += Piece(address + (ulong)done, limit - done))
        {
            if (!IsResident(address + (ulong)done, Access.Read))
                break;
        }

        return World.TryReadString(address, limit);
    }

    private static int Piece(ulong address, int left) => (int)Math.Min((ulong)left, PageSize - (address & PageMask));

    private bool CanPromise(ulong pages, ulong tables) =>
        Store is null
            ? pages <= Free.Available && tables <= Free.Available - pages
            : pages <= World.PageCount && _promised + pages + tables <= Free.Available + (ulong)Store.FreeSlots;

    /// <summary>Makes that many frames free.</summary>
    private bool TryMakeFree(ulong pages)
    {
        while (Free.Available < pages)
        {
            if (Store is null || !TryEvict())
                return false;
        }

        return true;
    }

    private bool TryFetch(ulong page, Access access)
    {
        Span<byte> contents = stackalloc byte[(int)PageSize];
        bool stored = Store!.Holds(page);
        if (stored && !Store.TryTake(page, contents))
        {
            Corruption = $"page 0x{page:x} of the backing store was changed or replaced by the host";
            return false;
        }

        if (!TryMakeFree(1))
            return false;
        Free.TryTake(1, out ulong physical, out _);
        if (stored)
            contents.CopyTo(World.Memory.Span(physical, (int)PageSize));
        else
            World.Memory.Zero(physical, PageSize);
        if (!World.TryMap(page, PageSize, physical, access))
        {
            Free.Put(physical, 1);
            return false;
        }

        if (!stored)
            _promised--;
        _frames.Add(new MappedRun(page, page + PageSize, physical, access));
        if ((access & Access.Execute) == 0)
            _movable.Add(page);
        _recent.Enqueue(page);
        if (_recent.Count > MostRecent)
            _recent.Dequeue();
        return true;
    }

    private bool TryEvict()
    {
        if (Store!.FreeSlots == 0)
            return false;
        for (int tries = 0; _movable.Count != 0 && tries < 4 * MostRecent; tries++)
        {
            int i = Random.Shared.Next(_movable.Count);
            ulong page = _movable[i];
            bool isStale = !_frames.TryFind(page, out MappedRun run) || (run.Access & Access.Execute) != 0;
            if (!isStale && _movable.Count > MostRecent && _recent.Contains(page))
                continue;
            _movable[i] = _movable[^1];
            _movable.RemoveAt(_movable.Count - 1);
            if (isStale)
                continue;
            ulong physical = run.PhysicalAt(page);
            World.Unmap(page, PageSize);
            Store.Put(page, World.Memory.Span(physical, (int)PageSize));
            _frames.Remove(page, page + PageSize);
            Free.Put(physical, 1);
            Evictions++;
            return true;
        }

        return false;
    }

    /// <summary>Pages without a frame are given up: what they were promised, and their place in the store.</summary>
    private void ForgetUnbacked(ulong start, ulong end)
    {
        if (Store is null)
            return;
        foreach (MappedRun area in _areas.Within(start, end))
        {
            if (area.Access != Access.None)
                _promised -= CountUntouched(Holes(_frames, area.Start, area.End));
            for (ulong page = area.Start; page < area.End; page += PageSize)
                Store.Drop(page);
        }
    }

    private ulong CountUntouched(List<(ulong Start, ulong End)> holes)
    {
        ulong untouched = 0;
        foreach ((ulong start, ulong end) in holes)
        {
            for (ulong page = start; page < end; page += PageSize)
                untouched += Store is not null && Store.Holds(page) ? 0u : 1u;
        }

        return untouched;
    }
}
