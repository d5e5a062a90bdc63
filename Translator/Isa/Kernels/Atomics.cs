using System.Runtime.CompilerServices;
using RvJit.Machine;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "A" extension. LR/SC compares values (an ABA change in between is not seen), as other
// translators do; the manual's constrained LR/SC loops cannot tell.

public readonly unsafe struct LrW : IAtomicKernel
{
    public static int Bytes => 4;

    public static AtomicKind Kind => AtomicKind.LoadReserved;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state)
    {
        int value = Volatile.Read(ref *(int*)p);
        state->ReservationAddress = address;
        state->ReservationValue = (ulong)value;
        return (ulong)value;
    }

    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state) =>
        Do(p, address, operand, state);
}

public readonly unsafe struct LrD : IAtomicKernel
{
    public static int Bytes => 8;

    public static AtomicKind Kind => AtomicKind.LoadReserved;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state)
    {
        ulong value = Volatile.Read(ref *(ulong*)p);
        state->ReservationAddress = address;
        state->ReservationValue = value;
        return value;
    }

    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state) =>
        Do(p, address, operand, state);
}

public readonly unsafe struct ScW : IAtomicKernel
{
    public static int Bytes => 4;

    public static AtomicKind Kind => AtomicKind.StoreConditional;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state)
    {
        bool held = state->ReservationAddress == address;
        state->ReservationAddress = HartState.NoReservation;
        int expected = (int)state->ReservationValue;
        return held && Interlocked.CompareExchange(ref *(int*)p, LowWord.Of(operand), expected) == expected ? 0UL : 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state)
    {
        bool held = state->ReservationAddress == address && *(int*)p == (int)state->ReservationValue;
        state->ReservationAddress = HartState.NoReservation;
        if (held)
            *(int*)p = (int)operand;
        return held ? 0UL : 1;
    }
}

public readonly unsafe struct ScD : IAtomicKernel
{
    public static int Bytes => 8;

    public static AtomicKind Kind => AtomicKind.StoreConditional;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state)
    {
        bool held = state->ReservationAddress == address;
        state->ReservationAddress = HartState.NoReservation;
        ulong expected = state->ReservationValue;
        return held && Interlocked.CompareExchange(ref *(ulong*)p, operand, expected) == expected ? 0UL : 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state)
    {
        bool held = state->ReservationAddress == address && *(ulong*)p == (ulong)state->ReservationValue;
        state->ReservationAddress = HartState.NoReservation;
        if (held)
            *(ulong*)p = (ulong)operand;
        return held ? 0UL : 1;
    }
}

public readonly unsafe struct AmoSwapW : IAtomicKernel
{
    public static int Bytes => 4;

    public static AtomicKind Kind => AtomicKind.Modify;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) =>
        (ulong)Interlocked.Exchange(ref *(int*)p, (int)operand);

    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state) =>
        PlainUpdate<Swap>.Word(p, operand);
}

public readonly unsafe struct AmoSwapD : IAtomicKernel
{
    public static int Bytes => 8;

    public static AtomicKind Kind => AtomicKind.Modify;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) =>
        Interlocked.Exchange(ref *(ulong*)p, operand);

    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state) =>
        PlainUpdate<Swap>.Double(p, operand);
}

public readonly unsafe struct AmoAddW : IAtomicKernel
{
    public static int Bytes => 4;

    public static AtomicKind Kind => AtomicKind.Modify;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) =>
        (ulong)(Interlocked.Add(ref *(int*)p, (int)operand) - (int)operand);

    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state) =>
        PlainUpdate<Add>.Word(p, operand);
}

public readonly unsafe struct AmoAddD : IAtomicKernel
{
    public static int Bytes => 8;

    public static AtomicKind Kind => AtomicKind.Modify;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) =>
        Interlocked.Add(ref *(ulong*)p, operand) - operand;

    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state) =>
        PlainUpdate<Add>.Double(p, operand);
}

public readonly unsafe struct AmoAndW : IAtomicKernel
{
    public static int Bytes => 4;

    public static AtomicKind Kind => AtomicKind.Modify;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) =>
        (ulong)Interlocked.And(ref *(int*)p, (int)operand);

    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state) =>
        PlainUpdate<And>.Word(p, operand);
}

public readonly unsafe struct AmoAndD : IAtomicKernel
{
    public static int Bytes => 8;

    public static AtomicKind Kind => AtomicKind.Modify;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) =>
        Interlocked.And(ref *(ulong*)p, operand);

    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state) =>
        PlainUpdate<And>.Double(p, operand);
}

public readonly unsafe struct AmoOrW : IAtomicKernel
{
    public static int Bytes => 4;

    public static AtomicKind Kind => AtomicKind.Modify;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) =>
        (ulong)Interlocked.Or(ref *(int*)p, (int)operand);

    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state) =>
        PlainUpdate<Or>.Word(p, operand);
}

public readonly unsafe struct AmoOrD : IAtomicKernel
{
    public static int Bytes => 8;

    public static AtomicKind Kind => AtomicKind.Modify;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) =>
        Interlocked.Or(ref *(ulong*)p, operand);

    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state) =>
        PlainUpdate<Or>.Double(p, operand);
}

public readonly unsafe struct AmoXorW : IAtomicKernel
{
    public static int Bytes => 4;

    public static AtomicKind Kind => AtomicKind.Modify;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) =>
        AtomicLoop<Xor>.Word(p, operand);

    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state) =>
        PlainUpdate<Xor>.Word(p, operand);
}

public readonly unsafe struct AmoXorD : IAtomicKernel
{
    public static int Bytes => 8;

    public static AtomicKind Kind => AtomicKind.Modify;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) =>
        AtomicLoop<Xor>.Double(p, operand);

    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state) =>
        PlainUpdate<Xor>.Double(p, operand);
}
