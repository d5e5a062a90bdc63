using System.Reflection.Emit;
using System.Runtime.Intrinsics.X86;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "M" extension. Division by zero and overflow have defined results and never trap.

public readonly struct Mul : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a * b;

    public static Pushed TryEmit(OperandPair e) => e.Simple(OpCodes.Mul);

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

/// <summary>The upper half of a product; <see cref="Math.BigMul(ulong, ulong, out ulong)"/> stores the lower one, read or not.</summary>
internal static class UpperHalf
{
    public static ulong Of(ulong a, ulong b) =>
        Bmi2.X64.IsSupported ? Bmi2.X64.MultiplyNoFlags(a, b) : Math.BigMul(a, b, out _);
}

public readonly struct Mulh : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) =>
        UpperHalf.Of(a, b) - ((ulong)((long)a >> 63) & b) - ((ulong)((long)b >> 63) & a);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Mulhu : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => UpperHalf.Of(a, b);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Mulhsu : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => UpperHalf.Of(a, b) - ((ulong)((long)a >> 63) & b);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Div : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) =>
        b == 0 ? ulong.MaxValue : b == ulong.MaxValue ? 0 - a : (ulong)((long)a / (long)b);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Divu : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => b == 0 ? ulong.MaxValue : a / b;

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Rem : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) =>
        b == 0 ? a : b == ulong.MaxValue ? 0 : (ulong)((long)a % (long)b);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Remu : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => b == 0 ? a : a % b;

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Mulw : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (ulong)(int)(a * b);

    public static Pushed TryEmit(OperandPair e) => e.Word(OpCodes.Mul);

    public static WordForm Words(long? first, long? second) => WordForm.Reads1 | WordForm.Reads2 | WordForm.Result;
}

public readonly struct Divw : IWordKernel
{
    public static int OnWords(int a, int b) => b == 0 ? -1 : b == -1 ? 0 - a : a / b;

    public static ulong Compute(ulong a, ulong b) => (ulong)OnWords((int)a, (int)b);

    public static Pushed TryEmit(OperandPair e) => e.OnWords<Divw>();

    public static WordForm Words(long? first, long? second) => WordForm.Reads1 | WordForm.Reads2 | WordForm.Result;
}

public readonly struct Divuw : IWordKernel
{
    public static int OnWords(int a, int b) => b == 0 ? -1 : (int)((uint)a / (uint)b);

    public static ulong Compute(ulong a, ulong b) => (ulong)OnWords((int)a, (int)b);

    public static Pushed TryEmit(OperandPair e) => e.OnWords<Divuw>();

    public static WordForm Words(long? first, long? second) => WordForm.Reads1 | WordForm.Reads2 | WordForm.Result;
}

public readonly struct Remw : IWordKernel
{
    public static int OnWords(int a, int b) => b == 0 ? a : b == -1 ? 0 : a % b;

    public static ulong Compute(ulong a, ulong b) => (ulong)OnWords((int)a, (int)b);

    public static Pushed TryEmit(OperandPair e) => e.OnWords<Remw>();

    public static WordForm Words(long? first, long? second) => WordForm.Reads1 | WordForm.Reads2 | WordForm.Result;
}

public readonly struct Remuw : IWordKernel
{
    public static int OnWords(int a, int b) => b == 0 ? a : (int)((uint)a % (uint)b);

    public static ulong Compute(ulong a, ulong b) => (ulong)OnWords((int)a, (int)b);

    public static Pushed TryEmit(OperandPair e) => e.OnWords<Remuw>();

    public static WordForm Words(long? first, long? second) => WordForm.Reads1 | WordForm.Reads2 | WordForm.Result;
}
