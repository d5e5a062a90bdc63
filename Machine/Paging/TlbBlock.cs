using System.Runtime.InteropServices;

namespace RvJit.Machine.Paging;

/// <summary>The translations of one mode of one hart (<see cref="TlbLayout"/>). Guarded by the hart's TLB lock.</summary>
internal sealed unsafe class TlbBlock
{
    private const nuint CacheLine = 64;

    /// <summary>Whether some entry comes from a leaf larger than a page: one address then stands for many entries.</summary>
    private bool _hasLarge;

    public TlbBlock()
    {
        Base = (byte*)NativeMemory.AlignedAlloc(TlbLayout.Bytes, CacheLine);
        new Span<byte>(Base, TlbLayout.Bytes).Clear();
        Clear();
    }

    public byte* Base { get; }

    public TranslationMode Mode { get; set; }

    /// <summary>When it was last switched to, in switches of its hart.</summary>
    public long UsedAt { get; set; }

    /// <summary>Everything in it is void; it is cleared when it is switched to.</summary>
    public bool IsStale { get; set; }

    /// <summary>
    /// Voids every entry. Another hart may be doing it while this one runs: it may have read a tag and not yet the addend
    /// or block, so those stay as they are.
    /// </summary>
    public void Clear()
    {
        for (int i = 0; i < TlbLayout.DataEntries; i++)
            DropData(Base + (i << TlbLayout.DataEntryShift));
        ClearCode();
        _hasLarge = false;
        IsStale = false;
    }

    public void Free() => NativeMemory.AlignedFree(Base);

    public void FillData(ulong page, ulong physical, byte* host, int sizeBits, bool read, bool write)
    {
        byte* entry = Base + TlbLayout.DataEntry(page);
        _hasLarge |= sizeBits > HostMemory.PageShift;
        *(ulong*)(entry + TlbLayout.AddendOffset) = (ulong)host - page;
        *(ulong*)(entry + TlbLayout.PhysicalOffset) = physical | (uint)sizeBits;
        *(ulong*)(entry + TlbLayout.ReadTagOffset) = read ? page : TlbLayout.Invalid;
        *(ulong*)(entry + TlbLayout.WriteTagOffset) = write ? page : TlbLayout.Invalid;
    }

    public void FillCode(ulong page, byte* block)
    {
        byte* entry = Base + TlbLayout.CodeEntry(page);
        *(ulong*)entry = page;
        *(byte**)(entry + TlbLayout.CodeBlockOffset) = block;
    }

    /// <summary>Forgets what one address stands for. Code entries do not know their leaf's size: all go when there are large ones.</summary>
    public void Drop(ulong address)
    {
        ulong page = TlbLayout.PageOf(address);
        byte* entry = Base + TlbLayout.DataEntry(page);
        DropData(entry);
        if (!_hasLarge)
        {
            byte* code = Base + TlbLayout.CodeEntry(page);
            *(ulong*)code = TlbLayout.Invalid;
            return;
        }

        for (int i = 0; i < TlbLayout.DataEntries; i++)
        {
            entry = Base + (i << TlbLayout.DataEntryShift);
            int bits = (int)*(ulong*)(entry + TlbLayout.PhysicalOffset) & (HostMemory.PageSize - 1);
            if (bits is > HostMemory.PageShift and < 64 && ((TagOf(entry) ^ page) >> bits) == 0)
                DropData(entry);
        }

        ClearCode();
    }

    public List<(ulong Tag, ulong Addend)> DataEntries()
    {
        var found = new List<(ulong, ulong)>();
        for (int i = 0; i < TlbLayout.DataEntries; i++)
        {
            byte* entry = Base + (i << TlbLayout.DataEntryShift);
            if (TagOf(entry) is var tag && tag != TlbLayout.Invalid)
                found.Add((tag, *(ulong*)(entry + TlbLayout.AddendOffset)));
        }

        return found;
    }

    /// <summary>True when some entry let stores to a physical page through; none does any more.</summary>
    public bool DropWriteTags(ulong physical)
    {
        bool found = false;
        for (int i = 0; i < TlbLayout.DataEntries; i++)
        {
            byte* entry = Base + (i << TlbLayout.DataEntryShift);
            if (TlbLayout.PageOf(*(ulong*)(entry + TlbLayout.PhysicalOffset)) != physical
                || *(ulong*)(entry + TlbLayout.WriteTagOffset) == TlbLayout.Invalid)
                continue;
            Volatile.Write(ref *(ulong*)(entry + TlbLayout.WriteTagOffset), TlbLayout.Invalid);
            found = true;
        }

        return found;
    }

    public void DropCode(byte* block)
    {
        for (int i = 0; i < TlbLayout.CodeEntries; i++)
        {
            byte* entry = Base + TlbLayout.CodeOffset + (i << TlbLayout.CodeEntryShift);
            if (*(byte**)(entry + TlbLayout.CodeBlockOffset) == block)
                Volatile.Write(ref *(ulong*)entry, TlbLayout.Invalid);
        }
    }

    private void ClearCode()
    {
        for (int i = 0; i < TlbLayout.CodeEntries; i++)
            Volatile.Write(ref *(ulong*)(Base + TlbLayout.CodeOffset + (i << TlbLayout.CodeEntryShift)), TlbLayout.Invalid);
    }

    private static ulong TagOf(byte* entry)
    {
        ulong read = *(ulong*)(entry + TlbLayout.ReadTagOffset);
        return read != TlbLayout.Invalid ? read : *(ulong*)(entry + TlbLayout.WriteTagOffset);
    }

    private static void DropData(byte* entry)
    {
        Volatile.Write(ref *(ulong*)(entry + TlbLayout.ReadTagOffset), TlbLayout.Invalid);
        Volatile.Write(ref *(ulong*)(entry + TlbLayout.WriteTagOffset), TlbLayout.Invalid);
    }
}
