namespace RvJit.Translator.Tracing;

/// <summary>
/// What one hart executed, as words: for each instruction its pc, then <see cref="Header"/>, then its effects, registers
/// before loads before stores, registers by rising key.
/// </summary>
internal sealed class TraceChunk
{
    /// <summary>Harts hand a chunk over when less than one instruction's most words are left.</summary>
    public const int Capacity = 1 << 15;

    /// <summary>cbo.zero stores 64 bytes one by one.</summary>
    public const int MostWords = 256;

    public readonly ulong[] Words = new ulong[Capacity];

    public int Count;

    public int Hart;

    public bool IsFull => Count > Capacity - MostWords;

    /// <summary>Bits 31:0 the instruction, 32 whether it has 4 bytes, 34:33 the privilege mode, from 40 the number of effects.</summary>
    public static ulong Header(uint instruction, bool isLong, int mode, int effects) =>
        instruction | (isLong ? 1UL << 32 : 0) | ((ulong)mode << 33) | ((ulong)effects << 40);

    public static uint InstructionOf(ulong header) => (uint)header;

    public static bool IsLong(ulong header) => (header & (1UL << 32)) != 0;

    public static int ModeOf(ulong header) => (int)(header >> 33) & 3;

    public static int EffectsOf(ulong header) => (int)(header >> 40);
}

/// <summary>
/// Keys of effects. A register's is its number and file as Spike orders them, and a value follows; a load's is followed
/// by the address, a store's by address and value.
/// </summary>
internal static class TraceKey
{
    public const ulong FileMask = 15;
    public const int NumberShift = 4;

    public const ulong Integer = 0;
    public const ulong Float = 1;
    public const ulong Csr = 4;
    public const ulong Load = 8;

    /// <summary>With the number of bytes in place of a register's number.</summary>
    public const ulong Store = 9;

    public static ulong Of(ulong file, int number) => file | ((ulong)number << NumberShift);
}
