using RvJit.Machine;

namespace RvJit.Monitor.Runtime;

/// <summary>
/// What Keystone's loader and runtime do between the first instruction of an enclave and the first of its eapp: check
/// the runtime file, count what it takes of the free memory, map the eapp's segments (Keystone
/// runtime/loader-binary/loader-binary.c, loader/loader.c, sys/boot.c). File pages are used where they lie; pages that
/// are partly file and partly zero are copied.
/// </summary>
public sealed class EappLoader(PhysicalMemory memory, EnclaveCreateArguments layout)
{
    private const ulong PageSize = KeystoneAbi.PageSize;
    private const ulong PageMask = PageSize - 1;

    /// <summary>Where the runtime maps the UTM (Keystone runtime/include/mm/vm_defs.h).</summary>
    private const ulong UntrustedStart = 0xffff_ffff_8000_0000;

    /// <summary>Pages of the eapp file that are mapped in place; a second mapping gets a copy, so that no page is both written and executed.</summary>
    private readonly HashSet<ulong> _inPlace = [];

    public ulong Entry { get; private set; }

    /// <summary>Where the eapp finds its program headers (AT_PHDR), or 0: no segment holds the file's start.</summary>
    public ulong ProgramHeaders { get; private set; }

    public int ProgramHeaderCount { get; private set; }

    /// <summary>What the runtime file was built for.</summary>
    public RuntimeFeatures Features =>
        TryFile(layout.RuntimeAddress, layout.UserAddress, out ReadOnlySpan<byte> image)
        && ElfFile.HasMagic(image) && ElfFile.TryOpen(image, out ElfFile file)
            ? RuntimeFeatures.Of(file)
            : RuntimeFeatures.All;

    /// <summary>
    /// Reads the runtime file's options and takes from the free memory what loading it takes: its zero pages, its page
    /// tables, those of the UTM. A file that is no ELF takes nothing.
    /// </summary>
    public bool TryAccountRuntime(EpmAllocator free)
    {
        if (!TryFile(layout.RuntimeAddress, layout.UserAddress, out ReadOnlySpan<byte> image))
            return false;
        if (!ElfFile.HasMagic(image))
            return true;
        if (!ElfFile.TryOpen(image, out ElfFile file))
            return false;

        var tables = new PageTableCensus();
        for (int i = 0; i < file.SegmentCount; i++)
        {
            ElfSegment s = file.Segment(i);
            if (s.Type != ElfSegment.Load)
                continue;
            if (!IsSound(file, s, ulong.MaxValue))
                return false;
            ulong start = s.Address & ~PageMask;
            ulong end = (s.Address + s.MemorySize + PageMask) & ~PageMask;
            ulong pages = (end - start) / PageSize;
            ulong inPlace = WholeFilePages(s);
            if (pages > inPlace + free.Available || !free.TryConsume(pages - inPlace + tables.Missing(start, end)))
                return false;
            tables.Add(start, end);
        }

        // At most up to the end of the address space, where the mapping would wrap.
        ulong utmEnd = UntrustedStart + Math.Min(layout.UtmSize, ulong.MaxValue - UntrustedStart - PageMask);
        return free.TryConsume(tables.Missing(UntrustedStart, utmEnd));
    }

    /// <summary>Maps the eapp's segments and its stack.</summary>
    public bool TryLoadEapp(EnclaveAddressSpace space)
    {
        if ((layout.UserAddress & PageMask) != 0
            || !TryFile(layout.UserAddress, layout.FreeAddress, out ReadOnlySpan<byte> image)
            || !ElfFile.TryOpen(image, out ElfFile file))
        {
            return false;
        }

        Entry = file.Entry;
        ProgramHeaderCount = file.SegmentCount;
        for (int i = 0; i < file.SegmentCount; i++)
        {
            ElfSegment s = file.Segment(i);
            if (s.Type != ElfSegment.Load)
                continue;
            if (s.Offset == 0 && ProgramHeaders == 0)
                ProgramHeaders = s.Address + file.ProgramHeaderOffset;
            if (!IsSound(file, s, World.AddressLimit) || !TryLoadSegment(space, file, s))
                return false;
        }

        return space.TryAllocate(
            EnclaveAddressSpace.StackTop - EnclaveAddressSpace.StackSize, EnclaveAddressSpace.StackSize / PageSize, Access.ReadWrite);
    }

    private static bool IsSound(in ElfFile file, in ElfSegment s, ulong addressLimit) =>
        s.FileSize <= s.MemorySize
        && file.Holds(s.Offset, s.FileSize)
        && s.Address <= addressLimit
        && s.MemorySize <= addressLimit - s.Address
        && s.MemorySize <= ulong.MaxValue - s.Address - PageMask
        && (s.FileSize == 0 || (s.Offset & PageMask) == (s.Address & PageMask));

    /// <summary>Pages of a segment that consist of file bytes alone.</summary>
    private static ulong WholeFilePages(in ElfSegment s)
    {
        ulong first = (s.Address + PageMask) & ~PageMask;
        ulong last = (s.Address + s.FileSize) & ~PageMask;
        return last > first ? (last - first) / PageSize : 0;
    }

    private bool TryLoadSegment(EnclaveAddressSpace space, in ElfFile file, in ElfSegment s)
    {
        Access access = AccessOf(s.Flags);
        ulong fileEnd = s.Address + s.FileSize;
        ulong end = (s.Address + s.MemorySize + PageMask) & ~PageMask;
        ulong first = (s.Address + PageMask) & ~PageMask;
        ulong wholeEnd = first + (WholeFilePages(s) * PageSize);

        // The page before the first whole one, when the segment starts inside it.
        if (first != s.Address && !TryCopy(space, file, s, s.Address & ~PageMask, Math.Min(first, end), fileEnd, access))
            return false;

        for (ulong at = first; at < wholeEnd;)
        {
            ulong stop = at;
            while (stop < wholeEnd && _inPlace.Add(FilePage(s, stop)))
                stop += PageSize;
            if (stop != at && !space.TryMapInPlace(at, (stop - at) / PageSize, layout.UserAddress + FilePage(s, at), access))
                return false;
            if (stop < wholeEnd)
            {
                if (!TryCopy(space, file, s, stop, stop + PageSize, fileEnd, access))
                    return false;
                stop += PageSize;
            }

            at = stop;
        }

        ulong rest = Math.Max(first, wholeEnd);
        return rest >= end || TryCopy(space, file, s, rest, end, fileEnd, access);
    }

    private static ulong FilePage(in ElfSegment s, ulong address) => s.Offset + (address - s.Address);

    /// <summary>Pages [start, end) of free memory (or those that are there), with the file's bytes up to fileEnd in the first.</summary>
    private bool TryCopy(
        EnclaveAddressSpace space, in ElfFile file, in ElfSegment s, ulong start, ulong end, ulong fileEnd, Access access)
    {
        if (!space.TryAllocate(start, (end - start) / PageSize, access))
            return false;
        ulong from = Math.Max(start, s.Address);
        ulong to = Math.Min(fileEnd, start + PageSize);
        if (to <= from)
            return true;
        if (!space.TryFindPage(start, out ulong page))
            return false;
        int bytes = (int)(to - from);
        file.Bytes(FilePage(s, from), bytes).CopyTo(memory.Span(page + (from & PageMask), bytes));
        return true;
    }

    private bool TryFile(ulong start, ulong end, out ReadOnlySpan<byte> image)
    {
        ulong bytes = end - start;
        bool fits = end > start && bytes <= int.MaxValue;
        image = fits ? memory.Span(start, (int)bytes) : default;
        return fits;
    }

    private static Access AccessOf(uint flags) =>
        ((flags & ElfSegment.FlagExecute) != 0 ? Access.Execute : 0)
        | ((flags & ElfSegment.FlagWrite) != 0 ? Access.ReadWrite : 0)
        | ((flags & ElfSegment.FlagRead) != 0 ? Access.Read : 0);
}
