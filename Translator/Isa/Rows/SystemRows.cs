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
        operation != CsrOperation.Write && i.Rs1 == 0 && i.Csr is Csr.Cycle or Csr.Time or Csr.Instret;

    public override void Emit(RegionEmitter e, in Instruction i) => e.ReadCounter(i.Rd, i.Csr);

    public override unsafe bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        HartState* st = hart.State;
        ulong source = immediate ? i.CsrImmediate : st->X[i.Rs1];

        // csrrw with rd = x0 does not read; csrrs/csrrc with rs1 = x0 (or uimm = 0) do not write.
        ulong old = 0;
        bool legal = operation switch
        {
            CsrOperation.Write => (i.Rd == 0 || hart.Csrs.TryRead(hart, i.Csr, out old)) && hart.Csrs.TryWrite(hart, i.Csr, source),
            _ when i.Rs1 == 0 => hart.Csrs.TryRead(hart, i.Csr, out old),
            CsrOperation.Set => hart.Csrs.TryModify(hart, i.Csr, source, 0, out old),
            _ => hart.Csrs.TryModify(hart, i.Csr, 0, source, out old),
        };
        if (!legal)
            return Illegal(i, out trap);
        if (i.Rd != 0)
            st->X[i.Rd] = old;
        st->Pc += i.Length;
        trap = default;
        return true;
    }

    private static bool Illegal(in Instruction i, out Trap trap)
    {
        trap = new Trap(TrapCause.IllegalInstruction, i.Word);
        return false;
    }
}
