using System.Text;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Isa;

/// <summary>What stands at an address, as "symbol+0x12", or null.</summary>
public delegate string? Symbolizer(ulong address);

/// <summary>
/// The text of one instruction as GNU objdump writes it. Names come from the rows; a syntax, which says what operands
/// stand where, follows from a row's format and operands. A syntax is text in which these words stand for values:
/// rd, rs1, rs2 integer registers, frd, frs1, frs2, frs3 floating-point ones, constant what fli loads, imm, shamt, uimm20, uimm, target, csr,
/// pred, succ, and hint, the immediate of a no-op unless it is 0.
/// </summary>
public static class Disassembler
{
    /// <summary>What an assembler writes for the instruction that must not exist: csrrw zero,cycle,zero.</summary>
    private const uint WideUnimplemented = 0xC0001073;

    private const uint CompressedNop = 0x0001;

    private static readonly string[] s_roundingModes = ["rne", "rtz", "rdn", "rup", "rmm", "unknown", "unknown", "dyn"];

    /// <summary>Mnemonic, tab, operands of the instruction in a word, or in its low half.</summary>
    /// <param name="word">The bits as fetched.</param>
    /// <param name="pc">Its address, from which branch targets are computed.</param>
    /// <param name="aliases">Whether to prefer li, mv, ret, ... and to show compressed instructions as what they do.</param>
    /// <param name="symbolize">Names branch targets: "10074 &lt;main+0x8&gt;" instead of "0x10074".</param>
    /// <param name="instructions">What is outside of this set is data; everything, by default.</param>
    public static string Format(
        uint word, ulong pc, bool aliases = false, Symbolizer? symbolize = null, InstructionSet? instructions = null)
    {
        instructions ??= InstructionSet.Max;
        Instruction i = instructions.Decode(word);
        if (i.Row is not { } row)
            return Unknown(i, aliases);
        if (word == WideUnimplemented)
            return "unimp";
        bool compressed = i.Length == 2 && (!aliases || IsCompressedHint(i, instructions));
        if (aliases && !compressed && Alias.Of(i) is { } alias)
            return Line(alias.Name, alias.Syntax, i, pc, symbolize);
        if (compressed)
            row = instructions.FindCompressed(i.Word)!;
        return Line(NameOf(row, i), SyntaxOf(row), i, pc, symbolize);
    }

    private static string Unknown(in Instruction i, bool aliases) => i switch
    {
        { Length: 2, Word: 0 } => aliases ? "unimp" : "c.unimp",
        { Length: 2 } => $".2byte\t0x{i.Word:x}",
        _ => $".4byte\t0x{i.Word:x}",
    };

    /// <summary>A computation into x0 other than c.nop: an assembler cannot write it but as it is.</summary>
    private static bool IsCompressedHint(in Instruction i, InstructionSet instructions)
    {
        Row row = i.Row!;
        if (row is HintRow)
            return instructions.FindCompressed(i.Word)!.Extensions[0] != row.Extensions[0]; // c.mv zero,sp is no c.ntl.p1
        return i.Rd == 0 && i.Word != CompressedNop && (row.Operands & Operands.WritesX) != 0 && row.Flow == Flow.Next;
    }

    private static string NameOf(Row row, in Instruction i) => row.Encoding.Format switch
    {
        Isa.Format.Amo => row.Name + ((i.Word >> 25) & 3) switch { 1 => ".rl", 2 => ".aq", 3 => ".aqrl", _ => "" },
        Isa.Format.Fence when IsTso(i) => row.Name + ".tso",
        _ => row.Name,
    };

    /// <summary>fm 1000, rw before rw.</summary>
    private static bool IsTso(in Instruction i) => i.Immediate == 0x833;

    private static string SyntaxOf(Row row)
    {
        if (row.Syntax is { } syntax)
            return syntax;
        Operands o = row.Operands;
        string rd = (o & Operands.WritesF) != 0 ? "frd" : "rd";
        string rs1 = (o & Operands.ReadsF1) != 0 ? "frs1" : "rs1";
        string rs2 = (o & Operands.ReadsF2) != 0 ? "frs2" : "rs2";
        return row.Encoding.Format switch
        {
            Isa.Format.R when (o & (Operands.WritesX | Operands.WritesF)) == 0 => $"{rs1},{rs2}",
            Isa.Format.R => $"{rd},{rs1},{rs2}",
            Isa.Format.ByteSelect => $"{rd},{rs1},{rs2},shamt",
            Isa.Format.R4 => $"{rd},{rs1},{rs2},frs3",
            Isa.Format.I when row.Memory.Bytes != 0 || row.Flow == Flow.JumpRegister => $"{rd},imm({rs1})",
            Isa.Format.I when o != Operands.None => $"{rd},{rs1},imm",
            Isa.Format.Shift or Isa.Format.Round => $"{rd},{rs1},shamt",
            Isa.Format.S when row is HintRow => $"imm({rs1})",
            Isa.Format.S => $"{rs2},imm({rs1})",
            Isa.Format.B => $"{rs1},{rs2},target",
            Isa.Format.U => $"{rd},uimm20",
            Isa.Format.J => $"{rd},target",
            Isa.Format.Csr => $"{rd},csr,{rs1}",
            Isa.Format.CsrImmediate => $"{rd},csr,uimm",
            Isa.Format.Amo when (o & Operands.ReadsX2) == 0 => $"{rd},({rs1})",
            Isa.Format.Amo => $"{rd},{rs2},({rs1})",
            Isa.Format.Fence => "pred,succ",
            Isa.Format.None when o == Operands.ReadsX1 => $"({rs1})",
            Isa.Format.None when o != Operands.None => $"{rd},{rs1}",
            _ => "",
        };
    }

    private static string Line(string name, string syntax, in Instruction i, ulong pc, Symbolizer? symbolize)
    {
        var text = new StringBuilder(name);
        ReadOnlySpan<char> rest = i.Row!.Encoding.Format == Isa.Format.Fence && IsTso(i) ? "" : syntax;
        int start = text.Length;
        while (!rest.IsEmpty)
        {
            int length = 0;
            while (length < rest.Length && char.IsAsciiLetterOrDigit(rest[length]))
                length++;
            if (length == 0)
                text.Append(rest[length++]);
            else
                AppendOperand(text, rest[..length], i, pc, symbolize);
            rest = rest[length..];
        }

        AppendRoundingMode(text, i);
        if (text.Length > start)
            text.Insert(start, '\t');
        return text.ToString();
    }

    private static void AppendOperand(
        StringBuilder text, ReadOnlySpan<char> operand, in Instruction i, ulong pc, Symbolizer? symbolize)
    {
        switch (operand)
        {
            case "rd": text.Append(RegisterNames.Integer[i.Rd]); break;
            case "rs1": text.Append(RegisterNames.Integer[i.Rs1]); break;
            case "rs2": text.Append(RegisterNames.Integer[i.Rs2]); break;
            case "frd": text.Append(RegisterNames.Float[i.Rd]); break;
            case "frs1": text.Append(RegisterNames.Float[i.Rs1]); break;
            case "frs2": text.Append(RegisterNames.Float[i.Rs2]); break;
            case "frs3": text.Append(RegisterNames.Float[i.Rs3]); break;
            case "constant": text.Append(Kernels.FloatConstants.Text(i.Rs1)); break;
            case "imm": text.Append(i.Immediate); break;
            case "hint" when i.Immediate == 0: break;
            case "hint": text.Append(i.Immediate); break;
            case "shamt": text.Append($"0x{i.Immediate & 63:x}"); break;
            case "uimm20": text.Append($"0x{(i.Immediate >> 12) & 0xFFFFF:x}"); break;
            case "uimm": text.Append(i.CsrImmediate); break;
            case "csr": text.Append(CsrNames.Of(i.Csr)); break;
            case "pred": AppendFenceSet(text, (int)(i.Immediate >> 4) & 15); break;
            case "succ": AppendFenceSet(text, (int)i.Immediate & 15); break;
            case "target": AppendTarget(text, pc + (ulong)i.Immediate, symbolize); break;
            default: text.Append(operand); break;
        }
    }

    private static void AppendTarget(StringBuilder text, ulong target, Symbolizer? symbolize)
    {
        if (symbolize?.Invoke(target) is { } symbol)
            text.Append($"{target:x} <{symbol}>");
        else
            text.Append($"0x{target:x}");
    }

    /// <summary>The rm field, unless it is what an assembler would write itself: dyn, or rne where nothing is rounded.</summary>
    private static void AppendRoundingMode(StringBuilder text, in Instruction i)
    {
        Row row = i.Row!;
        int silent = row.IsExact ? 0 : Kernels.RoundingModes.Dynamic;
        if (row.Encoding.HasRoundingMode && i.RoundingMode != silent)
            text.Append(',').Append(s_roundingModes[i.RoundingMode]);
    }

    private static void AppendFenceSet(StringBuilder text, int set)
    {
        if (set == 0)
            text.Append("unknown");
        for (int bit = 3; bit >= 0; bit--)
        {
            if ((set & (1 << bit)) != 0)
                text.Append("wroi"[bit]);
        }
    }
}
