using System.Numerics;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Intrinsics.X86;
using RvJit.Translator.Isa.Kernels;

namespace RvJit.Translator.Regions;

/// <summary>
/// The two operands of a pure integer instruction while it is emitted: rs1, and rs2 or an immediate. A kernel's IL
/// template pushes them in the order and width it needs.
/// </summary>
public readonly ref struct OperandPair(RegionEmitter e, int rs1, int rs2, long? immediate)
{
    private readonly ILGenerator _il = e.Il;

    /// <summary>The first operand where it is constant.</summary>
    public long? First => rs1 == 0 ? 0 : null;

    /// <summary>The second operand where it is constant.</summary>
    public long? Second => immediate ?? (rs2 == 0 ? 0 : null);

    /// <summary>a op b on 64 bits.</summary>
    public Pushed Simple(OpCode op)
    {
        PushA();
        PushB();
        _il.Emit(op);
        return Pushed.Long;
    }

    /// <summary>a + b, which with zero is a copy.</summary>
    public Pushed Sum()
    {
        bool copiesB = First == 0;
        if (!copiesB && Second != 0)
            return Simple(OpCodes.Add);
        if (e.ResultIsWord)
        {
            if (copiesB)
                PushWordB();
            else
                PushWordA();
            return Pushed.Word;
        }

        if (copiesB)
            PushB();
        else
            PushA();
        return Pushed.Long;
    }

    /// <summary>a op b bit by bit: on words where the result is held as one, or b is a small mask.</summary>
    public Pushed Logical(OpCode op)
    {
        bool masks = op == OpCodes.And && Second >= 0;
        if (!masks && !e.ResultIsWord)
            return Simple(op);
        PushWordA();
        PushWordB();
        _il.Emit(op);
        return masks ? Pushed.Positive : Pushed.Word;
    }

    /// <summary>1 if a compares to b so, else 0.</summary>
    public Pushed Compare(OpCode op)
    {
        if (immediate is not null ? e.IsHeldAsWord(rs1) : e.CompareAsWords(rs1, rs2))
        {
            PushWordA();
            PushWordB();
        }
        else
        {
            PushA();
            PushB();
        }

        _il.Emit(op);
        return Pushed.Positive;
    }

    /// <summary>a shifted by (int)b &amp; 63: the mask costs nothing, the host masks the same way.</summary>
    public Pushed Shift(OpCode op)
    {
        PushA();
        PushShiftAmount(63);
        _il.Emit(op);
        return Pushed.Long;
    }

    /// <summary>a op b on words; with zero a sum or difference is a.</summary>
    public Pushed Word(OpCode op)
    {
        PushWordA();
        if (Second == 0 && (op == OpCodes.Add || op == OpCodes.Sub))
            return Pushed.Word;
        PushWordB();
        _il.Emit(op);
        return Pushed.Word;
    }

    /// <summary>(int)a shifted by (int)b &amp; 31.</summary>
    public Pushed WordShift(OpCode op)
    {
        PushWordA();
        PushShiftAmount(31);
        _il.Emit(op);
        return op == OpCodes.Shr_Un && Second > 0 ? Pushed.Positive : Pushed.Word;
    }

    /// <summary>a op ~b: the host has andn, and for the others not is one instruction.</summary>
    public Pushed WithNot(OpCode op)
    {
        bool word = e.ResultIsWord;
        if (word)
        {
            PushWordA();
            PushWordB();
        }
        else
        {
            PushA();
            PushB();
        }

        _il.Emit(OpCodes.Not);
        _il.Emit(op);
        return word ? Pushed.Word : Pushed.Long;
    }

    /// <summary>(a &lt;&lt; amount) + b, of a's low 32 bits if word.</summary>
    public Pushed ShiftAdd(int amount, bool word)
    {
        if (word)
        {
            PushWordA();
            _il.Emit(OpCodes.Conv_U8);
        }
        else
        {
            PushA();
        }

        if (amount != 0)
        {
            _il.Emit(OpCodes.Ldc_I4, amount);
            _il.Emit(OpCodes.Shl);
        }

        PushB();
        _il.Emit(OpCodes.Add);
        return Pushed.Long;
    }

    /// <summary>kernel(a, b) of words.</summary>
    public Pushed OnWords<K>()
        where K : struct, IWordKernel
    {
        e.PushWordApart(rs1);
        PushAmountApart(31);
        e.Call(WordMethod<K>.Info);
        return Pushed.Word;
    }

    /// <summary>a rotated by (int)b &amp; 63.</summary>
    /// <param name="method">Of <see cref="BitOperations"/>.</param>
    public Pushed Rotate(string method)
    {
        PushA();
        PushAmountApart(63);
        e.Call(typeof(BitOperations).GetMethod(method, [typeof(ulong), typeof(int)])!);
        return Pushed.Long;
    }

    /// <summary>kernel(a, b); RyuJIT inlines small kernels.</summary>
    public Pushed Call(MethodInfo kernel)
    {
        PushA();
        PushB();
        e.Call(kernel);
        return Pushed.Long;
    }

    private void PushA() => e.PushX(rs1);

    private void PushB()
    {
        if (immediate is { } imm)
            e.PushConstant(imm);
        else
            e.PushX(rs2);
    }

    private void PushWordA() => e.PushWord(rs1);

    private void PushWordB()
    {
        if (immediate is { } imm)
            _il.Emit(OpCodes.Ldc_I4, (int)imm);
        else
            e.PushWord(rs2);
    }

    private void PushShiftAmount(int mask)
    {
        if (immediate is { } imm)
        {
            _il.Emit(OpCodes.Ldc_I4, (int)imm & mask);
            return;
        }

        if (Bmi2.X64.IsSupported)
            e.PushWord(rs2);
        else
            e.PushWordApart(rs2); // shifts then want it in a certain register
        _il.Emit(OpCodes.Ldc_I4, mask);
        _il.Emit(OpCodes.And);
    }

    // Immediates are amounts of rotation.
    private void PushAmountApart(int mask)
    {
        if (immediate is { } imm)
            _il.Emit(OpCodes.Ldc_I4, (int)imm & mask);
        else
            e.PushWordApart(rs2);
    }

    private static class WordMethod<K>
        where K : struct, IWordKernel
    {
        public static readonly MethodInfo Info = typeof(K).GetMethod(nameof(IWordKernel.OnWords))!;
    }
}
