using System.Reflection.Emit;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "RV32I" and "RV64I" base integer instruction sets.

public readonly struct Add : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a + b;

    public static Pushed TryEmit(OperandPair e) => e.Sum();

    public static WordForm Words(long? first, long? second) =>
        first == 0 || second == 0 ? WordForm.Keeps : WordForm.None;
}

public readonly struct Sub : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a - b;

    public static Pushed TryEmit(OperandPair e) => e.Simple(OpCodes.Sub);

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Xor : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a ^ b;

    public static Pushed TryEmit(OperandPair e) => e.Logical(OpCodes.Xor);

    public static WordForm Words(long? first, long? second) => WordForm.Keeps;
}

public readonly struct Or : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a | b;

    public static Pushed TryEmit(OperandPair e) => e.Logical(OpCodes.Or);

    public static WordForm Words(long? first, long? second) => WordForm.Keeps;
}

public readonly struct And : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a & b;

    public static Pushed TryEmit(OperandPair e) => e.Logical(OpCodes.And);

    public static WordForm Words(long? first, long? second) => second >= 0 ? WordForm.Reads1 | WordForm.FreeResult : WordForm.Keeps;
}

public readonly struct Sll : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a << (int)(b & 63);

    public static Pushed TryEmit(OperandPair e) => e.Shift(OpCodes.Shl);

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Srl : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a >> (int)(b & 63);

    public static Pushed TryEmit(OperandPair e) => e.Shift(OpCodes.Shr_Un);

    public static WordForm Words(long? first, long? second) => second > 32 ? WordForm.FreeResult : WordForm.None;
}

public readonly struct Sra : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (ulong)((long)a >> (int)(b & 63));

    public static Pushed TryEmit(OperandPair e) => e.Shift(OpCodes.Shr);

    public static WordForm Words(long? first, long? second) => second >= 32 ? WordForm.FreeResult : WordForm.None;
}

public readonly struct Slt : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (long)a < (long)b ? 1UL : 0;

    public static Pushed TryEmit(OperandPair e) => e.Compare(OpCodes.Clt);

    public static WordForm Words(long? first, long? second) => WordForm.Compares | WordForm.FreeResult;
}

public readonly struct Sltu : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a < b ? 1UL : 0;

    public static Pushed TryEmit(OperandPair e) => e.Compare(OpCodes.Clt_Un);

    public static WordForm Words(long? first, long? second) => WordForm.Compares | WordForm.FreeResult;
}

public readonly struct Addw : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (ulong)(int)(a + b);

    public static Pushed TryEmit(OperandPair e) => e.Word(OpCodes.Add);

    public static WordForm Words(long? first, long? second) => WordForm.Reads1 | WordForm.Reads2 | WordForm.Result;
}

public readonly struct Subw : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (ulong)(int)(a - b);

    public static Pushed TryEmit(OperandPair e) => e.Word(OpCodes.Sub);

    public static WordForm Words(long? first, long? second) => WordForm.Reads1 | WordForm.Reads2 | WordForm.Result;
}

public readonly struct Sllw : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (ulong)((int)a << (int)(b & 31));

    public static Pushed TryEmit(OperandPair e) => e.WordShift(OpCodes.Shl);

    public static WordForm Words(long? first, long? second) => WordForm.Reads1 | WordForm.Reads2 | WordForm.Result;
}

public readonly struct Srlw : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (ulong)(int)((uint)a >> (int)(b & 31));

    public static Pushed TryEmit(OperandPair e) => e.WordShift(OpCodes.Shr_Un);

    public static WordForm Words(long? first, long? second) =>
        WordForm.Reads1 | WordForm.Reads2 | (second > 0 ? WordForm.FreeResult : WordForm.Result);
}

public readonly struct Sraw : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (ulong)((int)a >> (int)(b & 31));

    public static Pushed TryEmit(OperandPair e) => e.WordShift(OpCodes.Shr);

    public static WordForm Words(long? first, long? second) => WordForm.Reads1 | WordForm.Reads2 | WordForm.Result;
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
