using System.Buffers.Binary;

namespace RvJit.Guest.Elf;

/// <summary>Sections and symbols: for the disassembler and for names in reports, never needed to run.</summary>
internal static class ElfSectionReader
{
    private const int SectionHeaderSize = 64;
    private const int SymbolSize = 24;

    public static string? ReadSections(ElfFile file, out IReadOnlyList<ElfSection> sections)
    {
        sections = [];
        ReadOnlySpan<byte> data = file.Bytes;
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(data[40..]);
        ushort entrySize = BinaryPrimitives.ReadUInt16LittleEndian(data[58..]);
        ulong count = BinaryPrimitives.ReadUInt16LittleEndian(data[60..]);
        uint namesIndex = BinaryPrimitives.ReadUInt16LittleEndian(data[62..]);
        if (offset == 0)
            return null;
        if (entrySize != SectionHeaderSize)
            return $"{file.Path} has section headers of {entrySize} bytes instead of {SectionHeaderSize}; the file is damaged";
        if (!Inside(data, offset, SectionHeaderSize))
            return $"{file.Path} is truncated: its section headers lie outside the file";
        ReadOnlySpan<byte> first = data[(int)offset..];
        if (count == 0)
            count = BinaryPrimitives.ReadUInt64LittleEndian(first[32..]); // more than 0xff00: kept in the first header's sh_size
        if (namesIndex == 0xFFFF)
            namesIndex = BinaryPrimitives.ReadUInt32LittleEndian(first[40..]);
        if (count > (ulong)data.Length / SectionHeaderSize || !Inside(data, offset, count * SectionHeaderSize))
            return $"{file.Path} is truncated: its section headers lie outside the file";

        ulong names = 0;
        if (namesIndex < count)
            names = BinaryPrimitives.ReadUInt64LittleEndian(data[((int)offset + ((int)namesIndex * SectionHeaderSize) + 24)..]);
        var list = new ElfSection[count];
        for (int i = 0; i < list.Length; i++)
        {
            ReadOnlySpan<byte> h = data.Slice((int)offset + (i * SectionHeaderSize), SectionHeaderSize);
            uint name = BinaryPrimitives.ReadUInt32LittleEndian(h);
            var section = new ElfSection(
                names == 0 || names > (ulong)data.Length ? "" : file.StringAt(names + name),
                BinaryPrimitives.ReadUInt32LittleEndian(h[4..]),
                BinaryPrimitives.ReadUInt64LittleEndian(h[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(h[16..]),
                BinaryPrimitives.ReadUInt64LittleEndian(h[24..]),
                BinaryPrimitives.ReadUInt64LittleEndian(h[32..]),
                BinaryPrimitives.ReadUInt32LittleEndian(h[40..]),
                BinaryPrimitives.ReadUInt64LittleEndian(h[56..]));
            bool hasBytes = section.Type is not (0 or ElfSection.NoBits);
            if (hasBytes && !Inside(data, section.Offset, section.Size))
                return $"{file.Path} is truncated: section {i} '{section.Name}' lies outside the file";
            list[i] = hasBytes ? section : section with { Type = ElfSection.NoBits };
        }

        sections = list;
        return null;
    }

    public static string? ReadSymbols(ElfFile file, out IReadOnlyList<ElfSymbol> symbols)
    {
        symbols = [];
        if (ReadSections(file, out IReadOnlyList<ElfSection> sections) is { } error)
            return error;
        int index = IndexOf(sections, ElfSection.SymbolTable);
        if (index < 0)
            index = IndexOf(sections, ElfSection.DynamicSymbols);
        if (index < 0)
            return null;
        ElfSection table = sections[index];
        if (table.EntrySize != SymbolSize)
            return $"{file.Path} has symbols of {table.EntrySize} bytes instead of {SymbolSize}; the file is damaged";
        if (table.Link >= (uint)sections.Count || sections[(int)table.Link].Type != ElfSection.StringTable)
            return $"{file.Path}: its symbol table has no string table; the file is damaged";
        ulong strings = sections[(int)table.Link].Offset;

        ReadOnlySpan<byte> bytes = file.Contents(table);
        var list = new ElfSymbol[bytes.Length / SymbolSize];
        for (int i = 0; i < list.Length; i++)
        {
            ReadOnlySpan<byte> s = bytes[(i * SymbolSize)..];
            list[i] = new ElfSymbol(
                file,
                strings + BinaryPrimitives.ReadUInt32LittleEndian(s),
                BinaryPrimitives.ReadUInt64LittleEndian(s[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(s[16..]),
                s[4],
                BinaryPrimitives.ReadUInt16LittleEndian(s[6..]));
        }

        symbols = list;
        return null;
    }

    private static int IndexOf(IReadOnlyList<ElfSection> sections, uint type)
    {
        for (int i = 0; i < sections.Count; i++)
        {
            if (sections[i].Type == type)
                return i;
        }

        return -1;
    }

    private static bool Inside(ReadOnlySpan<byte> data, ulong offset, ulong bytes) =>
        offset <= (ulong)data.Length && bytes <= (ulong)data.Length - offset;
}
