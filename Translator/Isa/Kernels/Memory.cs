using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using RvJit.Translator.Float;

namespace RvJit.Translator.Isa.Kernels;

// Loads and stores of RV64I, F, D and Zfhmin. Misaligned accesses are done in hardware.

public readonly unsafe struct Lb : ILoadKernel
{
    private static readonly OpCode[] s_il = [OpCodes.Ldind_I1, OpCodes.Conv_I8];

    public static int Bytes => 1;

    public static bool Float => false;

    public static bool IsWord => true;

    public static ReadOnlySpan<OpCode> Il => s_il;

    public static ulong Load(byte* p) => (ulong)(sbyte)*p;
}

public readonly unsafe struct Lbu : ILoadKernel
{
    private static readonly OpCode[] s_il = [OpCodes.Ldind_U1, OpCodes.Conv_U8];

    public static int Bytes => 1;

    public static bool Float => false;

    public static bool IsWord => true;

    public static ReadOnlySpan<OpCode> Il => s_il;

    public static ulong Load(byte* p) => *p;
}

public readonly unsafe struct Lh : ILoadKernel
{
    private static readonly OpCode[] s_il = [OpCodes.Ldind_I2, OpCodes.Conv_I8];

    public static int Bytes => 2;

    public static bool Float => false;

    public static bool IsWord => true;

    public static ReadOnlySpan<OpCode> Il => s_il;

    public static ulong Load(byte* p) => (ulong)Unsafe.ReadUnaligned<short>(p);
}

public readonly unsafe struct Lhu : ILoadKernel
{
    private static readonly OpCode[] s_il = [OpCodes.Ldind_U2, OpCodes.Conv_U8];

    public static int Bytes => 2;

    public static bool Float => false;

    public static bool IsWord => true;

    public static ReadOnlySpan<OpCode> Il => s_il;

    public static ulong Load(byte* p) => Unsafe.ReadUnaligned<ushort>(p);
}

public readonly unsafe struct Lw : ILoadKernel
{
    private static readonly OpCode[] s_il = [OpCodes.Ldind_I4, OpCodes.Conv_I8];

    public static int Bytes => 4;

    public static bool Float => false;

    public static bool IsWord => true;

    public static ReadOnlySpan<OpCode> Il => s_il;

    public static ulong Load(byte* p) => (ulong)Unsafe.ReadUnaligned<int>(p);
}

public readonly unsafe struct Lwu : ILoadKernel
{
    private static readonly OpCode[] s_il = [OpCodes.Ldind_U4, OpCodes.Conv_U8];

    public static int Bytes => 4;

    public static bool Float => false;

    public static bool IsWord => false;

    public static ReadOnlySpan<OpCode> Il => s_il;

    public static ulong Load(byte* p) => Unsafe.ReadUnaligned<uint>(p);
}

public readonly unsafe struct Ld : ILoadKernel
{
    private static readonly OpCode[] s_il = [OpCodes.Ldind_I8];

    public static int Bytes => 8;

    public static bool Float => false;

    public static bool IsWord => false;

    public static ReadOnlySpan<OpCode> Il => s_il;

    public static ulong Load(byte* p) => Unsafe.ReadUnaligned<ulong>(p);
}

public readonly unsafe struct Flh : ILoadKernel
{
    private static readonly OpCode[] s_il = [OpCodes.Ldind_U2, OpCodes.Conv_U8];

    public static int Bytes => 2;

    public static bool Float => true;

    public static bool IsWord => false;

    public static ReadOnlySpan<OpCode> Il => s_il;

    public static ulong Load(byte* p) => SoftFloat.Box<Binary16>(Unsafe.ReadUnaligned<ushort>(p));
}

public readonly unsafe struct Flw : ILoadKernel
{
    private static readonly OpCode[] s_il = [OpCodes.Ldind_R4];

    public static int Bytes => 4;

    public static bool Float => true;

    public static bool IsWord => false;

    public static ReadOnlySpan<OpCode> Il => s_il;

    public static ulong Load(byte* p) => SoftFloat.Box<Binary32>(Unsafe.ReadUnaligned<uint>(p));
}

public readonly unsafe struct Fld : ILoadKernel
{
    private static readonly OpCode[] s_il = [OpCodes.Ldind_R8];

    public static int Bytes => 8;

    public static bool Float => true;

    public static bool IsWord => false;

    public static ReadOnlySpan<OpCode> Il => s_il;

    public static ulong Load(byte* p) => Unsafe.ReadUnaligned<ulong>(p);
}

public readonly unsafe struct Sb : IStoreKernel
{
    public static int Bytes => 1;

    public static bool Float => false;

    public static OpCode Il => OpCodes.Stind_I1;

    public static void Store(byte* p, ulong value) => *p = (byte)value;
}

public readonly unsafe struct Sh : IStoreKernel
{
    public static int Bytes => 2;

    public static bool Float => false;

    public static OpCode Il => OpCodes.Stind_I2;

    public static void Store(byte* p, ulong value) => Unsafe.WriteUnaligned(p, (ushort)value);
}

public readonly unsafe struct Sw : IStoreKernel
{
    public static int Bytes => 4;

    public static bool Float => false;

    public static OpCode Il => OpCodes.Stind_I4;

    public static void Store(byte* p, ulong value) => Unsafe.WriteUnaligned(p, (uint)value);
}

public readonly unsafe struct Sd : IStoreKernel
{
    public static int Bytes => 8;

    public static bool Float => false;

    public static OpCode Il => OpCodes.Stind_I8;

    public static void Store(byte* p, ulong value) => Unsafe.WriteUnaligned(p, value);
}

/// <summary>Stores the low 16 bits of the register whatever its box says.</summary>
public readonly unsafe struct Fsh : IStoreKernel
{
    public static int Bytes => 2;

    public static bool Float => true;

    public static OpCode Il => OpCodes.Stind_I2;

    public static void Store(byte* p, ulong value) => Unsafe.WriteUnaligned(p, (ushort)value);
}

/// <summary>Stores the low 32 bits of the register whatever its box says.</summary>
public readonly unsafe struct Fsw : IStoreKernel
{
    public static int Bytes => 4;

    public static bool Float => true;

    public static OpCode Il => OpCodes.Stind_R4;

    public static void Store(byte* p, ulong value) => Unsafe.WriteUnaligned(p, (uint)value);
}

public readonly unsafe struct Fsd : IStoreKernel
{
    public static int Bytes => 8;

    public static bool Float => true;

    public static OpCode Il => OpCodes.Stind_R8;

    public static void Store(byte* p, ulong value) => Unsafe.WriteUnaligned(p, value);
}
