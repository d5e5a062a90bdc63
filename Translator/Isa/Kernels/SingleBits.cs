using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "Zbs": single-bit instructions.

public readonly struct Bclr : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a & ~(1UL << (int)(b & 63));

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Bext : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (a >> (int)(b & 63)) & 1;

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.FreeResult;
}

public readonly struct Binv : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a ^ (1UL << (int)(b & 63));

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Bset : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => a | (1UL << (int)(b & 63));

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}
