using System.Runtime.CompilerServices;

namespace RvJit.Machine.Paging;

/// <summary>How a walk ended.</summary>
public enum WalkResult
{
    Done,
    PageFault,

    /// <summary>A page-table entry itself cannot be reached.</summary>
    AccessFault,
}

/// <summary>What a page-table walk found.</summary>
/// <param name="Physical">Physical address of the translated address.</param>
/// <param name="SizeBits">log2 of the bytes that the leaf entry maps.</param>
/// <param name="Grant">What the entry lets the walking privilege do.</param>
/// <param name="Dirty">Its D bit, after the walk.</param>
public readonly record struct Leaf(ulong Physical, int SizeBits, Access Grant, bool Dirty);

/// <summary>
/// Sv39, Sv48 and Sv57 (privileged manual, "Virtual Address Translation Process"), with Svnapot, Svpbmt, Svade and
/// Svadu. Entries are read from RAM only, under PMP with S privilege.
/// </summary>
public static unsafe class PageTable
{
    private const ulong Valid = 1;
    private const ulong Read = 1 << 1;
    private const ulong Write = 1 << 2;
    private const ulong Execute = 1 << 3;
    private const ulong User = 1 << 4;
    private const ulong Accessed = 1 << 6;
    private const ulong Dirty = 1 << 7;
    private const int PpnShift = 10;
    private const ulong PpnMask = (1UL << 44) - 1;

    /// <summary>Bits 60:54, for future standard use.</summary>
    private const ulong Reserved = 0x7FUL << 54;
    private const int MemoryTypeShift = 61;
    private const ulong MemoryType = 3UL << MemoryTypeShift;
    private const ulong ReservedMemoryType = MemoryType;
    private const ulong Napot = 1UL << 63;

    /// <summary>The only size of Svnapot: 64 KiB, encoded in the low bits of the PPN.</summary>
    private const int NapotBits = 16;
    private const ulong NapotMask = 0xF;
    private const ulong NapotEncoding = 0x8;

    private const int IndexBits = 9;
    private const int EntryBytes = 8;

    /// <summary>satp.MODE of Sv39; Sv48 and Sv57 follow.</summary>
    private const int Sv39 = 8;
    private const int Sv57 = 10;
    private const int ModeShift = 60;

    /// <summary>Whether satp translates at all.</summary>
    public static bool Translates(ulong satp) => satp >> ModeShift is >= Sv39 and <= Sv57;

    public static WalkResult Walk(
        PhysicalMemory ram, PmpView pmp, in TranslationMode mode, ulong address, Access access, Privilege privilege, out Leaf leaf)
    {
        leaf = default;
        int levels = (int)(mode.Satp >> ModeShift) - Sv39 + 3;
        int unused = 64 - HostMemory.PageShift - (levels * IndexBits);
        if ((ulong)((long)(address << unused) >> unused) != address)
            return WalkResult.PageFault;
        while (true)
        {
            ulong table = (mode.Satp & PpnMask) << HostMemory.PageShift;
            WalkResult? result = null;
            for (int level = levels - 1; result is null; level--)
            {
                if (level < 0)
                    return WalkResult.PageFault;
                int shift = HostMemory.PageShift + (level * IndexBits);
                ulong at = table + (((address >> shift) & ((1 << IndexBits) - 1)) * EntryBytes);
                if (!ram.Contains(at, EntryBytes) || !pmp.Allows(at, EntryBytes, Access.Read, Privilege.Supervisor))
                    return WalkResult.AccessFault;
                ref ulong entry = ref Unsafe.AsRef<ulong>(ram.Pointer(at, EntryBytes));
                ulong e = Volatile.Read(ref entry);
                if (!IsWellFormed(e, level, mode.MemoryTypes))
                    return WalkResult.PageFault;
                if ((e & (Read | Execute)) == 0)
                {
                    table = ((e >> PpnShift) & PpnMask) << HostMemory.PageShift;
                    continue;
                }

                result = TakeLeaf(ref entry, e, at, shift, pmp, mode, address, access, privilege, out leaf);
                if (result is null)
                    break; // the entry changed while its bits were being set: once more from the root
            }

            if (result is { } done)
                return done;
        }
    }

    private static bool IsWellFormed(ulong e, int level, bool memoryTypes)
    {
        if ((e & Valid) == 0 || (e & (Read | Write)) == Write || (e & Reserved) != 0)
            return false;
        if ((e & MemoryType) != 0 && (!memoryTypes || (e & MemoryType) == ReservedMemoryType))
            return false;
        ulong ppn = (e >> PpnShift) & PpnMask;
        if ((e & (Read | Execute)) == 0)
            return (e & (Accessed | Dirty | User | MemoryType | Napot)) == 0;
        if ((e & Napot) != 0 && (level != 0 || (ppn & NapotMask) != NapotEncoding))
            return false;
        return (ppn & ((1UL << (level * IndexBits)) - 1)) == 0;
    }

    /// <summary>Rights, A and D of a leaf entry; null when it changed under the update.</summary>
    private static WalkResult? TakeLeaf(
        ref ulong entry, ulong e, ulong at, int shift, PmpView pmp, in TranslationMode mode, ulong address, Access access, Privilege privilege, out Leaf leaf)
    {
        leaf = default;
        Access grant = Rights(e, mode, privilege);
        if ((grant & access) != access)
            return WalkResult.PageFault;
        ulong need = Accessed | ((access & Access.Write) != 0 ? Dirty : 0);
        if ((e & need) != need)
        {
            if (!mode.HardwareUpdate)
                return WalkResult.PageFault;
            if (!pmp.Allows(at, EntryBytes, Access.Write, Privilege.Supervisor))
                return WalkResult.AccessFault;
            if (Interlocked.CompareExchange(ref entry, e | need, e) != e)
                return null;
            e |= need;
        }

        int bits = (e & Napot) != 0 ? NapotBits : shift;
        ulong offset = (1UL << bits) - 1;
        ulong page = ((e >> PpnShift) & PpnMask) << HostMemory.PageShift;
        leaf = new Leaf((page & ~offset) | (address & offset), bits, grant, (e & Dirty) != 0);
        return WalkResult.Done;
    }

    private static Access Rights(ulong e, in TranslationMode mode, Privilege privilege)
    {
        var grant = (Access)((e >> 1) & (ulong)Access.All);
        if (mode.Mxr && (e & Execute) != 0)
            grant |= Access.Read;
        bool user = (e & User) != 0;
        if (privilege == Privilege.User)
            return user ? grant : Access.None;
        if (!user)
            return grant;
        return mode.Sum ? grant & ~Access.Execute : Access.None;
    }
}
