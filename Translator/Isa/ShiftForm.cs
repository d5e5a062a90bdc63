namespace RvJit.Translator.Isa;

public enum ShiftKind : byte
{
    None,
    Left,
    Right,

    /// <summary>Copies of the sign come in from the left.</summary>
    RightSigned,
}

/// <summary>What an instruction is that shifts rs1 by a constant.</summary>
/// <param name="Kind">None for other instructions.</param>
/// <param name="By">Bits.</param>
/// <param name="Word">It shifts 32 bits and extends the sign of the result.</param>
public readonly record struct ShiftForm(ShiftKind Kind, int By, bool Word);
