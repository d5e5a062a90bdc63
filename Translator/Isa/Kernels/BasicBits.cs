using System.Buffers.Binary;
using System.Numerics;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "Zbb": basic bit manipulation. Min, Max, Minu, Maxu are those of the A extension.

public readonly struct Andn : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a & ~b;

    public static Pushed TryEmit(OperandPair e) => e.WithNot(OpCodes.And);

    public static WordForm Words(long? first, long? second) => WordForm.Keeps;
}

public readonly struct Orn : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a | ~b;

    public static Pushed TryEmit(OperandPair e) => e.WithNot(OpCodes.Or);

    public static WordForm Words(long? first, long? second) => WordForm.Keeps;
}

public readonly struct Xnor : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a ^ ~b;

    public static Pushed TryEmit(OperandPair e) => e.WithNot(OpCodes.Xor);

    public static WordForm Words(long? first, long? second) => WordForm.Keeps;
}

public readonly struct Rol : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => BitOperations.RotateLeft(a, (int)b);

    public static Pushed TryEmit(OperandPair e) => e.Rotate(nameof(BitOperations.RotateLeft));

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Ror : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => BitOperations.RotateRight(a, (int)b);

    public static Pushed TryEmit(OperandPair e) => e.Rotate(nameof(BitOperations.RotateRight));

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Rolw : IWordKernel
{
    public static int OnWords(int a, int b) => (int)BitOperations.RotateLeft((uint)a, b);

    public static ulong Compute(ulong a, ulong b) => (ulong)OnWords((int)a, (int)b);

    public static Pushed TryEmit(OperandPair e) => e.OnWords<Rolw>();

    public static WordForm Words(long? first, long? second) => WordForm.Reads1 | WordForm.Reads2 | WordForm.Result;
}

public readonly struct Rorw : IWordKernel
{
    public static int OnWords(int a, int b) => (int)BitOperations.RotateRight((uint)a, b);

    public static ulong Compute(ulong a, ulong b) => (ulong)OnWords((int)a, (int)b);

    public static Pushed TryEmit(OperandPair e) => e.OnWords<Rorw>();

    public static WordForm Words(long? first, long? second) => WordForm.Reads1 | WordForm.Reads2 | WordForm.Result;
}

// The 64-bit counts use the host's instruction itself where there is one: BitOperations returns an int, which would be
// extended once more.

public readonly struct Clz : IUnaryKernel
{
    public static ulong Compute(ulong a) => Lzcnt.X64.IsSupported ? Lzcnt.X64.LeadingZeroCount(a) : (ulong)BitOperations.LeadingZeroCount(a);

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.FreeResult;
}

public readonly struct Ctz : IUnaryKernel
{
    public static ulong Compute(ulong a) => Bmi1.X64.IsSupported ? Bmi1.X64.TrailingZeroCount(a) : (ulong)BitOperations.TrailingZeroCount(a);

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.FreeResult;
}

public readonly struct Cpop : IUnaryKernel
{
    public static ulong Compute(ulong a) => Popcnt.X64.IsSupported ? Popcnt.X64.PopCount(a) : (ulong)BitOperations.PopCount(a);

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.FreeResult;
}

public readonly struct Clzw : IUnaryKernel
{
    public static ulong Compute(ulong a) => (ulong)BitOperations.LeadingZeroCount((uint)a);

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.Reads1 | WordForm.FreeResult;
}

public readonly struct Ctzw : IUnaryKernel
{
    public static ulong Compute(ulong a) => (ulong)BitOperations.TrailingZeroCount((uint)a);

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.Reads1 | WordForm.FreeResult;
}

public readonly struct Cpopw : IUnaryKernel
{
    public static ulong Compute(ulong a) => (ulong)BitOperations.PopCount((uint)a);

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.Reads1 | WordForm.FreeResult;
}

public readonly struct SextB : IUnaryKernel
{
    private static readonly OpCode[] s_il = [OpCodes.Conv_I1, OpCodes.Conv_I8];

    public static ulong Compute(ulong a) => (ulong)(sbyte)a;

    public static ReadOnlySpan<OpCode> Il => s_il;

    public static WordForm Words => WordForm.Reads1 | WordForm.FreeResult;
}

public readonly struct SextH : IUnaryKernel
{
    private static readonly OpCode[] s_il = [OpCodes.Conv_I2, OpCodes.Conv_I8];

    public static ulong Compute(ulong a) => (ulong)(short)a;

    public static ReadOnlySpan<OpCode> Il => s_il;

    public static WordForm Words => WordForm.Reads1 | WordForm.FreeResult;
}

public readonly struct ZextH : IUnaryKernel
{
    private static readonly OpCode[] s_il = [OpCodes.Conv_U2, OpCodes.Conv_U8];

    public static ulong Compute(ulong a) => (ushort)a;

    public static ReadOnlySpan<OpCode> Il => s_il;

    public static WordForm Words => WordForm.Reads1 | WordForm.FreeResult;
}

public readonly struct Rev8 : IUnaryKernel
{
    public static ulong Compute(ulong a) => BinaryPrimitives.ReverseEndianness(a);

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.None;
}

/// <summary>Every byte that is not 0 becomes 255.</summary>
public readonly struct OrcB : IUnaryKernel
{
    private const ulong Low7 = 0x7F7F_7F7F_7F7F_7F7F;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute(ulong a) => ((((a & Low7) + Low7) | a) & ~Low7) / 128 * 255;

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.None;
}
