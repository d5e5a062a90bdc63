using RvJit.Fuzz.Support;
using RvJit.Translator.Isa;

namespace RvJit.Fuzz.Generation;

/// <summary>Instances of rows for one program: operands mostly in its hot registers, steering registers left alone.</summary>
internal sealed class WordSource(Random random, Registers registers)
{
    private const int Tries = 200;
    private const int RdShift = 7, RmShift = 12, Rs1Shift = 15, Rs2Shift = 20, Rs3Shift = 27, ImmediateShift = 20;
    private const uint Dynamic = 7;

    private static readonly Dictionary<Row, HashSet<string>> s_fields = InstructionTable.Rows
        .ToDictionary(row => row, row => row.EncodingText.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet());

    private static readonly int[] s_immediates = [0, 1, -1, 2047, -2048, 2, -2, 8, 31, 32, 63, 64, 255];

    /// <summary>An instance that satisfies a condition, or null when none was found.</summary>
    public uint? TryMake(Row row, Func<Instruction, bool>? condition = null)
    {
        for (int n = 0; n < Tries; n++)
        {
            uint word = Encoder.Random(row, random);
            if (row.Encoding.Bits == 32)
                word = WithUsualOperands(row, word);
            Instruction i = InstructionTable.Decode(word);
            bool itself = row.Encoding.Bits == 16 ? InstructionTable.FindCompressed(word) == row && !i.IsIllegal : i.Row == row;
            if (itself && !KnownDifferences.IsNotCompared(word) && !WritesControl(i) && (condition is null || condition(i)))
                return word;
        }

        return null;
    }

    /// <summary>An instance of one of the rows.</summary>
    public uint? TryMake(IReadOnlyList<Row> rows, Func<Instruction, bool>? condition = null) =>
        rows.Count == 0 ? null : TryMake(rows[random.Next(rows.Count)], condition);

    public int FreeRegister() => random.Next(2) == 0 ? Pick(registers.Hot) : Pick(registers.Free);

    public int AnyFloat() => random.Next(2) == 0 ? Pick(registers.HotFloat) : random.Next(32);

    /// <summary>A free register other than some; there are always enough.</summary>
    public int FreeRegisterBut(params ReadOnlySpan<int> others)
    {
        while (true)
        {
            int register = FreeRegister();
            if (!others.Contains(register))
                return register;
        }
    }

    public bool WritesControl(in Instruction i)
    {
        if ((i.Row!.Operands & Operands.WritesX) == 0)
            return false;
        bool pair = i.Row.Name.EndsWith(".q", StringComparison.Ordinal); // amocas.q writes two registers
        return registers.IsControl(i.Rd) || (pair && registers.IsControl(i.Rd + 1));
    }

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];

    private uint WithUsualOperands(Row row, uint word)
    {
        HashSet<string> fields = s_fields[row];
        Operands operands = row.Operands;
        if (fields.Contains("rd"))
            word = With(word, RdShift, (operands & Operands.WritesF) != 0);
        if (fields.Contains("rs1"))
            word = With(word, Rs1Shift, (operands & Operands.ReadsF1) != 0);
        if (fields.Contains("rs2"))
            word = With(word, Rs2Shift, (operands & Operands.ReadsF2) != 0);
        if (fields.Contains("rs3"))
            word = With(word, Rs3Shift, isFloat: true);
        if (fields.Contains("rm"))
            word = (word & ~(7u << RmShift)) | ((random.Next(2) == 0 ? Dynamic : (uint)random.Next(5)) << RmShift);
        if (fields.Contains("imm[11:0]") && random.Next(4) == 0)
            word = (word & ((1u << ImmediateShift) - 1)) | ((uint)Pick(s_immediates) << ImmediateShift);
        return word;
    }

    private uint With(uint word, int shift, bool isFloat)
    {
        int register = random.Next(8) switch
        {
            0 => random.Next(32),
            1 when !isFloat => 0,
            _ => isFloat ? Pick(registers.HotFloat) : Pick(registers.Hot),
        };
        return (word & ~(31u << shift)) | ((uint)register << shift);
    }
}
