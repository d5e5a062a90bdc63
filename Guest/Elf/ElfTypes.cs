namespace RvJit.Guest.Elf;

/// <summary>e_type values (elf.h).</summary>
public enum ElfType : ushort
{
    None = 0,
    Relocatable = 1,

    /// <summary>ET_EXEC: linked for fixed addresses.</summary>
    Executable = 2,

    /// <summary>ET_DYN: position-independent executable or shared object.</summary>
    Dynamic = 3,
    Core = 4,
}

/// <summary>p_flags bits.</summary>
[Flags]
public enum ElfSegmentFlags : uint
{
    None = 0,
    Execute = 1,
    Write = 2,
    Read = 4,
}

/// <summary>One program header.</summary>
public sealed record ElfSegment(
    uint Type,
    ElfSegmentFlags Flags,
    ulong Offset,
    ulong Address,
    ulong PhysicalAddress,
    ulong FileSize,
    ulong MemorySize,
    ulong Alignment)
{
    public const uint Load = 1;
    public const uint DynamicTable = 2;
    public const uint Interpreter = 3;
    public const uint ProgramHeaders = 6;
    public const uint GnuStack = 0x6474e551;

    public ulong End => Address + MemorySize;
}

/// <summary>One section header with its name.</summary>
public readonly record struct ElfSection(
    string Name,
    uint Type,
    ulong Flags,
    ulong Address,
    ulong Offset,
    ulong Size,
    uint Link,
    ulong EntrySize)
{
    public const uint SymbolTable = 2;
    public const uint StringTable = 3;
    public const uint NoBits = 8;
    public const uint DynamicSymbols = 11;
    public const ulong Allocated = 2;
    public const ulong Executable = 4;

    public bool IsCode => (Flags & (Allocated | Executable)) == (Allocated | Executable) && Type != NoBits;
}

/// <summary>One symbol. The name is decoded when asked for.</summary>
public readonly struct ElfSymbol(ElfFile file, ulong nameOffset, ulong value, ulong size, byte info, ushort section)
{
    public const int NoType = 0;
    public const int Object = 1;
    public const int Function = 2;

    public string Name => file.StringAt(nameOffset);

    public ulong Value { get; } = value;

    public ulong Size { get; } = size;

    public int Type => info & 15;

    public int Binding => info >> 4;

    public ushort Section { get; } = section;
}
