using System.Reflection.Emit;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "RV32I" and "RV64I" base integer instruction sets.

public readonly struct Add : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a + b;

    public static bool TryEmit(OperandPair e) => e.Simple(OpCodes.Add);
}

public readonly struct Sub : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a - b;

    public static bool TryEmit(OperandPair e) => e.Simple(OpCodes.Sub);
}

public readonly struct Xor : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a ^ b;

    public static bool TryEmit(OperandPair e) => e.Simple(OpCodes.Xor);
}

public readonly struct Or : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a | b;

    public static bool TryEmit(OperandPair e) => e.Simple(OpCodes.Or);
}

public readonly struct And : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a & b;

    public static bool TryEmit(OperandPair e) => e.Simple(OpCodes.And);
}

public readonly struct Sll : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a << (int)(b & 63);

    public static bool TryEmit(OperandPair e) => e.Shift(OpCodes.Shl);
}

public readonly struct Srl : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a >> (int)(b & 63);

    public static bool TryEmit(OperandPair e) => e.Shift(OpCodes.Shr_Un);
}

public readonly struct Sra : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (ulong)((long)a >> (int)(b & 63));

    public static bool TryEmit(OperandPair e) => e.Shift(OpCodes.Shr);
}

public readonly struct Slt : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (long)a < (long)b ? 1UL : 0;

    public static bool TryEmit(OperandPair e) => e.Simple(OpCodes.Clt, OpCodes.Conv_U8);
}

public readonly struct Sltu : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a < b ? 1UL : 0;

    public static bool TryEmit(OperandPair e) => e.Simple(OpCodes.Clt_Un, OpCodes.Conv_U8);
}

public readonly struct Addw : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (ulong)(int)(a + b);

    public static bool TryEmit(OperandPair e) => e.Word(OpCodes.Add);
}

public readonly struct Subw : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (ulong)(int)(a - b);

    public static bool TryEmit(OperandPair e) => e.Word(OpCodes.Sub);
}

public readonly struct Sllw : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (ulong)((int)a << (int)(b & 31));

    public static bool TryEmit(OperandPair e) => e.WordShift(OpCodes.Shl);
}

public readonly struct Srlw : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (ulong)(int)((uint)a >> (int)(b & 31));

    public static bool TryEmit(OperandPair e) => e.WordShift(OpCodes.Shr_Un);
}

public readonly struct Sraw : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (ulong)((int)a >> (int)(b & 31));

    public static bool TryEmit(OperandPair e) => e.WordShift(OpCodes.Shr);
}

public readonly struct Beq : ICompareKernel
{
    public static OpCode Taken => OpCodes.Beq;

    public static bool Test(ulong a, ulong b) => a == b;
}

public readonly struct Bne : ICompareKernel
{
    public static OpCode Taken => OpCodes.Bne_Un;

    public static bool Test(ulong a, ulong b) => a != b;
}

public readonly struct Blt : ICompareKernel
{
    public static OpCode Taken => OpCodes.Blt;

    public static bool Test(ulong a, ulong b) => (long)a < (long)b;
}

public readonly struct Bge : ICompareKernel
{
    public static OpCode Taken => OpCodes.Bge;

    public static bool Test(ulong a, ulong b) => (long)a >= (long)b;
}

public readonly struct Bltu : ICompareKernel
{
    public static OpCode Taken => OpCodes.Blt_Un;

    public static bool Test(ulong a, ulong b) => a < b;
}

public readonly struct Bgeu : ICompareKernel
{
    public static OpCode Taken => OpCodes.Bge_Un;

    public static bool Test(ulong a, ulong b) => a >= b;
}
