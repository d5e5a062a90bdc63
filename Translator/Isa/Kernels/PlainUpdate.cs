using System.Runtime.CompilerServices;

namespace RvJit.Translator.Isa.Kernels;

/// <summary>Read-modify-writes that nobody can come between.</summary>
internal static unsafe class PlainUpdate<K>
    where K : struct, IBinaryKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Byte(byte* p, ulong operand)
    {
        sbyte old = *(sbyte*)p;
        *(sbyte*)p = (sbyte)K.Compute((ulong)old, (ulong)(sbyte)operand);
        return (ulong)old;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Half(byte* p, ulong operand)
    {
        short old = *(short*)p;
        *(short*)p = (short)K.Compute((ulong)old, (ulong)(short)operand);
        return (ulong)old;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Word(byte* p, ulong operand)
    {
        int old = *(int*)p;
        *(int*)p = (int)K.Compute((ulong)old, (ulong)(int)operand);
        return (ulong)old;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Double(byte* p, ulong operand)
    {
        ulong old = *(ulong*)p;
        *(ulong*)p = K.Compute(old, operand);
        return old;
    }
}
