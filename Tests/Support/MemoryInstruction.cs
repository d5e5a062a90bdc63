using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Tests.Support;

/// <summary>A load, store or atomic operation, as tests of memory rules need to know it.</summary>
internal sealed record MemoryInstruction(string Name, int Bytes, bool Writes, bool IsAtomic)
{
    /// <summary>Every row that touches memory.</summary>
    public static IEnumerable<MemoryInstruction> All => InstructionTable.Rows
        .Where(row => row.Encoding.Bits == 32 && (row.Memory.Bytes != 0 || row.Encoding.Format == Format.Amo))
        .Select(row => row.Encoding.Format == Format.Amo
            ? new MemoryInstruction(row.Name, AtomicBytes(row.Name), (row.Operands & Operands.ReadsX2) != 0, true)
            : new MemoryInstruction(row.Name, row.Memory.Bytes, row.Memory.Writes, false));

    public TrapCause PageFault => Writes ? TrapCause.StorePageFault : TrapCause.LoadPageFault;

    public TrapCause AccessFault => Writes ? TrapCause.StoreAccessFault : TrapCause.LoadAccessFault;

    /// <summary>
    /// The word with operands a0 (or fa0) at a1 + imm; atomics have no offset, and the one that writes a pair of registers
    /// leaves a1 alone.
    /// </summary>
    public uint Word(long imm = 0) => Writes && !IsAtomic
        ? Encoder.Word(Name, rs1: 11, rs2: 10, imm: imm)
        : Encoder.Word(Name, rd: Bytes == 16 ? 14 : 10, rs1: 11, rs2: Writes ? 12 : 0, imm: imm);

    public override string ToString() => Name;

    private static int AtomicBytes(string name) => name[^1] switch { 'b' => 1, 'h' => 2, 'w' => 4, 'd' => 8, _ => 16 };
}
