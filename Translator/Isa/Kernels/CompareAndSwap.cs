using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RvJit.Machine;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "Zacas": memory is compared with rd and, where equal, becomes rs2; rd becomes what memory held.
// The parameter address is the value of rd here.

public readonly unsafe struct CasB : IAtomicKernel
{
    public static int Bytes => 1;

    public static AtomicKind Kind => AtomicKind.CompareAndSwap;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) =>
        (ulong)Interlocked.CompareExchange(ref *(sbyte*)p, (sbyte)operand, (sbyte)address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state)
    {
        sbyte old = *(sbyte*)p;
        if (old == (sbyte)address)
            *(sbyte*)p = (sbyte)operand;
        return (ulong)old;
    }
}

public readonly unsafe struct CasH : IAtomicKernel
{
    public static int Bytes => 2;

    public static AtomicKind Kind => AtomicKind.CompareAndSwap;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) =>
        (ulong)Interlocked.CompareExchange(ref *(short*)p, (short)operand, (short)address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state)
    {
        short old = *(short*)p;
        if (old == (short)address)
            *(short*)p = (short)operand;
        return (ulong)old;
    }
}

public readonly unsafe struct CasW : IAtomicKernel
{
    public static int Bytes => 4;

    public static AtomicKind Kind => AtomicKind.CompareAndSwap;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) =>
        (ulong)Interlocked.CompareExchange(ref *(int*)p, LowWord.Of(operand), LowWord.Of(address));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state)
    {
        int old = *(int*)p;
        if (old == (int)address)
            *(int*)p = (int)operand;
        return (ulong)old;
    }
}

public readonly unsafe struct CasD : IAtomicKernel
{
    public static int Bytes => 8;

    public static AtomicKind Kind => AtomicKind.CompareAndSwap;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state) =>
        Interlocked.CompareExchange(ref *(ulong*)p, operand, address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state)
    {
        ulong old = *(ulong*)p;
        if (old == address)
            *(ulong*)p = operand;
        return old;
    }
}

/// <summary>
/// Compare-and-swap of 16 aligned bytes, which .NET has no operation for: a piece of x64 machine code around
/// lock cmpxchg16b, atomic with every other access.
/// </summary>
public static unsafe class QuadCompareAndSwap
{
    public const int Bytes = 16;

    public static readonly bool IsSupported = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    // push rbx; r8 = rdx (desired); rdx:rax = [rsi] (expected); rcx:rbx = [r8]
    // lock cmpxchg16b [rdi]; [rsi] = rdx:rax; pop rbx; ret
    private static readonly nint s_code = IsSupported
        ? HostMemory.MakeExecutable(
        [
            0x53, 0x49, 0x89, 0xD0, 0x48, 0x8B, 0x06, 0x48, 0x8B, 0x56, 0x08, 0x49, 0x8B, 0x18, 0x49, 0x8B, 0x48, 0x08,
            0xF0, 0x48, 0x0F, 0xC7, 0x0F, 0x48, 0x89, 0x06, 0x48, 0x89, 0x56, 0x08, 0x5B, 0xC3,
        ])
        : 0;

    /// <param name="p">Host address, a multiple of 16.</param>
    /// <param name="expected">Two doublewords, the lower first; afterwards what memory held.</param>
    /// <param name="desired">Two doublewords.</param>
    public static void Do(byte* p, ulong* expected, ulong* desired) =>
        ((delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, ulong*, ulong*, void>)s_code)(p, expected, desired);
}
