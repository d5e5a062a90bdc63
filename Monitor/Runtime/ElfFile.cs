using System.Buffers.Binary;

namespace RvJit.Monitor.Runtime;

/// <summary>One program header (ELF-64 object file format, "Program Header").</summary>
public readonly record struct ElfSegment(uint Type, uint Flags, ulong Offset, ulong Address, ulong FileSize, ulong MemorySize)
{
    public const uint Load = 1;
    public const uint FlagExecute = 1;
    public const uint FlagWrite = 2;
    public const uint FlagRead = 4;
}

/// <summary>
/// A 64-bit ELF file that lies in an EPM and was put there by an untrusted host: every offset is checked against the
/// file before use. The tables are checked as Keystone's loader does (runtime/loader/elf64.c).
/// </summary>
public readonly ref struct ElfFile
{
    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int SectionHeaderSize = 64;
    private const uint Magic = 0x464c457f;
    private const byte Class64 = 2;

    private readonly ReadOnlySpan<byte> _image;

    private ElfFile(ReadOnlySpan<byte> image) => _image = image;

    public ulong Entry => U64(24);

    public ulong ProgramHeaderOffset => U64(32);

    public int SegmentCount => U16(56);

    private ulong SectionHeaderOffset => U64(40);

    private int SectionCount => U16(60);

    /// <summary>Whether the bytes claim to be an ELF file at all.</summary>
    public static bool HasMagic(ReadOnlySpan<byte> image) =>
        image.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(image) == Magic;

    public static bool TryOpen(ReadOnlySpan<byte> image, out ElfFile file)
    {
        file = new ElfFile(image);
        if (image.Length < HeaderSize || !HasMagic(image) || image[4] != Class64)
            return false;
        return file.U16(54) == ProgramHeaderSize
            && file.U16(58) == SectionHeaderSize
            && file.U16(62) < file.SectionCount
            && file.Holds(file.ProgramHeaderOffset, (ulong)file.SegmentCount * ProgramHeaderSize)
            && file.Holds(file.SectionHeaderOffset, (ulong)file.SectionCount * SectionHeaderSize);
    }

    public ElfSegment Segment(int index)
    {
        int at = (int)ProgramHeaderOffset + (index * ProgramHeaderSize);
        return new ElfSegment(U32(at), U32(at + 4), U64(at + 8), U64(at + 16), U64(at + 32), U64(at + 40));
    }

    /// <summary>Whether a range of the file exists.</summary>
    public bool Holds(ulong offset, ulong bytes) =>
        offset <= (ulong)_image.Length && bytes <= (ulong)_image.Length - offset;

    public ReadOnlySpan<byte> Bytes(ulong offset, int bytes) => _image.Slice((int)offset, bytes);

    /// <summary>Contents of the first section of a name; false when there is none (or it is not inside the file).</summary>
    public bool TryFindSection(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> contents)
    {
        contents = default;
        if (!TrySection(U16(62), out _, out ReadOnlySpan<byte> names))
            return false;
        for (int i = 1; i < SectionCount; i++)
        {
            if (!TrySection(i, out uint nameOffset, out ReadOnlySpan<byte> bytes) || nameOffset >= names.Length)
                continue;
            ReadOnlySpan<byte> candidate = names[(int)nameOffset..];
            int end = candidate.IndexOf((byte)0);
            if (end < 0 || !candidate[..end].SequenceEqual(name))
                continue;
            contents = bytes;
            return true;
        }

        return false;
    }

    private bool TrySection(int index, out uint nameOffset, out ReadOnlySpan<byte> bytes)
    {
        int at = (int)SectionHeaderOffset + (index * SectionHeaderSize);
        nameOffset = U32(at);
        ulong offset = U64(at + 24);
        ulong size = U64(at + 32);
        bool inside = Holds(offset, size);
        bytes = inside ? Bytes(offset, (int)size) : default;
        return inside;
    }

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_image[at..]);

    private uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_image[at..]);

    private ulong U64(int at) => BinaryPrimitives.ReadUInt64LittleEndian(_image[at..]);
}
