using System.Diagnostics.CodeAnalysis;
using System.Text;
using RvJit.Machine;

namespace RvJit.Guest.Elf;

/// <summary>
/// A validated ELF64 little-endian RISC-V file (System V ABI, "Object Files"; RISC-V ELF psABI). What is here has been
/// checked against the file's length, so readers need no further care; sections and symbols, which running does not
/// need, are validated when they are asked for.
/// </summary>
public sealed class ElfFile
{
    private const int LongestName = 4096;

    internal ElfFile(byte[] data, string path, ElfType type, ulong entry, uint flags, ulong headersOffset, ElfSegment[] segments, string? interpreter)
    {
        Bytes = data;
        Path = path;
        Type = type;
        Entry = entry;
        Flags = flags;
        ProgramHeadersOffset = headersOffset;
        Segments = segments;
        LoadSegments = SortedLoads(segments);
        Interpreter = interpreter;
    }

    public byte[] Bytes { get; }

    /// <summary>Where it came from, for messages.</summary>
    public string Path { get; }

    public ElfType Type { get; }

    public ulong Entry { get; }

    /// <summary>e_flags.</summary>
    public uint Flags { get; }

    public ulong ProgramHeadersOffset { get; }

    public IReadOnlyList<ElfSegment> Segments { get; }

    /// <summary>PT_LOAD segments that occupy memory, by address, not overlapping.</summary>
    public IReadOnlyList<ElfSegment> LoadSegments { get; }

    /// <summary>PT_INTERP: the dynamic linker the file wants, or null for a static one.</summary>
    public string? Interpreter { get; }

    public ulong LowestAddress => LoadSegments[0].Address;

    public ulong HighestAddress => LoadSegments[^1].End;

    /// <summary>The bytes of a segment that come from the file.</summary>
    public ReadOnlySpan<byte> Contents(ElfSegment segment) => Bytes.AsSpan((int)segment.Offset, (int)segment.FileSize);

    public ReadOnlySpan<byte> Contents(in ElfSection section) =>
        section.Type == ElfSection.NoBits ? default : Bytes.AsSpan((int)section.Offset, (int)section.Size);

    /// <summary>
    /// Reads a host file. On failure <paramref name="error"/> is one line that says what is wrong and what would help.
    /// </summary>
    /// <param name="path">Host path.</param>
    /// <param name="file">The file, when true is returned.</param>
    /// <param name="error">Why not, when false is returned.</param>
    /// <param name="addressLimit">Where addresses of loaded segments must end; runtimes of the upper half pass <see cref="ulong.MaxValue"/>.</param>
    public static bool TryRead(
        string path, [NotNullWhen(true)] out ElfFile? file, [NotNullWhen(false)] out string? error, ulong addressLimit = World.AddressLimit)
    {
        file = null;
        if (!ElfReader.TryReadBytes(path, out byte[]? data, out error))
            return false;
        return TryRead(data, out file, out error, path, addressLimit);
    }

    public static bool TryRead(
        byte[] data,
        [NotNullWhen(true)] out ElfFile? file,
        [NotNullWhen(false)] out string? error,
        string path = "program",
        ulong addressLimit = World.AddressLimit)
    {
        error = new ElfReader(data, path, addressLimit).Read(out file);
        return error is null;
    }

    /// <summary>The PT_LOAD segments that occupy memory, by address.</summary>
    internal static ElfSegment[] SortedLoads(ElfSegment[] segments)
    {
        ElfSegment[] loads = Array.FindAll(segments, s => s.Type == ElfSegment.Load && s.MemorySize != 0);
        Array.Sort(loads, (a, b) => a.Address.CompareTo(b.Address));
        return loads;
    }

    /// <summary>The section table; false with a message when it is damaged. A file without one has no sections.</summary>
    public bool TryReadSections(out IReadOnlyList<ElfSection> sections, [NotNullWhen(false)] out string? error)
    {
        error = ElfSectionReader.ReadSections(this, out sections);
        return error is null;
    }

    /// <summary>.symtab, or .dynsym of a stripped file, or nothing.</summary>
    public bool TryReadSymbols(out IReadOnlyList<ElfSymbol> symbols, [NotNullWhen(false)] out string? error)
    {
        error = ElfSectionReader.ReadSymbols(this, out symbols);
        return error is null;
    }

    /// <summary>A zero-terminated string of the file; cut where the file ends or after an absurd length.</summary>
    internal string StringAt(ulong offset)
    {
        if (offset >= (ulong)Bytes.Length)
            return "";
        ReadOnlySpan<byte> rest = Bytes.AsSpan((int)offset);
        rest = rest[..Math.Min(rest.Length, LongestName)];
        int zero = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(zero < 0 ? rest : rest[..zero]);
    }
}
