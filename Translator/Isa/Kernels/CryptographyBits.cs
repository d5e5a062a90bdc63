using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "Zbkb" and "Zbkx": bit manipulation for cryptography, and crossbar permutations.

public readonly struct Pack : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (uint)a | (b << 32);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Packh : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (byte)a | ((ulong)(byte)b << 8);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.Reads1 | WordForm.Reads2 | WordForm.FreeResult;
}

public readonly struct Packw : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (ulong)(int)((ushort)a | (b << 16));

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.Reads1 | WordForm.Reads2 | WordForm.Result;
}

/// <summary>Reverses the bits of each byte.</summary>
public readonly struct Brev8 : IUnaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute(ulong a)
    {
        a = Exchange(a, 0x5555_5555_5555_5555, 1);
        a = Exchange(a, 0x3333_3333_3333_3333, 2);
        return Exchange(a, 0x0F0F_0F0F_0F0F_0F0F, 4);
    }

    private static ulong Exchange(ulong a, ulong low, int distance) => ((a & low) << distance) | ((a >> distance) & low);

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.None;
}

/// <summary>Each byte of rs2 chooses a byte of rs1, or 0 when there is none of that number.</summary>
public readonly struct Xperm8 : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => Shuffle(Vector128.CreateScalar(a), b);

    internal static ulong Shuffle(Vector128<ulong> from, ulong indices) =>
        Vector128.Shuffle(from.AsByte(), Vector128.CreateScalar(indices).AsByte()).AsUInt64().ToScalar();

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

/// <summary>Each nibble of rs2 chooses a nibble of rs1.</summary>
public readonly struct Xperm4 : IBinaryKernel
{
    private const ulong Nibbles = 0x0F0F_0F0F_0F0F_0F0F;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute(ulong a, ulong b)
    {
        // The even nibbles in bytes 0 to 7, the odd ones in bytes 8 to 15: nibble n is byte n/2 + 8 * (n mod 2).
        Vector128<ulong> from = Vector128.Create(a & Nibbles, (a >> 4) & Nibbles);
        ulong places = ((b >> 1) & 0x7777_7777_7777_7777) | ((b & 0x1111_1111_1111_1111) << 3);
        return Xperm8.Shuffle(from, places & Nibbles) | (Xperm8.Shuffle(from, (places >> 4) & Nibbles) << 4);
    }

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}
