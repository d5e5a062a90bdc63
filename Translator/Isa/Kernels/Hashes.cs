using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using static System.Numerics.BitOperations;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "Zknh" and "Zksh": sums and sigmas of SHA-2 (FIPS 180-4, section 4.1), permutations of SM3
// (GB/T 32905-2016, section 4.4). Results of 32 bits are sign-extended.

public readonly struct Sha256Sum0 : IUnaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute(ulong a) =>
        (ulong)(int)(RotateRight((uint)a, 2) ^ RotateRight((uint)a, 13) ^ RotateRight((uint)a, 22));

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.Reads1 | WordForm.Result;
}

public readonly struct Sha256Sum1 : IUnaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute(ulong a) =>
        (ulong)(int)(RotateRight((uint)a, 6) ^ RotateRight((uint)a, 11) ^ RotateRight((uint)a, 25));

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.Reads1 | WordForm.Result;
}

public readonly struct Sha256Sig0 : IUnaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute(ulong a) =>
        (ulong)(int)(RotateRight((uint)a, 7) ^ RotateRight((uint)a, 18) ^ ((uint)a >> 3));

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.Reads1 | WordForm.Result;
}

public readonly struct Sha256Sig1 : IUnaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute(ulong a) =>
        (ulong)(int)(RotateRight((uint)a, 17) ^ RotateRight((uint)a, 19) ^ ((uint)a >> 10));

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.Reads1 | WordForm.Result;
}

public readonly struct Sha512Sum0 : IUnaryKernel
{
    public static ulong Compute(ulong a) => RotateRight(a, 28) ^ RotateRight(a, 34) ^ RotateRight(a, 39);

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.None;
}

public readonly struct Sha512Sum1 : IUnaryKernel
{
    public static ulong Compute(ulong a) => RotateRight(a, 14) ^ RotateRight(a, 18) ^ RotateRight(a, 41);

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.None;
}

public readonly struct Sha512Sig0 : IUnaryKernel
{
    public static ulong Compute(ulong a) => RotateRight(a, 1) ^ RotateRight(a, 8) ^ (a >> 7);

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.None;
}

public readonly struct Sha512Sig1 : IUnaryKernel
{
    public static ulong Compute(ulong a) => RotateRight(a, 19) ^ RotateRight(a, 61) ^ (a >> 6);

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.None;
}

public readonly struct Sm3P0 : IUnaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute(ulong a) => (ulong)(int)((uint)a ^ RotateLeft((uint)a, 9) ^ RotateLeft((uint)a, 17));

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.Reads1 | WordForm.Result;
}

public readonly struct Sm3P1 : IUnaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute(ulong a) => (ulong)(int)((uint)a ^ RotateLeft((uint)a, 15) ^ RotateLeft((uint)a, 23));

    public static ReadOnlySpan<OpCode> Il => [];

    public static WordForm Words => WordForm.Reads1 | WordForm.Result;
}
