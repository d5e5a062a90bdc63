using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "Zicond": conditional zero.

public readonly struct CzeroEqz : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => b == 0 ? 0 : a;

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct CzeroNez : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => b != 0 ? 0 : a;

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}
