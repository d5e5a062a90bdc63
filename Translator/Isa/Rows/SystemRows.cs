using RvJit.Machine;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Rows;

/// <summary>A row that translated code hardly contains: the region ends before it and <see cref="Row.Execute"/> does it.</summary>
public abstract class LeavingRow(string name, string encoding, Operands operands)
    : Row(name, encoding, operands, Flow.Leave)
{
    public override void Emit(RegionEmitter e, in Instruction i) =>
        throw new InvalidOperationException($"{Name} is not translated");
}

/// <summary>ecall, ebreak: nothing but a trap.</summary>
public sealed class TrapRow(string name, string encoding, TrapCause cause) : LeavingRow(name, encoding, Operands.None)
{
    public override unsafe bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        trap = cause == TrapCause.Breakpoint
            ? new Trap(cause, hart.State->Pc)
            : new Trap(hart.Privileged?.EnvironmentCall ?? cause, 0);
        return false;
    }
}

/// <summary>fence.i: translations are dropped when memory is written, so only the order of fetches is left to do.</summary>
public sealed class FenceInstructionRow(string name, string encoding) : LeavingRow(name, encoding, Operands.None)
{
    public override unsafe bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        trap = default;
        Interlocked.MemoryBarrier();
        hart.State->Pc += i.Length;
        return true;
    }
}

public enum CsrOperation
{
    Write,
    Set,
    Clear,
}

/// <summary>csrrw, csrrs, csrrc and their immediate forms (unprivileged manual, "Zicsr").</summary>
public sealed class CsrRow(string name, string encoding, CsrOperation operation, bool immediate)
    : LeavingRow(name, encoding, (immediate ? Operands.None : Operands.ReadsX1) | Operands.WritesX)
{
    public override bool UsesFloatState(in Instruction i) => i.Csr is Csr.Fflags or Csr.Frm or Csr.Fcsr;

    public override int WrittenCsr(in Instruction i) => operation == CsrOperation.Write || i.Rs1 != 0 ? i.Csr : NoCsr;

    /// <summary>Reading a counter changes nothing that code depends on, and programs do it in loops.</summary>
    public override bool CanTranslate(in Instruction i) =>
        UsesFloatState(i) || (OnlyReads(i) && i.Csr is Csr.Cycle or Csr.Time or Csr.Instret);

    /// <summary>Host arithmetic depends on what is written, and its compiler does not know.</summary>
    public override bool EntersAfter(in Instruction i) => UsesFloatState(i) && !OnlyReads(i);

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        if (!OnlyReads(i))
            e.ChangeFloatControl(i, operation, immediate);
        else if (UsesFloatState(i))
            e.ReadFloatControl(i.Rd, i.Csr);
        else
            e.ReadCounter(i.Rd, i.Csr);
    }

    public override unsafe bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        HartState* st = hart.State;
        ulong source = immediate ? i.CsrImmediate : st->X[i.Rs1];
        if (OnlyReads(i))
        {
            if (!hart.Csrs.TryRead(hart, i.Csr, out ulong value))
                return Illegal(i, out trap);
            if (i.Rd != 0)
                st->X[i.Rd] = value;
        }
        else if (!TryChange(hart, operation, i.Csr, source, i.Rd))
        {
            return Illegal(i, out trap);
        }

        st->Pc += i.Length;
        trap = default;
        return true;
    }

    /// <summary>Reads a CSR into a register, where that is not x0, and changes it.</summary>
    internal static unsafe bool TryChange(Hart hart, CsrOperation operation, int csr, ulong source, int rd)
    {
        // csrrw with rd = x0 does not read.
        ulong old = 0;
        bool isLegal = operation switch
        {
            CsrOperation.Write => (rd == 0 || hart.Csrs.TryRead(hart, csr, out old)) && hart.Csrs.TryWrite(hart, csr, source),
            CsrOperation.Set => hart.Csrs.TryModify(hart, csr, source, 0, out old),
            _ => hart.Csrs.TryModify(hart, csr, 0, source, out old),
        };
        if (isLegal && rd != 0)
            hart.State->X[rd] = old;
        return isLegal;
    }

    /// <summary>csrrs and csrrc with rs1 = x0 (or uimm = 0) do not write.</summary>
    private bool OnlyReads(in Instruction i) => operation != CsrOperation.Write && i.Rs1 == 0;

    private static bool Illegal(in Instruction i, out Trap trap)
    {
        trap = new Trap(TrapCause.IllegalInstruction, i.Word);
        return false;
    }
}
