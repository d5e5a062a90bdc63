using System.Runtime.InteropServices;

namespace RvJit.Tests.Isa;

/// <summary>
/// The state before or after some instructions: what the vectors give and say, and byte for byte what
/// Guest/Programs/recorder/record.c reads and writes.
/// </summary>
internal sealed class InstructionState
{
    /// <summary>Area of breakpoints that the instructions are put into.</summary>
    public const ulong Code = 0x1000_0000;
    public const ulong CodeBytes = 0x40_0000;

    /// <summary>Area of zeros, of which the window in the middle of two pages is part of the state.</summary>
    public const ulong Data = 0x2000_0000;
    public const ulong DataBytes = 0x4000;
    public const int WindowBytes = 128;
    public const ulong Window = Data + 0x1000 - (WindowBytes / 2);

    /// <summary>One page of zeros that may only be read.</summary>
    public const ulong ReadOnly = Data + 0x8000;
    public const ulong ReadOnlyBytes = 0x1000;

    /// <summary>Linux's signal of a breakpoint: how instructions end that nothing happened to.</summary>
    public const ulong Breakpoint = 5;

    public const int MostWords = 8;

    /// <summary>Bytes of struct state in record.c.</summary>
    public const int Bytes = (4 * 8) + (MostWords * 4) + (32 * 8 * 2) + WindowBytes;

    public ulong Pc { get; set; }

    public ulong Signal { get; set; } = Breakpoint;

    public ulong Address { get; set; }

    public ulong Fcsr { get; set; }

    public uint[] Words { get; } = new uint[MostWords];

    public ulong[] X { get; } = new ulong[32];

    public ulong[] F { get; } = new ulong[32];

    public byte[] Memory { get; } = new byte[WindowBytes];

    /// <summary>The state every vector starts from, but for what it says: a different odd value in every place.</summary>
    public static InstructionState Fresh(ulong pc, ReadOnlySpan<uint> words)
    {
        var state = new InstructionState { Pc = pc };
        words.CopyTo(state.Words);
        for (uint i = 1; i < 32; i++)
            state.X[i] = 0x9E37_79B9_7F4A_7C15 * i;
        for (uint i = 0; i < 32; i++)
            state.F[i] = 0xD1B5_4A32_D192_ED03 * (i + 1);
        for (int i = 0; i < WindowBytes; i++)
            state.Memory[i] = (byte)((i * 37) + 11);
        return state;
    }

    public InstructionState Clone()
    {
        var copy = new InstructionState { Pc = Pc, Signal = Signal, Address = Address, Fcsr = Fcsr };
        Words.CopyTo(copy.Words, 0);
        X.CopyTo(copy.X, 0);
        F.CopyTo(copy.F, 0);
        Memory.CopyTo(copy.Memory, 0);
        return copy;
    }

    public byte[] ToBytes() =>
    [
        .. MemoryMarshal.AsBytes<ulong>([Pc, Signal, Address, Fcsr]),
        .. MemoryMarshal.AsBytes<uint>(Words),
        .. MemoryMarshal.AsBytes<ulong>(X),
        .. MemoryMarshal.AsBytes<ulong>(F),
        .. Memory,
    ];

    public static InstructionState FromBytes(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> head = MemoryMarshal.Cast<byte, ulong>(bytes[..32]);
        var state = new InstructionState { Pc = head[0], Signal = head[1], Address = head[2], Fcsr = head[3] };
        bytes = bytes[32..];
        bytes = Take(bytes, MemoryMarshal.AsBytes(state.Words.AsSpan()));
        bytes = Take(bytes, MemoryMarshal.AsBytes(state.X.AsSpan()));
        bytes = Take(bytes, MemoryMarshal.AsBytes(state.F.AsSpan()));
        Take(bytes, state.Memory);
        return state;
    }

    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> from, Span<byte> to)
    {
        from[..to.Length].CopyTo(to);
        return from[to.Length..];
    }
}
