using System.Runtime.CompilerServices;

namespace RvJit.Machine;

/// <summary>The slow and the native way into a world's memory: byte-exact checks, faults as values.</summary>
public sealed unsafe partial class World
{
    /// <summary>
    /// A load that the fast check refused (or that native code makes): decided page by page and, where PMP says two
    /// things about a page, byte by byte.
    /// </summary>
    public override bool TryLoad(ulong address, int bytes, out ulong value, out Trap trap)
    {
        value = 0;
        lock (_lock)
        {
            if (!MayAccess(address, (ulong)bytes, Access.Read, out trap))
                return false;
            Unsafe.SkipInit(out ulong raw);
            new ReadOnlySpan<byte>(Base + address, bytes).CopyTo(new Span<byte>(&raw, bytes));
            value = bytes == 8 ? raw : raw & ((1UL << (bytes * 8)) - 1);
            return true;
        }
    }

    /// <summary>A store that the fast check refused; drops translations of the granules it changes.</summary>
    public override bool TryStore(ulong address, int bytes, ulong value, out Trap trap)
    {
        lock (_lock)
        {
            if (!MayAccess(address, (ulong)bytes, Access.Write, out trap))
                return false;
            new ReadOnlySpan<byte>(&value, bytes).CopyTo(new Span<byte>(Base + address, bytes));
            NoteStore(address, (ulong)bytes);
            return true;
        }
    }

    /// <summary>Whether an instruction fetch of 2 bytes may happen at an address.</summary>
    public override bool TryFetch(ulong address, out ushort parcel, out Trap trap)
    {
        lock (_lock)
        {
            parcel = 0;
            if (!MayAccess(address, 2, Access.Execute, out trap))
                return false;
            parcel = *(ushort*)(Base + address);
            return true;
        }
    }

    public override bool TryAtomic(ulong address, int bytes, Access access, out byte* pointer, out Trap trap)
    {
        lock (_lock)
        {
            // A store fault, even when the page is not readable either.
            bool allowed = MayAccess(address, (ulong)bytes, (access & Access.Write) != 0 ? Access.Write : access, out trap)
                && MayAccess(address, (ulong)bytes, access, out trap);
            pointer = allowed ? Base + address : null;
            return allowed;
        }
    }

    public override void NoteWritten(ulong address, int bytes)
    {
        lock (_lock)
            NoteStore(address, (ulong)bytes);
    }

    /// <summary>
    /// Host address of guest bytes that native code may read (or write) now, or null. The window is never unmapped, so
    /// the pointer stays valid for the world's life; after a concurrent remap it reaches zero-fill, never another's page.
    /// Whoever wrote through it says <see cref="NoteNativeWrite"/>.
    /// </summary>
    public byte* TryPointer(ulong address, ulong bytes, Access access)
    {
        if (bytes == 0)
            return address <= AddressLimit ? Base + address : null;
        if (address >= AddressLimit || bytes > AddressLimit - address)
            return null;
        byte need = (byte)access;
        byte* table = PermissionTable;
        ulong last = (address + bytes - 1) >> HostMemory.PageShift;
        for (ulong page = address >> HostMemory.PageShift; page <= last; page++)
        {
            if ((table[page] & need) != need)
                return TryPointerSlow(address, bytes, access);
        }

        return Base + address;
    }

    /// <summary>The trap an access would take; false (and no trap) when it would succeed.</summary>
    public bool Explain(ulong address, ulong bytes, Access access, out Trap trap)
    {
        lock (_lock)
            return !MayAccess(address, bytes, access, out trap);
    }

    public bool TryRead(ulong address, Span<byte> destination)
    {
        byte* p = TryPointer(address, (ulong)destination.Length, Access.Read);
        if (p == null)
            return false;
        new ReadOnlySpan<byte>(p, destination.Length).CopyTo(destination);
        return true;
    }

    public bool TryWrite(ulong address, ReadOnlySpan<byte> source)
    {
        byte* p = TryPointer(address, (ulong)source.Length, Access.Write);
        if (p == null)
            return false;
        source.CopyTo(new Span<byte>(p, source.Length));
        NoteNativeWrite(address, (ulong)source.Length);
        return true;
    }

    public bool TryRead<T>(ulong address, out T value)
        where T : unmanaged
    {
        byte* p = TryPointer(address, (ulong)sizeof(T), Access.Read);
        value = p == null ? default : Unsafe.ReadUnaligned<T>(p);
        return p != null;
    }

    public bool TryWrite<T>(ulong address, in T value)
        where T : unmanaged
    {
        byte* p = TryPointer(address, (ulong)sizeof(T), Access.Write);
        if (p == null)
            return false;
        Unsafe.WriteUnaligned(p, value);
        NoteNativeWrite(address, (ulong)sizeof(T));
        return true;
    }

    /// <summary>
    /// Native code has written through a pointer of <see cref="TryPointer"/>: translations made of the old bytes since
    /// it got that pointer are dropped.
    /// </summary>
    public void NoteNativeWrite(ulong address, ulong bytes)
    {
        // The write is visible before the table is read; a decoder watches the page before it reads the bytes.
        Interlocked.MemoryBarrier();
        bool watched = false;
        for (ulong page = address >> HostMemory.PageShift; bytes != 0 && page <= (address + bytes - 1) >> HostMemory.PageShift; page++)
            watched |= (PermissionTable[page] & PageFlags.Code) != 0;
        if (!watched)
            return;
        lock (_lock)
            NoteStore(address, bytes);
    }

    /// <summary>Bytes up to (not including) the first zero, at most <paramref name="limit"/>; null when unreadable or longer.</summary>
    public byte[]? TryReadString(ulong address, int limit)
    {
        var bytes = new List<byte>();
        while (bytes.Count < limit)
        {
            ulong at = address + (ulong)bytes.Count;
            int chunk = (int)Math.Min(HostMemory.PageSize - (at & PageMask), (ulong)(limit - bytes.Count));
            byte* p = TryPointer(at, (ulong)chunk, Access.Read);
            if (p == null)
                return null;
            int zero = new ReadOnlySpan<byte>(p, chunk).IndexOf((byte)0);
            bytes.AddRange(new ReadOnlySpan<byte>(p, zero >= 0 ? zero : chunk));
            if (zero >= 0)
                return [.. bytes];
        }

        return null;
    }

    /// <summary>
    /// The engine is about to decode instructions of a page: stores to it, through whichever address maps the same
    /// physical page here, must be noticed from now on. Waits until no hart can be past a check that saw it writable.
    /// </summary>
    /// <param name="page">Page number.</param>
    /// <param name="self">The hart that asks, or null.</param>
    /// <param name="then">What relies on the watch; it cannot end before this has run.</param>
    public void WatchPage(ulong page, Hart? self, Action<ulong> then)
    {
        lock (_lock)
        {
            if (!_runs.TryFind(page << HostMemory.PageShift, out MappedRun run))
                return;
            if ((PermissionTable[page] & PageFlags.Code) == 0)
                WithholdWrite(run.PhysicalAt(page << HostMemory.PageShift), self);
            then(page);
        }
    }

    private void WithholdWrite(ulong physical, Hart? self)
    {
        _watched.Add(physical);
        bool wasWritable = false;
        foreach (ulong alias in _runs.PagesOf(physical))
        {
            wasWritable |= (PermissionTable[alias] & PageFlags.Write) != 0;
            PermissionTable[alias] = (byte)((PermissionTable[alias] & ~PageFlags.Write) | PageFlags.Code);
            FixPairs(alias, alias + 1);
        }

        if (wasWritable)
            Quiesce(self);
    }

    /// <summary>The engine holds nothing of a page any more; called inside <see cref="ICodeWatcher.InvalidatePages"/>.</summary>
    public void UnwatchPage(ulong page)
    {
        if (!_runs.TryFind(page << HostMemory.PageShift, out MappedRun run))
            return;
        ulong physical = run.PhysicalAt(page << HostMemory.PageShift);
        ulong[] aliases = [.. _runs.PagesOf(physical)];
        foreach (ulong alias in aliases)
        {
            if (alias != page && Code!.Keeps(alias))
                return; // something may be decoded or translated through another address of the same page
        }

        _watched.Remove(physical);
        foreach (ulong alias in aliases)
        {
            PermissionTable[alias] &= unchecked((byte)~PageFlags.Code);
            ulong address = alias << HostMemory.PageShift;
            _ = Fold(address, address + HostMemory.PageSize);
        }
    }

    private byte* TryPointerSlow(ulong address, ulong bytes, Access access)
    {
        lock (_lock)
        {
            if (!MayAccess(address, bytes, access, out _))
                return null;
            if ((access & Access.Write) != 0)
                NoteStore(address, bytes);
            return Base + address;
        }
    }

    private void NoteStore(ulong address, ulong bytes)
    {
        if (Code is not { } code)
            return;

        // The store is visible before the watcher is asked; a decoder marks before it reads.
        Interlocked.MemoryBarrier();
        ulong first = address >> HostMemory.PageShift;
        ulong last = (address + bytes - 1) >> HostMemory.PageShift;
        for (ulong page = first; page <= last; page++)
        {
            if ((PermissionTable[page] & PageFlags.Code) == 0)
                continue;
            ulong from = Math.Max(address, page << HostMemory.PageShift);
            ulong to = Math.Min(address + bytes, (page + 1) << HostMemory.PageShift);
            if (!_runs.TryFind(from, out MappedRun run))
                continue;
            foreach (ulong alias in _runs.PagesOf(run.PhysicalAt(page << HostMemory.PageShift)).ToArray())
            {
                if (code.HoldsCode((alias << HostMemory.PageShift) + (from & PageMask), to - from))
                    code.InvalidatePages(alias, 1);
            }
        }
    }

    /// <summary>
    /// Page-table rights first (page fault), then PMP (access fault), for every byte of a range. More than 8 bytes are
    /// many accesses.
    /// </summary>
    private bool MayAccess(ulong address, ulong bytes, Access access, out Trap trap)
    {
        ulong at = address;
        ulong left = bytes;
        while (left != 0)
        {
            if (at >= AddressLimit || !_runs.TryFind(at, out MappedRun run) || (run.Access & access) != access)
            {
                trap = new Trap(PageFault(access), at);
                return false;
            }

            ulong here = Math.Min(left, run.End - at);
            ulong pa = run.PhysicalAt(at);
            if (bytes <= sizeof(ulong))
            {
                // One access, in each page it touches: PMP decides it as a whole.
                here = Math.Min(here, HostMemory.PageSize - (at & PageMask));
                if (!_pmp.Allows(pa, here, access))
                {
                    trap = new Trap(AccessFault(access), at);
                    return false;
                }

                at += here;
                left -= here;
                continue;
            }

            for (ulong done = 0; done < here;)
            {
                Access grant = _pmp.Grant(pa + done, out ulong uniform);
                if ((grant & access) != access)
                {
                    trap = new Trap(AccessFault(access), at + done);
                    return false;
                }

                done += Math.Min(uniform, here - done);
            }

            at += here;
            left -= here;
        }

        trap = default;
        return true;
    }

    private static TrapCause PageFault(Access access) => access switch
    {
        Access.Execute => TrapCause.InstructionPageFault,
        Access.Read => TrapCause.LoadPageFault,
        _ => TrapCause.StorePageFault,
    };

    private static TrapCause AccessFault(Access access) => access switch
    {
        Access.Execute => TrapCause.InstructionAccessFault,
        Access.Read => TrapCause.LoadAccessFault,
        _ => TrapCause.StoreAccessFault,
    };
}
