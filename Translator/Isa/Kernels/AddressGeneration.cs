using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "Zba": address generation.

public readonly struct Sh1add : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (a << 1) + b;

    public static Pushed TryEmit(OperandPair e) => e.ShiftAdd(1, word: false);

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Sh2add : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (a << 2) + b;

    public static Pushed TryEmit(OperandPair e) => e.ShiftAdd(2, word: false);

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Sh3add : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (a << 3) + b;

    public static Pushed TryEmit(OperandPair e) => e.ShiftAdd(3, word: false);

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct AddUw : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (uint)a + b;

    public static Pushed TryEmit(OperandPair e) => e.ShiftAdd(0, word: true);

    public static WordForm Words(long? first, long? second) => WordForm.Reads1;
}

public readonly struct Sh1addUw : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => ((ulong)(uint)a << 1) + b;

    public static Pushed TryEmit(OperandPair e) => e.ShiftAdd(1, word: true);

    public static WordForm Words(long? first, long? second) => WordForm.Reads1;
}

public readonly struct Sh2addUw : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => ((ulong)(uint)a << 2) + b;

    public static Pushed TryEmit(OperandPair e) => e.ShiftAdd(2, word: true);

    public static WordForm Words(long? first, long? second) => WordForm.Reads1;
}

public readonly struct Sh3addUw : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => ((ulong)(uint)a << 3) + b;

    public static Pushed TryEmit(OperandPair e) => e.ShiftAdd(3, word: true);

    public static WordForm Words(long? first, long? second) => WordForm.Reads1;
}

public readonly struct SlliUw : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => (ulong)(uint)a << (int)(b & 63);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.Reads1;
}
