namespace RvJit.Machine.Paging;

/// <summary>
/// Layout of a TLB block: what the second parameter of handlers and regions points to on a hart that translates
/// addresses. Both parts are direct-mapped by the low bits of the virtual page number. A tag is the page's virtual
/// address; host address = virtual address + addend.
/// </summary>
public static class TlbLayout
{
    /// <summary>A tag that equals no page address.</summary>
    public const ulong Invalid = ulong.MaxValue;

    public const int DataEntryShift = 5;
    public const int DataEntries = 512;
    public const int ReadTagOffset = 0;
    public const int WriteTagOffset = 8;
    public const int AddendOffset = 16;

    /// <summary>Physical page address; bits 11:0 hold the log2 of the bytes that the leaf entry maps.</summary>
    public const int PhysicalOffset = 24;

    /// <summary>Where code entries begin: tag, then the engine's block of the page.</summary>
    public const int CodeOffset = DataEntries << DataEntryShift;
    public const int CodeEntryShift = 4;
    public const int CodeEntries = 512;
    public const int CodeBlockOffset = 8;

    public const int Bytes = CodeOffset + (CodeEntries << CodeEntryShift);

    /// <summary>Byte offset of the data entry of an address.</summary>
    public static int DataEntry(ulong address) =>
        (int)(address >> (HostMemory.PageShift - DataEntryShift)) & ((DataEntries - 1) << DataEntryShift);

    /// <summary>Byte offset of the code entry of an address.</summary>
    public static int CodeEntry(ulong address) =>
        CodeOffset + ((int)(address >> (HostMemory.PageShift - CodeEntryShift)) & ((CodeEntries - 1) << CodeEntryShift));

    public static ulong PageOf(ulong address) => address & ~(HostMemory.PageSize - 1UL);
}
