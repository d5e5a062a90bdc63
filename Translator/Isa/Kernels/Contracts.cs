using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Float;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Kernels;

// No member has a default implementation: code that calls one cannot be compiled ahead (docs/decisions/0004-publishing.md).

/// <summary>The meaning of a two-operand integer instruction, pure. The same code serves register and immediate forms.</summary>
public interface IBinaryKernel
{
    static abstract ulong Compute(ulong a, ulong b);

    /// <summary>
    /// The same in IL, for operations common enough to be worth a faster compile; a test proves them equal. Nothing: a call
    /// then, which RyuJIT inlines.
    /// </summary>
    static abstract Pushed TryEmit(OperandPair e);

    /// <summary>What the operation has to do with words.</summary>
    /// <param name="first">The value of the first operand where it is constant.</param>
    /// <param name="second">The value of the second operand where it is constant.</param>
    static abstract WordForm Words(long? first, long? second);
}

/// <summary>
/// The meaning of an instruction on words, whose operands the host wants in registers of its choice.
/// </summary>
public interface IWordKernel : IBinaryKernel
{
    static abstract int OnWords(int a, int b);
}

/// <summary>The meaning of an integer instruction of one operand, pure.</summary>
public interface IUnaryKernel
{
    static abstract ulong Compute(ulong a);

    /// <summary>The same on the int64 on the stack, or none: a call then, which RyuJIT inlines.</summary>
    static abstract ReadOnlySpan<OpCode> Il { get; }

    static abstract WordForm Words { get; }
}

/// <summary>The meaning of an instruction that takes one byte of its second operand, pure.</summary>
public interface IByteSelectKernel
{
    /// <param name="a">rs1.</param>
    /// <param name="b">rs2.</param>
    /// <param name="select">0 to 3, the lowest byte first.</param>
    static abstract ulong Compute(ulong a, ulong b, int select);
}

/// <summary>The condition of a branch.</summary>
public interface ICompareKernel
{
    static abstract bool Test(ulong a, ulong b);

    /// <summary>The IL branch taken when <see cref="Test"/> is true.</summary>
    static abstract OpCode Taken { get; }
}

public unsafe interface ILoadKernel
{
    static abstract int Bytes { get; }

    /// <summary>Whether the destination is an F register.</summary>
    static abstract bool Float { get; }

    /// <summary>Whether an integer destination gets a sign-extended word.</summary>
    static abstract bool IsWord { get; }

    static abstract ulong Load(byte* p);

    /// <summary>IL that turns the address on the stack into the register value: int64, or float or double when Float (half precision:
    /// its 16 bits as int64).</summary>
    static abstract ReadOnlySpan<OpCode> Il { get; }
}

public unsafe interface IStoreKernel
{
    static abstract int Bytes { get; }

    static abstract bool Float { get; }

    static abstract void Store(byte* p, ulong value);

    static abstract OpCode Il { get; }
}

/// <summary>An atomic memory operation: atomic on the shared host page, sequentially consistent whatever aq and rl say.</summary>
public unsafe interface IAtomicKernel
{
    static abstract int Bytes { get; }

    static abstract AtomicKind Kind { get; }

    /// <param name="p">Host address of the operand.</param>
    /// <param name="address">Its guest virtual address, for reservations; the value of rd where it is compared.</param>
    static abstract ulong Do(byte* p, ulong address, ulong operand, HartState* state);

    /// <summary>The same by plain loads and stores, while <see cref="HartState.Alone"/> is set.</summary>
    static abstract ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state);
}

/// <summary>What sets a floating-point instruction apart from arithmetic on F registers.</summary>
[Flags]
public enum FloatTraits
{
    None = 0,
    FirstIsInteger = 1,
    ResultIsInteger = 2,

    /// <summary>Neither the rm field nor frm matters.</summary>
    IgnoresRm = 4,

    /// <summary>A conversion whose result needs no rounding, although its encoding has an rm field.</summary>
    Exact = 8,

    /// <summary>Neither rounds nor raises flags: a function of bits.</summary>
    Plain = 16,
}

/// <summary>
/// The meaning of a floating-point instruction on raw register bits: exact in every rounding mode, flags included.
/// </summary>
public interface IFloatKernel
{
    static abstract FloatTraits Traits { get; }

    /// <summary>How the F operands that are read are seen.</summary>
    static abstract FloatView Sources { get; }

    /// <summary>How the F register that is written is seen.</summary>
    static abstract FloatView Result { get; }

    /// <summary>How many F registers are read (rs1, rs2, rs3 in order; rs1 is skipped when it is an integer).</summary>
    static abstract int Reads { get; }

    static abstract ulong Compute(ulong a, ulong b, ulong c, int rm, ref uint flags);

    /// <summary>Whether <see cref="Emit"/> does this instance; otherwise translated code calls <see cref="Compute"/>.</summary>
    static abstract bool CanEmit(in Instruction i);

    /// <summary>What <see cref="Emit"/> does with NaNs.</summary>
    static abstract FloatUse Use { get; }

    /// <summary>
    /// Host arithmetic under the hart's own MXCSR: result and flags equal <see cref="Compute"/>'s, or the emitted code
    /// leaves the region before changing anything. Never for half precision.
    /// </summary>
    static abstract void Emit(RegionEmitter e, in Instruction i);
}

/// <summary>The view of a format.</summary>
internal static class Views
{
    public static FloatView OfBytes(int bytes) =>
        bytes switch { 2 => FloatView.Half, 4 => FloatView.Single, _ => FloatView.Double };

    public static FloatView Of<F>()
        where F : struct, IFloatFormat
        => OfBytes((Layout<F>.SignShift + 1) / 8);
}

/// <summary>Values of the rm field (unprivileged manual, "F": rounding modes).</summary>
public static class RoundingModes
{
    public const int NearestEven = FloatRounding.NearestEven;
    public const int TowardZero = FloatRounding.TowardZero;
    public const int Down = FloatRounding.Down;
    public const int Up = FloatRounding.Up;

    /// <summary>rmm; 5 and 6 are reserved.</summary>
    public const int Highest = FloatRounding.NearestMaxMagnitude;
    public const int Dynamic = 7;
}
