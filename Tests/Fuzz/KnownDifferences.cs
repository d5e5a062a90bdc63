using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Fuzz;

/// <summary>Where qemu-riscv64 is no reference.</summary>
internal static class KnownDifferences
{
    /// <summary>
    /// Linux leaves senvcfg.CBIE at 0, so cbo.inval is illegal in user mode; qemu-riscv64 has no supervisor that says so.
    /// </summary>
    public static bool IsNotCompared(Row row) => row.Name == "cbo.inval" || LosesFlags(row);

    /// <summary>A wait on a reservation set may end the reservation: it does under qemu, and not here.</summary>
    public static bool EndsReservation(Row row) => row.Extensions.Contains("zawrs");

    /// <summary>
    /// Vector instructions, by opcode and width field: qemu-riscv64 moves whole vector registers even for a processor
    /// without them, because it takes mstatus.VS for granted.
    /// </summary>
    public static bool IsNotCompared(uint word) => (word & 0x7F) switch
    {
        0x07 or 0x27 => ((word >> 12) & 7) is 0 or 5 or 6 or 7,
        0x57 => true,
        _ => InstructionTable.Decode(word) is { Row: { } row } i && (IsNotCompared(row) || IsMissingCounter(i) || IsSwapIntoZero(i)),
    };

    /// <summary>
    /// fround and froundnx: qemu 10 calls their helpers free of side effects, and drops the call and its flags when the
    /// result is overwritten before it is read.
    /// </summary>
    private static bool LosesFlags(Row row) => row.Name.StartsWith("fround", StringComparison.Ordinal);

    /// <summary>qemu has 16 of Zihpm's 29 counters; user code may read all of them here.</summary>
    private static bool IsMissingCounter(in Instruction i) => i.Row!.Encoding.Format is Format.Csr or Format.CsrImmediate
        && i.Csr is > Csr.FirstHpmCounter + 15 and <= Csr.LastHpmCounter;

    /// <summary>amocas into x0: qemu 10 loads into its constant zero, and the rest of the block computes with that.</summary>
    private static bool IsSwapIntoZero(in Instruction i) => i.Rd == 0 && i.Row!.Name.StartsWith("amocas", StringComparison.Ordinal);
}
