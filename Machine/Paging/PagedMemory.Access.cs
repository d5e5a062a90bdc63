using System.Runtime.CompilerServices;

namespace RvJit.Machine.Paging;

/// <summary>Accesses, one by one.</summary>
public sealed unsafe partial class PagedMemory
{
    /// <summary>Where the last <see cref="TryAtomic"/> pointed.</summary>
    private ulong _atomicPhysical;

    public override bool TryLoad(ulong address, int bytes, out ulong value, out Trap trap)
    {
        value = 0;
        int first = BytesInPage(address, bytes);
        if (first == bytes)
            return TryTranslate(address, bytes, Access.Read, out ulong physical, out trap)
                && TryRead(physical, address, bytes, ref trap, out value);

        // Both parts must be allowed before a device may see either.
        ulong second = address + (ulong)first;
        if (!TryTranslate(address, first, Access.Read, out ulong low, out trap)
            || !TryTranslate(second, bytes - first, Access.Read, out ulong high, out trap))
            return false;
        for (int i = 0; i < bytes; i++)
        {
            ulong part = i < first ? low + (ulong)i : high + (ulong)(i - first);
            if (!TryRead(part, i < first ? address : second, 1, ref trap, out ulong b))
                return false;
            value |= b << (8 * i);
        }

        return true;
    }

    public override bool TryStore(ulong address, int bytes, ulong value, out Trap trap)
    {
        int first = BytesInPage(address, bytes);
        if (first == bytes)
            return TryTranslate(address, bytes, Access.Write, out ulong physical, out trap)
                && TryWrite(physical, address, bytes, value, ref trap);
        ulong second = address + (ulong)first;
        if (!TryTranslate(address, first, Access.Write, out ulong low, out trap)
            || !TryTranslate(second, bytes - first, Access.Write, out ulong high, out trap))
            return false;
        for (int i = 0; i < bytes; i++)
        {
            ulong part = i < first ? low + (ulong)i : high + (ulong)(i - first);
            if (!TryWrite(part, i < first ? address : second, 1, value >> (8 * i), ref trap))
                return false;
        }

        return true;
    }

    public override bool TryFetch(ulong address, out ushort parcel, out Trap trap)
    {
        parcel = 0;
        if (!TryTranslate(address, sizeof(ushort), Access.Execute, out ulong physical, out trap))
            return false;
        if (Machine.Ram.Contains(physical, sizeof(ushort)))
        {
            parcel = *(ushort*)Machine.Ram.Pointer(physical, sizeof(ushort));
            return true;
        }

        if (Machine.Bus.TryRead(physical, sizeof(ushort), out ulong value))
        {
            parcel = (ushort)value;
            return true;
        }

        trap = new Trap(TrapCause.InstructionAccessFault, address);
        return false;
    }

    public override bool TryAtomic(ulong address, int bytes, Access access, out byte* pointer, out Trap trap)
    {
        pointer = null;
        Access asked = (access & Access.Write) != 0 ? Access.Write : access;
        if (!TryTranslate(address, bytes, asked, out _atomicPhysical, out trap))
            return false;
        if (!Machine.Ram.Contains(_atomicPhysical, (ulong)bytes))
        {
            trap = new Trap(AccessFault(asked), address);
            return false;
        }

        pointer = Machine.Ram.Pointer(_atomicPhysical, (ulong)bytes);
        return true;
    }

    public override void NoteWritten(ulong address, int bytes) => NoteStored(_atomicPhysical, bytes);

    /// <summary>
    /// Where the page of pc lies, if control may enter it as a whole: RAM that may hold code and that the hart may execute everywhere.
    /// <paramref name="page"/> is null when its instructions must be executed one by one.
    /// </summary>
    public bool TryTranslateFetch(ulong pc, out ulong? page, out Trap trap)
    {
        page = null;
        if (!TryTranslate(pc, sizeof(ushort), Access.Execute, out ulong physical, out trap))
            return false;
        ulong candidate = TlbLayout.PageOf(physical);
        if (Machine.MayHoldCode(candidate)
            && _pmp.TryGrant(candidate, _mode.Fetch, out Access grant) && (grant & Access.Execute) != 0)
            page = candidate;
        return true;
    }

    private static int BytesInPage(ulong address, int bytes) =>
        Math.Min(bytes, HostMemory.PageSize - (int)(address & (HostMemory.PageSize - 1)));

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

    /// <summary>Walks, asks PMP, and remembers the translation of data where it may.</summary>
    private bool TryTranslate(ulong address, int bytes, Access access, out ulong physical, out Trap trap)
    {
        Privilege privilege = access == Access.Execute ? _mode.Fetch : _mode.Data;
        long generation = Generation;
        var leaf = new Leaf(address, HostMemory.PageShift, Access.All, Dirty: true);
        if (privilege != Privilege.Machine && PageTable.Translates(_mode.Satp))
        {
            WalkResult result = PageTable.Walk(Machine.Ram, _pmp, _mode, address, access, privilege, out leaf);
            if (result != WalkResult.Done)
            {
                physical = 0;
                trap = new Trap(result == WalkResult.PageFault ? PageFault(access) : AccessFault(access), address);
                return false;
            }
        }

        physical = leaf.Physical;
        if (!_pmp.Allows(physical, bytes, access, privilege))
        {
            trap = new Trap(AccessFault(access), address);
            return false;
        }

        trap = default;
        if (access != Access.Execute)
            Fill(address, leaf, privilege, generation);
        return true;
    }

    private void Fill(ulong address, in Leaf leaf, Privilege privilege, long generation)
    {
        ulong page = TlbLayout.PageOf(leaf.Physical);
        if (!Machine.Ram.Contains(page, HostMemory.PageSize) || !_pmp.TryGrant(page, privilege, out Access grant))
            return;
        grant &= leaf.Grant;
        bool read = (grant & Access.Read) != 0;
        lock (_lock)
        {
            if (_generation != generation)
                return;
            bool write = read && leaf.Dirty && (grant & Access.Write) != 0 && !Machine.IsGuarded(page);
            byte* host = Machine.Ram.Pointer(page, HostMemory.PageSize);
            _current.FillData(TlbLayout.PageOf(address), page, host, leaf.SizeBits, read, write);
        }
    }

    private bool TryRead(ulong physical, ulong address, int bytes, ref Trap trap, out ulong value)
    {
        if (!Machine.Ram.Contains(physical, (ulong)bytes))
        {
            if (Machine.Bus.TryRead(physical, bytes, out value))
                return true;
            trap = new Trap(TrapCause.LoadAccessFault, address);
            return false;
        }

        byte* p = Machine.Ram.Pointer(physical, (ulong)bytes);
        value = bytes switch
        {
            1 => *p,
            2 => Unsafe.ReadUnaligned<ushort>(p),
            4 => Unsafe.ReadUnaligned<uint>(p),
            _ => Unsafe.ReadUnaligned<ulong>(p),
        };
        return true;
    }

    private bool TryWrite(ulong physical, ulong address, int bytes, ulong value, ref Trap trap)
    {
        if (!Machine.Ram.Contains(physical, (ulong)bytes))
        {
            if (Machine.Bus.TryWrite(physical, bytes, value))
                return true;
            trap = new Trap(TrapCause.StoreAccessFault, address);
            return false;
        }

        byte* p = Machine.Ram.Pointer(physical, (ulong)bytes);
        switch (bytes)
        {
            case 1:
                *p = (byte)value;
                break;
            case 2:
                Unsafe.WriteUnaligned(p, (ushort)value);
                break;
            case 4:
                Unsafe.WriteUnaligned(p, (uint)value);
                break;
            default:
                Unsafe.WriteUnaligned(p, value);
                break;
        }

        NoteStored(physical, bytes);
        return true;
    }

    private void NoteStored(ulong physical, int bytes)
    {
        Machine.NoteWritten(physical, (ulong)bytes);
        if (Machine.Bus.IsObserved(TlbLayout.PageOf(physical)))
            Machine.Bus.NoteStored(physical, bytes);
    }
}
