using RvJit.Machine;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Rows;

/// <summary>Turns the 16 bits of a compressed instruction into its base instruction's 32, or 0 when they are reserved.</summary>
public delegate uint Expansion(uint bits);

/// <summary>
/// A 16-bit instruction: an encoding and the base instruction it stands for. It is expanded when decoded, so it has no
/// meaning of its own to execute.
/// </summary>
public sealed class CompressedRow(string name, string encoding, string syntax, Expansion expand)
    : Row(name, encoding, Operands.None, Flow.Leave)
{
    /// <summary>Operands as an assembler prints them, in terms of the expanded instruction (see <see cref="Disassembler"/>).</summary>
    public override string Syntax => syntax;

    public Expansion Expand { get; } = expand;

    public override bool Execute(Hart hart, in Instruction i, out Trap trap) =>
        throw new InvalidOperationException($"{Name} is expanded before it is executed");

    public override void Emit(RegionEmitter e, in Instruction i) =>
        throw new InvalidOperationException($"{Name} is expanded before it is translated");
}
