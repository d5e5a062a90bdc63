using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions.Lanes;

/// <summary>What one iteration of a loop computes, as every lane of a vector would. Compared by identity.</summary>
/// <param name="isFloat">It is held in an F register.</param>
internal abstract class LaneValue(bool isFloat)
{
    public bool IsFloat { get; } = isFloat;

    /// <summary>Whether this is what another becomes that many elements further on.</summary>
    /// <param name="other">The value of the first element.</param>
    /// <param name="further">Bytes from there.</param>
    public abstract bool Follows(LaneValue other, long further);
}

/// <summary>An element of memory.</summary>
/// <param name="address">Where, when the iteration begins.</param>
/// <param name="index">Which instruction of the iteration loads it.</param>
/// <param name="isFloat">It is held in an F register.</param>
internal sealed class LaneLoad(LaneAddress address, int index, bool isFloat) : LaneValue(isFloat)
{
    /// <summary>The index of what the iteration before has loaded.</summary>
    public const int Before = -1;

    public LaneAddress Address { get; } = address;

    public int Index { get; } = index;

    public override bool Follows(LaneValue other, long further) =>
        other is LaneLoad load && load.IsFloat == IsFloat && Address == load.Address.Moved(further);
}

/// <summary>A register that the loop does not write.</summary>
/// <param name="register">Its number.</param>
/// <param name="isFloat">It is an F register.</param>
internal sealed class LaneInvariant(int register, bool isFloat) : LaneValue(isFloat)
{
    public int Register { get; } = register;

    public override bool Follows(LaneValue other, long further) =>
        other is LaneInvariant same && same.Register == Register && same.IsFloat == IsFloat;
}

internal sealed class LaneConstant(long value) : LaneValue(isFloat: false)
{
    public long Value { get; } = value;

    public override bool Follows(LaneValue other, long further) => other is LaneConstant same && same.Value == Value;
}

/// <summary>An operation on the elements of other values.</summary>
internal sealed class LaneResult(LaneForm form, LaneValue[] operands) : LaneValue(form.IsFloat)
{
    public LaneForm Form { get; } = form;

    public LaneValue[] Operands { get; } = operands;

    public override bool Follows(LaneValue other, long further)
    {
        if (other is not LaneResult result || result.Form != Form)
            return false;
        for (int k = 0; k < Operands.Length; k++)
        {
            if (!Operands[k].Follows(result.Operands[k], further))
                return false;
        }

        return true;
    }
}

/// <summary>
/// A sum of registers as they are when an iteration begins, and a constant. All but the first stay during the loop.
/// </summary>
/// <param name="Register">Its first register.</param>
/// <param name="Second">Another, or 0 for none.</param>
/// <param name="Third">Another, or 0 for none.</param>
/// <param name="Offset">The constant.</param>
internal readonly record struct LaneAddress(int Register, int Second, int Third, long Offset)
{
    public bool HasOneRegister => Second == 0 && Third == 0;

    public LaneAddress Moved(long by) => this with { Offset = Offset + by };

    /// <summary>The sum with a register that stays, if there is room.</summary>
    public LaneAddress? With(int register) => Second == 0 ? this with { Second = register }
        : Third != 0 ? null
        : Second < register ? this with { Third = register }
        : this with { Second = register, Third = Second };

    /// <summary>Whether the other is at a distance known now.</summary>
    public bool IsNear(LaneAddress other) => this with { Offset = 0 } == other with { Offset = 0 };
}

/// <summary>An element that is stored.</summary>
/// <param name="Address">Where, when the iteration begins.</param>
/// <param name="Value">What.</param>
/// <param name="Index">Which instruction of the iteration stores it.</param>
internal readonly record struct LaneStore(LaneAddress Address, LaneValue Value, int Index);
