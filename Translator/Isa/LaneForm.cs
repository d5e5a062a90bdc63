namespace RvJit.Translator.Isa;

/// <summary>Operations that host vectors have for all their lanes at once.</summary>
public enum LaneOperation : byte
{
    None,
    Add,
    Subtract,
    And,
    Or,
    Xor,

    /// <summary>The low half of the product.</summary>
    Multiply,
    ShiftLeft,
    ShiftRight,

    /// <summary>Copies of the sign come in from the left.</summary>
    ShiftRightSigned,
    FloatAdd,
    FloatSubtract,
    FloatMultiply,
    FloatDivide,

    /// <summary>rs1 · rs2 + rs3, rounded once.</summary>
    FusedAdd,

    /// <summary>rs1 · rs2 - rs3.</summary>
    FusedSubtract,

    /// <summary>-(rs1 · rs2) + rs3.</summary>
    FusedNegatedAdd,

    /// <summary>-(rs1 · rs2) - rs3.</summary>
    FusedNegatedSubtract,
}

/// <summary>What an instruction does, as an operation on each of many elements.</summary>
/// <param name="Operation">None for other instructions.</param>
/// <param name="Widths">
/// Sizes of elements in bytes, added up, for which the operation on elements gives the low bytes of the instruction's
/// result from the low bytes of its operands.
/// </param>
public readonly record struct LaneForm(LaneOperation Operation, int Widths)
{
    /// <summary>1, 2, 4 and 8.</summary>
    public const int AnyWidth = 15;

    public bool IsFloat => Operation >= LaneOperation.FloatAdd;

    public bool IsShift => Operation is LaneOperation.ShiftLeft or LaneOperation.ShiftRight or LaneOperation.ShiftRightSigned;

    public bool Has(int bytes) => (Widths & bytes) != 0;
}
