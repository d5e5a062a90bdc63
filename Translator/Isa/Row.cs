using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa;

/// <summary>Where control goes after an instruction.</summary>
public enum Flow
{
    Next,

    /// <summary>To pc + immediate or on, by a condition.</summary>
    Branch,

    /// <summary>To pc + immediate; links when rd is not x0.</summary>
    Jump,

    /// <summary>To rs1 + immediate; links when rd is not x0.</summary>
    JumpRegister,

    /// <summary>
    /// On, and only <see cref="Row.Execute"/> does it, outside code: a region ends before it, unless the row says that this
    /// instance is translated.
    /// </summary>
    Leave,
}

/// <summary>Which operands an instruction reads and writes, for the translator's data flow.</summary>
[Flags]
public enum Operands
{
    None = 0,
    ReadsX1 = 1,
    ReadsX2 = 2,
    WritesX = 4,
    ReadsF1 = 8,
    ReadsF2 = 16,
    ReadsF3 = 32,
    WritesF = 64,
    AnyFloat = ReadsF1 | ReadsF2 | ReadsF3 | WritesF,

    /// <summary>rd is an operand, too: what amocas compares with.</summary>
    ReadsXD = 128,
}

/// <summary>
/// One instruction, defined in one place: name, encoding, meaning. The decoder, the disassembler, the interpreter, the
/// translator and the table tests all come from the rows of <see cref="InstructionTable"/>.
/// </summary>
public abstract unsafe class Row(string name, string encoding, Operands operands, Flow flow = Flow.Next)
{
    public string Name { get; } = name;

    public string EncodingText { get; } = encoding;

    public Encoding Encoding { get; } = Encoding.Parse(encoding);

    public Operands Operands { get; } = operands;

    public Flow Flow { get; } = flow;

    /// <summary>Whether control may go elsewhere than on.</summary>
    public bool Transfers => Flow is Flow.Branch or Flow.Jump or Flow.JumpRegister;

    /// <summary>
    /// The extensions any one of which provides this row, as in an ISA string and without bundles (b, g, zkn, ...); set by
    /// the table.
    /// </summary>
    public IReadOnlyList<string> Extensions { get; internal set; } = [];

    /// <summary>An extension that must be there besides, or null: fcvt.d.h is Zfhmin's and needs D.</summary>
    public string? AlsoNeeds { get; internal set; }

    /// <summary>
    /// The threaded interpreter's handler. The default leaves the loop, and the engine calls <see cref="Execute"/>.
    /// </summary>
    public virtual nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Slow;

    /// <summary>
    /// The handler on harts that translate addresses (<see cref="TlbPolicy"/>); rows that touch memory, jump or use
    /// floating-point state have their own.
    /// </summary>
    public virtual nint PagedHandler => (Operands & Operands.AnyFloat) != 0
        ? (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Slow
        : Handler;

    /// <summary>The handler of a jump whose target lies in its own page, or 0: the immediate is then in records.</summary>
    public virtual nint NearHandler => 0;

    /// <summary>Whether the handler itself leaves x0 alone; otherwise a record that would write it is replaced.</summary>
    public virtual bool HandlesX0 => false;

    /// <summary>Whether the manual reserves these operands: the bits are then no instruction.</summary>
    public virtual bool IsReserved(in Instruction i) => false;

    /// <summary>Packs what the handler needs beyond registers; the default is the immediate.</summary>
    public virtual int PackImmediate(in Instruction i) => (int)i.Immediate;

    /// <summary>
    /// Executes the instruction precisely, whatever it meets: device memory, faults, page crossings, watched code. On
    /// success pc has moved on; on a trap nothing has changed.
    /// </summary>
    public abstract bool Execute(Hart hart, in Instruction i, out Trap trap);

    /// <summary>Emits IL into a region. Only called when <see cref="CanTranslate"/> said yes.</summary>
    public abstract void Emit(RegionEmitter e, in Instruction i);

    /// <summary>Whether the translator does this instance; otherwise the region ends before it.</summary>
    public virtual bool CanTranslate(in Instruction i) => Flow != Flow.Leave;

    /// <summary>Whether the result is a register plus a constant (register 0: the constant alone), as addresses are made.</summary>
    public virtual bool TryGetSum(in Instruction i, ulong pc, out int source, out long addend)
    {
        source = 0;
        addend = 0;
        return false;
    }

    /// <summary>Whether the result is the sign-extended low word of a register plus a constant, as counters are made.</summary>
    public virtual bool TryGetWordSum(in Instruction i, out int source, out long addend)
    {
        source = 0;
        addend = 0;
        return false;
    }

    /// <summary>Whether the result is rs2 plus rs1 shifted left, as elements of arrays are addressed.</summary>
    public virtual bool TryGetShiftedSum(in Instruction i, out int shift)
    {
        shift = 0;
        return false;
    }

    /// <summary>Which constant shift of rs1 the result is.</summary>
    public virtual ShiftForm Shift(in Instruction i) => default;

    /// <summary>Whether operands of which no bit is one in both come out as the bits of both.</summary>
    public virtual bool JoinsBits => false;

    /// <summary>What the instruction does to each of many elements.</summary>
    public virtual LaneForm Lanes(in Instruction i) => default;

    /// <summary>The IL branch on rs1 and rs2 that is taken when the instruction's is; null for no branch.</summary>
    public virtual OpCode? Condition => null;

    /// <summary>Bounds of the result, given those of rs1 and rs2.</summary>
    public virtual ValueRange RangeOf(in Instruction i, ValueRange first, ValueRange second) => ValueRange.Any;

    /// <summary>What the instruction has to do with words.</summary>
    public virtual WordForm Words(in Instruction i) => WordForm.None;

    /// <summary>The memory access the instruction makes, for merging permission checks; size 0: none.</summary>
    public virtual MemoryShape Memory => default;

    /// <summary>The atomic or cache-block operation that the instruction makes at the address in rs1.</summary>
    public virtual AtomicShape Atomic => default;

    /// <summary>What <see cref="AtomicKind.Modify"/> leaves in memory that held <paramref name="old"/>.</summary>
    public virtual ulong Modify(ulong old, ulong operand) => operand;

    public const int NoCsr = -1;

    /// <summary>The CSR that the instruction writes, or <see cref="NoCsr"/>.</summary>
    public virtual int WrittenCsr(in Instruction i) => NoCsr;

    /// <summary>Operands as an assembler prints them, when the format does not say (see <see cref="Disassembler"/>).</summary>
    public virtual string? Syntax => null;

    /// <summary>How the row sees the F registers it reads.</summary>
    public virtual FloatView SourceView => FloatView.None;

    /// <summary>How the row sees the F register it writes.</summary>
    public virtual FloatView ResultView => FloatView.None;

    /// <summary>What translated code does with the F operands.</summary>
    public virtual FloatUse FloatUse(in Instruction i) => default;

    /// <summary>A conversion that never rounds: its rm field means nothing, and assemblers write rne there.</summary>
    public virtual bool IsExact => false;

    /// <summary>Whether the row computes under the dynamic rounding mode.</summary>
    public virtual bool UsesFrm(in Instruction i) => false;

    /// <summary>
    /// Whether the instruction reads or writes an F register or fcsr: the state that mstatus.FS guards (privileged
    /// manual, "Extension Context Status in mstatus Register").
    /// </summary>
    public virtual bool UsesFloatState(in Instruction i) => (Operands & Operands.AnyFloat) != 0;

    /// <summary>
    /// Whether nothing that translated code has computed or found out may be used after the instruction: a region writes all back
    /// for it, and what follows is entered as from outside.
    /// </summary>
    public virtual bool EntersAfter(in Instruction i) => false;
}

/// <summary>A checked access at rs1 + immediate.</summary>
public readonly record struct MemoryShape(int Bytes, bool Writes);

/// <summary>What an atomic operation does to memory.</summary>
public enum AtomicKind : byte
{
    None,
    /// <summary>Only reads, so it faults as a load.</summary>
    LoadReserved,

    /// <summary>Stores rs2 when it answers 0.</summary>
    StoreConditional,

    /// <summary>Stores <see cref="Row.Modify"/>.</summary>
    Modify,

    /// <summary>Stores rs2 where memory held rd.</summary>
    CompareAndSwap,

    /// <summary>Stores zeros in the whole block around the address; envcfg may forbid it.</summary>
    ZeroBlock,
}

public readonly record struct AtomicShape(AtomicKind Kind, int Bytes);

/// <summary>How a row sees its F operands.</summary>
public enum FloatView
{
    None,
    Half,
    Single,
    Double,
}
