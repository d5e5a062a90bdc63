using RvJit.Machine;
using RvJit.Machine.Paging;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Tracing;

/// <summary>Where a hart's instructions are read: its world's window, or the page of RAM that was translated last.</summary>
internal sealed unsafe class FetchWindow(Hart hart, PagedMemory? paged)
{
    private const ulong NoPage = ulong.MaxValue;
    private const ulong OffsetMask = HostMemory.PageSize - 1;

    private ulong _page = NoPage;
    private byte* _host;
    private long _generation;

    /// <summary>Where addresses are translated; null in a world.</summary>
    public PagedMemory? Paged => paged;

    /// <summary>The privilege mode or the translation may have changed.</summary>
    public void Forget() => _page = NoPage;

    /// <summary>Reads the instruction at pc in code; false when that must be done precisely.</summary>
    public bool TryRead(ulong pc, out uint word)
    {
        word = 0;
        byte* host = paged is null ? InWorld(pc) : InPage(pc);
        if (host == null)
            return false;
        word = *(ushort*)host;
        if (InstructionTable.LengthOf((ushort)word) == sizeof(ushort))
            return true;
        if ((pc & OffsetMask) == HostMemory.PageSize - sizeof(ushort))
            return false;
        word |= (uint)*(ushort*)(host + sizeof(ushort)) << 16;
        return true;
    }

    /// <summary>Reads it outside code, and finds the page for the next ones.</summary>
    public bool TryReadPrecisely(ulong pc, out uint word, out Trap trap)
    {
        MemoryView memory = hart.Memory;
        word = 0;
        if (paged is not null && (pc & ~OffsetMask) != _page && !TryFindPage(pc, paged, out trap))
            return false;
        if (!memory.TryFetch(pc, out ushort low, out trap))
            return false;
        word = low;
        if (InstructionTable.LengthOf(low) == sizeof(ushort))
            return true;
        if (!memory.TryFetch(pc + sizeof(ushort), out ushort high, out trap))
            return false;
        word |= (uint)high << 16;
        return true;
    }

    private bool TryFindPage(ulong pc, PagedMemory memory, out Trap trap)
    {
        _generation = memory.Generation;
        if (!memory.TryTranslateFetch(pc, out ulong? physical, out trap))
            return false;
        _page = physical is null ? NoPage : pc & ~OffsetMask;
        _host = physical is { } page ? memory.Machine.Ram.Pointer(page, HostMemory.PageSize) : null;
        return true;
    }

    private byte* InWorld(ulong pc)
    {
        byte* window = hart.State->Memory;
        ulong page = pc >> HostMemory.PageShift;
        return page < World.PageCount && (window[(long)page - World.TableDisplacement] & PageFlags.Execute) != 0 ? window + pc : null;
    }

    private byte* InPage(ulong pc) =>
        (pc & ~OffsetMask) == _page && paged!.Generation == _generation ? _host + (pc & OffsetMask) : null;
}
