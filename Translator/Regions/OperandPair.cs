using System.Reflection;
using System.Reflection.Emit;

namespace RvJit.Translator.Regions;

/// <summary>
/// The two operands of a pure integer instruction while it is emitted: rs1, and rs2 or an immediate. A kernel's IL
/// template pushes them in the order and width it needs.
/// </summary>
public readonly ref struct OperandPair(RegionEmitter e, int rs1, int rs2, long? immediate)
{
    private readonly ILGenerator _il = e.Il;

    /// <summary>a op b on 64 bits.</summary>
    public bool Simple(OpCode op)
    {
        PushA();
        PushB();
        _il.Emit(op);
        return true;
    }

    public bool Simple(OpCode op, OpCode then)
    {
        Simple(op);
        _il.Emit(then);
        return true;
    }

    /// <summary>a shifted by (int)b &amp; 63: the mask costs nothing, the host masks the same way.</summary>
    public bool Shift(OpCode op)
    {
        PushA();
        PushShiftAmount(63);
        _il.Emit(op);
        return true;
    }

    /// <summary>(long)(int)(a op b).</summary>
    public bool Word(OpCode op)
    {
        PushA();
        _il.Emit(OpCodes.Conv_I4);
        if (immediate is { } imm)
        {
            _il.Emit(OpCodes.Ldc_I4, (int)imm);
        }
        else
        {
            PushB();
            _il.Emit(OpCodes.Conv_I4);
        }

        _il.Emit(op);
        _il.Emit(OpCodes.Conv_I8);
        return true;
    }

    /// <summary>(long)((int)a shifted by (int)b &amp; 31).</summary>
    public bool WordShift(OpCode op)
    {
        PushA();
        _il.Emit(OpCodes.Conv_I4);
        PushShiftAmount(31);
        _il.Emit(op);
        _il.Emit(OpCodes.Conv_I8);
        return true;
    }

    /// <summary>a op ~b: the host has andn, and for the others not is one instruction.</summary>
    public bool WithNot(OpCode op)
    {
        PushA();
        PushB();
        _il.Emit(OpCodes.Not);
        _il.Emit(op);
        return true;
    }

    /// <summary>(a &lt;&lt; amount) + b, of a's low 32 bits if word.</summary>
    public bool ShiftAdd(int amount, bool word)
    {
        PushA();
        if (word)
        {
            _il.Emit(OpCodes.Conv_U4);
            _il.Emit(OpCodes.Conv_U8);
        }

        if (amount != 0)
        {
            _il.Emit(OpCodes.Ldc_I4, amount);
            _il.Emit(OpCodes.Shl);
        }

        PushB();
        _il.Emit(OpCodes.Add);
        return true;
    }

    /// <summary>kernel(a, b); RyuJIT inlines small kernels.</summary>
    public void Call(MethodInfo kernel)
    {
        PushA();
        PushB();
        e.Call(kernel);
    }

    private void PushA() => e.PushX(rs1);

    private void PushB()
    {
        if (immediate is { } imm)
            e.PushConstant(imm);
        else
            e.PushX(rs2);
    }

    private void PushShiftAmount(int mask)
    {
        if (immediate is { } imm)
        {
            _il.Emit(OpCodes.Ldc_I4, (int)imm & mask);
            return;
        }

        e.PushX(rs2);
        _il.Emit(OpCodes.Conv_I4);
        _il.Emit(OpCodes.Ldc_I4, mask);
        _il.Emit(OpCodes.And);
    }
}
