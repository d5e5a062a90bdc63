using System.Reflection.Emit;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions.Lanes;

/// <summary>How often a loop goes on: a register that moves by a constant is compared with one that stays.</summary>
/// <param name="Value">What is compared, when the first iteration begins.</param>
/// <param name="Step">What an iteration adds to it.</param>
/// <param name="Bound">A register that stays; 0 for zero.</param>
/// <param name="Leave">
/// The IL branch on (value, bound) that is taken when they are in the wrong order at first; null when they have none, and the
/// loop goes on until they are equal.
/// </param>
/// <param name="IsWord">The value is a sign-extended word, and so must the bound be.</param>
internal sealed record LaneTrip(LaneAddress Value, long Step, int Bound, OpCode? Leave, bool IsWord)
{
    public static LaneTrip? Find(LaneReader reader)
    {
        Instruction branch = reader.Cycle.Branch;
        if (branch.Row!.Condition is not { } condition)
            return null;
        if (!reader.Cycle.IsTaken)
            condition = RegionEmitter.Opposite(condition);
        return Of(branch.Rs1, branch.Rs2, condition, reader) ?? Of(branch.Rs2, branch.Rs1, Turned(condition), reader);
    }

    // The loop goes on while (first condition second).
    private static LaneTrip? Of(int first, int second, OpCode condition, LaneReader reader)
    {
        if (reader.AtEnd(first) is not { HasOneRegister: true } value || reader.StepOf(value.Register) is not { } step || step == 0)
            return null;
        bool isWord = reader.IsWordAtEnd(first);
        if (isWord != reader.IsWordAtEnd(value.Register))
            return null;
        if (reader.AtEnd(second) is not { HasOneRegister: true, Offset: 0 } bound || !reader.IsInvariant(bound.Register))
            return null;
        bool isUpward = step > 0;
        OpCode? leave = condition == OpCodes.Bne_Un ? isWord ? isUpward ? OpCodes.Bge : OpCodes.Ble : null
            : condition == OpCodes.Blt && isUpward ? OpCodes.Bge
            : condition == OpCodes.Blt_Un && isUpward ? OpCodes.Bge_Un
            : condition == OpCodes.Ble && isUpward ? OpCodes.Bgt
            : condition == OpCodes.Ble_Un && isUpward ? OpCodes.Bgt_Un
            : condition == OpCodes.Bgt && !isUpward ? OpCodes.Ble
            : condition == OpCodes.Bgt_Un && !isUpward ? OpCodes.Ble_Un
            : condition == OpCodes.Bge && !isUpward ? OpCodes.Blt
            : condition == OpCodes.Bge_Un && !isUpward ? OpCodes.Blt_Un
            : OpCodes.Nop;
        bool isUnsigned = leave == OpCodes.Bge_Un || leave == OpCodes.Bgt_Un || leave == OpCodes.Ble_Un || leave == OpCodes.Blt_Un;
        return leave == OpCodes.Nop || (isWord && isUnsigned) ? null : new LaneTrip(value, step, bound.Register, leave, isWord);
    }

    private static OpCode Turned(OpCode condition) => condition == OpCodes.Blt ? OpCodes.Bgt
        : condition == OpCodes.Blt_Un ? OpCodes.Bgt_Un
        : condition == OpCodes.Bge ? OpCodes.Ble
        : condition == OpCodes.Bge_Un ? OpCodes.Ble_Un
        : condition;
}
