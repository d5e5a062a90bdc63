using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>What a few shifts of one value come to.</summary>
internal enum FusionKind
{
    /// <summary>Shifts left and right by amounts that make up the width, joined: a rotation to the right.</summary>
    Rotation,

    /// <summary>A shift left and then right: the low bits, extended by zeros or the sign.</summary>
    Field,
}

/// <summary>
/// Instructions of a block of which the last computes something that the host has one instruction for, given what an
/// earlier one had as its source. Those in between are computed as they stand; most often nobody reads their results, and RyuJIT
/// leaves them out.
/// </summary>
/// <param name="Kind">What is computed.</param>
/// <param name="From">Before this instruction the source is looked at: later it may be overwritten.</param>
/// <param name="At">This instruction's result is computed so.</param>
/// <param name="Source">The register.</param>
/// <param name="By">Bits to rotate by; or to shift the field left by.</param>
/// <param name="Bits">32 or 64 for a rotation; the length of a field.</param>
/// <param name="Signed">Whether the field is extended by its sign.</param>
internal readonly record struct Fusion(FusionKind Kind, int From, int At, int Source, int By, int Bits, bool Signed)
{
    private const int Width = 64;
    private const int WordWidth = 32;

    /// <summary>The fusions of a block.</summary>
    public static List<Fusion> Find(Block block)
    {
        List<Fusion> found = [];

        // By register: which instruction of the block wrote it last, what that shifted, and which instruction had written that.
        Span<int> writer = stackalloc int[32];
        for (int r = 0; r < writer.Length; r++)
            writer[r] = -1;
        Span<int> shiftedWriter = stackalloc int[32];
        for (int k = 0; k < block.Instructions.Count; k++)
        {
            Instruction i = block.Instructions[k];
            Row row = i.Row!;
            if ((row.Operands & Operands.WritesX) == 0 || i.Rd == 0)
                continue;
            ShiftForm shift = row.Shift(i);
            if (row.JoinsBits && writer[i.Rs1] >= 0 && writer[i.Rs2] >= 0 && shiftedWriter[i.Rs1] == shiftedWriter[i.Rs2])
            {
                if (RotationBy(block, writer[i.Rs1], writer[i.Rs2], k) is { } rotation)
                    found.Add(rotation);
            }
            else if (shift.Kind is ShiftKind.Right or ShiftKind.RightSigned && writer[i.Rs1] >= 0)
            {
                if (FieldBy(block, writer[i.Rs1], shift, k) is { } field)
                    found.Add(field);
            }

            shiftedWriter[i.Rd] = writer[i.Rs1];
            writer[i.Rd] = k;
        }

        return found;
    }

    private static Fusion? RotationBy(Block block, int first, int second, int at)
    {
        Instruction a = block.Instructions[first], b = block.Instructions[second];
        ShiftForm left = a.Row!.Shift(a), right = b.Row!.Shift(b);
        if (left.Kind != ShiftKind.Left)
            (left, right) = (right, left);
        int width = left.Word ? WordWidth : Width;
        bool rotates = left.Kind == ShiftKind.Left && right.Kind == ShiftKind.Right
            && left.Word == right.Word && left.By + right.By == width && a.Rs1 == b.Rs1 && a.Rs1 != 0;
        return rotates ? new Fusion(FusionKind.Rotation, Math.Max(first, second), at, a.Rs1, right.By, width, false) : null;
    }

    private static Fusion? FieldBy(Block block, int first, ShiftForm right, int at)
    {
        Instruction i = block.Instructions[first];
        ShiftForm left = i.Row!.Shift(i);
        bool signed = right.Kind == ShiftKind.RightSigned;
        int bits = Width - left.By;
        bool isField = left is { Kind: ShiftKind.Left, Word: false } && !right.Word && right.By <= left.By && i.Rs1 != 0
            && (signed ? bits is 8 or 16 : bits is 16 or 32);
        return isField ? new Fusion(FusionKind.Field, first, at, i.Rs1, left.By - right.By, bits, signed) : null;
    }
}
