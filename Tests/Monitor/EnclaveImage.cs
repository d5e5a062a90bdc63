using System.Buffers.Binary;

namespace RvJit.Tests.Monitor;

/// <summary>One PT_LOAD of a test ELF.</summary>
internal sealed record ImageSegment(ulong Address, byte[] Contents, ulong MemorySize, uint Flags)
{
    public const uint Execute = 1;
    public const uint Write = 2;
    public const uint Read = 4;
}

/// <summary>Writes small ELF-64 files as a linker would.</summary>
internal static class EnclaveImage
{
    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int SectionHeaderSize = 64;
    private const int Page = 4096;

    /// <summary>A file with segments, each at a page-congruent offset, and optionally an .options_log section.</summary>
    public static byte[] Build(ulong entry, IReadOnlyList<ImageSegment> segments, string? optionsLog = null)
    {
        var file = new List<byte>(new byte[Page]);
        ulong[] offsets = new ulong[segments.Count];
        for (int i = 0; i < segments.Count; i++)
        {
            while ((ulong)file.Count % Page != segments[i].Address % Page)
                file.Add(0);
            offsets[i] = (ulong)file.Count;
            file.AddRange(segments[i].Contents);
        }

        byte[] names = "\0.shstrtab\0.options_log\0"u8.ToArray();
        int namesAt = file.Count;
        file.AddRange(names);
        int logAt = file.Count;
        file.AddRange(System.Text.Encoding.ASCII.GetBytes(optionsLog ?? ""));
        while (file.Count % 8 != 0)
            file.Add(0);
        int sectionsAt = file.Count;
        int sections = optionsLog is null ? 2 : 3;
        file.AddRange(new byte[sections * SectionHeaderSize]);

        byte[] bytes = [.. file];
        Span<byte> b = bytes;
        "\u007fELF"u8.CopyTo(b);
        b[4] = 2; // ELFCLASS64
        b[5] = 1; // little-endian
        b[6] = 1;
        U16(b, 16, 2); // ET_EXEC
        U16(b, 18, 243); // EM_RISCV
        U32(b, 20, 1);
        U64(b, 24, entry);
        U64(b, 32, HeaderSize);
        U64(b, 40, (ulong)sectionsAt);
        U16(b, 52, HeaderSize);
        U16(b, 54, ProgramHeaderSize);
        U16(b, 56, (ushort)segments.Count);
        U16(b, 58, SectionHeaderSize);
        U16(b, 60, (ushort)sections);
        U16(b, 62, 1);
        for (int i = 0; i < segments.Count; i++)
        {
            int at = HeaderSize + (i * ProgramHeaderSize);
            U32(b, at, 1);
            U32(b, at + 4, segments[i].Flags);
            U64(b, at + 8, offsets[i]);
            U64(b, at + 16, segments[i].Address);
            U64(b, at + 24, segments[i].Address);
            U64(b, at + 32, (ulong)segments[i].Contents.Length);
            U64(b, at + 40, segments[i].MemorySize);
            U64(b, at + 48, Page);
        }

        Section(b, sectionsAt + SectionHeaderSize, 1, namesAt, names.Length);
        if (optionsLog is not null)
            Section(b, sectionsAt + (2 * SectionHeaderSize), 11, logAt, optionsLog.Length);
        return bytes;
    }

    /// <summary>An eapp of one page of code at 0x10000, and data with a zero tail at 0x12000.</summary>
    public static byte[] SmallEapp(ReadOnlySpan<uint> code = default)
    {
        byte[] text = new byte[Page];
        for (int i = 0; i < code.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(text.AsSpan(i * 4), code[i]);
        return Build(0x10000, [
            new ImageSegment(0x10000, text, Page, ImageSegment.Read | ImageSegment.Execute),
            new ImageSegment(0x12000, [1, 2, 3, 4], 2 * Page, ImageSegment.Read | ImageSegment.Write),
        ]);
    }

    private static void Section(Span<byte> b, int at, uint name, int offset, int size)
    {
        U32(b, at, name);
        U32(b, at + 4, 3);
        U64(b, at + 24, (ulong)offset);
        U64(b, at + 32, (ulong)size);
    }

    private static void U16(Span<byte> b, int at, ushort v) => BinaryPrimitives.WriteUInt16LittleEndian(b[at..], v);

    private static void U32(Span<byte> b, int at, uint v) => BinaryPrimitives.WriteUInt32LittleEndian(b[at..], v);

    private static void U64(Span<byte> b, int at, ulong v) => BinaryPrimitives.WriteUInt64LittleEndian(b[at..], v);
}
