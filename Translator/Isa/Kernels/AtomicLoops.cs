using System.Runtime.CompilerServices;
using RvJit.Machine;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Kernels;

// Read-modify-writes that the host has no single instruction for: compare-and-swap until nobody came between.

public readonly struct Min : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (ulong)Math.Min((long)a, (long)b);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Max : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (ulong)Math.Max((long)a, (long)b);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Minu : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => Math.Min(a, b);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Maxu : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => Math.Max(a, b);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Swap : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => b;

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

/// <summary>amoswap.b, amoadd.b, ...: <typeparamref name="K"/> on sign-extended bytes.</summary>
public readonly unsafe struct AmoLoopB<K> : IAtomicKernel
    where K : struct, IBinaryKernel
{
    public static int Bytes => 1;

    public static AtomicKind Kind => AtomicKind.Modify;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) => AtomicLoop<K>.Byte(p, operand);

    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state) => PlainUpdate<K>.Byte(p, operand);
}

public readonly unsafe struct AmoLoopH<K> : IAtomicKernel
    where K : struct, IBinaryKernel
{
    public static int Bytes => 2;

    public static AtomicKind Kind => AtomicKind.Modify;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) => AtomicLoop<K>.Half(p, operand);

    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state) => PlainUpdate<K>.Half(p, operand);
}

/// <summary>amomin, amomax, amominu, amomaxu: <typeparamref name="K"/> on sign-extended words keeps both orders right.</summary>
public readonly unsafe struct AmoLoopW<K> : IAtomicKernel
    where K : struct, IBinaryKernel
{
    public static int Bytes => 4;

    public static AtomicKind Kind => AtomicKind.Modify;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) => AtomicLoop<K>.Word(p, operand);

    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state) => PlainUpdate<K>.Word(p, operand);
}

public readonly unsafe struct AmoLoopD<K> : IAtomicKernel
    where K : struct, IBinaryKernel
{
    public static int Bytes => 8;

    public static AtomicKind Kind => AtomicKind.Modify;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) => AtomicLoop<K>.Double(p, operand);

    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state) => PlainUpdate<K>.Double(p, operand);
}

internal static unsafe class AtomicLoop<K>
    where K : struct, IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Byte(byte* p, ulong operand)
    {
        while (true)
        {
            sbyte old = Volatile.Read(ref *(sbyte*)p);
            var next = (sbyte)K.Compute((ulong)old, (ulong)(sbyte)operand);
            if (Interlocked.CompareExchange(ref *(sbyte*)p, next, old) == old)
                return (ulong)old;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Half(byte* p, ulong operand)
    {
        while (true)
        {
            short old = Volatile.Read(ref *(short*)p);
            var next = (short)K.Compute((ulong)old, (ulong)(short)operand);
            if (Interlocked.CompareExchange(ref *(short*)p, next, old) == old)
                return (ulong)old;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Word(byte* p, ulong operand)
    {
        while (true)
        {
            int old = Volatile.Read(ref *(int*)p);
            int next = (int)K.Compute((ulong)old, (ulong)LowWord.Of(operand));
            if (Interlocked.CompareExchange(ref *(int*)p, next, old) == old)
                return (ulong)old;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Double(byte* p, ulong operand)
    {
        while (true)
        {
            ulong old = Volatile.Read(ref *(ulong*)p);
            if (Interlocked.CompareExchange(ref *(ulong*)p, K.Compute(old, operand), old) == old)
                return old;
        }
    }
}
