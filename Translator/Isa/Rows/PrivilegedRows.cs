using RvJit.Machine;

namespace RvJit.Translator.Isa.Rows;

/// <summary>
/// An instruction of the privileged architecture: done by the hart's <see cref="IPrivilegedUnit"/>, and illegal where
/// the supervisor is native.
/// </summary>
public abstract unsafe class PrivilegedRow(string name, string encoding, Operands operands) : LeavingRow(name, encoding, operands)
{
    public sealed override bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        if (hart.Privileged is { } unit)
            return TryExecute(hart.State, unit, i, out trap);
        trap = new Trap(TrapCause.IllegalInstruction, i.Word);
        return false;
    }

    /// <summary>Does it and moves pc on.</summary>
    protected abstract bool TryExecute(HartState* state, IPrivilegedUnit unit, in Instruction i, out Trap trap);
}

/// <summary>mret, sret.</summary>
public sealed unsafe class TrapReturnRow(string name, string encoding, Privilege level) : PrivilegedRow(name, encoding, Operands.None)
{
    private static readonly int s_mstatus = CsrNames.NumberOf("mstatus");

    public override int WrittenCsr(in Instruction i) => s_mstatus;

    protected override bool TryExecute(HartState* state, IPrivilegedUnit unit, in Instruction i, out Trap trap) =>
        unit.TryReturn(level, i.Word, out trap);
}

/// <summary>uret: extension N gives it to user code, too, whoever its supervisor is.</summary>
public sealed unsafe class UserTrapReturnRow(string name, string encoding) : LeavingRow(name, encoding, Operands.None)
{
    public override int WrittenCsr(in Instruction i) => Csr.Ustatus;

    public override bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        if (hart.Privileged is { } unit)
            return unit.TryReturn(Privilege.User, i.Word, out trap);
        if (hart.UserTraps is { } traps)
        {
            traps.Return(hart);
            trap = default;
            return true;
        }

        trap = new Trap(TrapCause.IllegalInstruction, i.Word);
        return false;
    }
}

/// <summary>wfi.</summary>
public sealed unsafe class WaitRow(string name, string encoding) : PrivilegedRow(name, encoding, Operands.None)
{
    protected override bool TryExecute(HartState* state, IPrivilegedUnit unit, in Instruction i, out Trap trap)
    {
        if (!unit.TryWait(i.Word, out trap))
            return false;
        state->Pc += i.Length;
        return true;
    }
}

/// <summary>sfence.vma, sinval.vma: rs1 is a virtual address, rs2 an address space, x0 stands for all.</summary>
public sealed unsafe class FenceTranslationRow(string name, string encoding)
    : PrivilegedRow(name, encoding, Operands.ReadsX1 | Operands.ReadsX2)
{
    protected override bool TryExecute(HartState* state, IPrivilegedUnit unit, in Instruction i, out Trap trap)
    {
        ulong? address = i.Rs1 == 0 ? null : state->X[i.Rs1];
        ulong? space = i.Rs2 == 0 ? null : state->X[i.Rs2];
        if (!unit.TryFenceTranslation(i.Word, address, space, out trap))
            return false;
        state->Pc += i.Length;
        return true;
    }
}

/// <summary>sfence.w.inval, sfence.inval.ir: order, which the hart's own sinval.vma already keeps.</summary>
public sealed unsafe class OrderTranslationRow(string name, string encoding) : PrivilegedRow(name, encoding, Operands.None)
{
    protected override bool TryExecute(HartState* state, IPrivilegedUnit unit, in Instruction i, out Trap trap)
    {
        if (!unit.TryOrderTranslation(i.Word, out trap))
            return false;
        state->Pc += i.Length;
        return true;
    }
}
