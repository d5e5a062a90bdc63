using RvJit.Translator.Isa;

namespace RvJit.Fuzz.Support;

/// <summary>
/// Builds instruction words from the text of a row's encoding: the inverse of decoding, which reads the bits by format
/// and never looks at the text again.
/// </summary>
internal static class Encoder
{
    private static readonly Dictionary<string, Row> _rows = InstructionTable.Rows.ToDictionary(row => row.Name);

    public static Row Row(string name) => _rows[name];

    /// <summary>The word of a 32-bit row. Shift amounts, rounds and byte numbers are given as imm, a CSR's immediate as uimm.</summary>
    public static uint Word(
        string name, int rd = 0, int rs1 = 0, int rs2 = 0, int rs3 = 0, long imm = 0, int csr = 0, int uimm = 0, int rm = 7, int aqrl = 0) =>
        Word(_rows[name], new Dictionary<string, long>
        {
            ["rd"] = rd,
            ["rs1"] = rs1,
            ["rs2"] = rs2,
            ["rs3"] = rs3,
            ["imm"] = imm,
            ["shamt"] = imm,
            ["shamt5"] = imm,
            ["rnum"] = imm,
            ["bs"] = imm,
            ["csr"] = csr,
            ["uimm"] = uimm,
            ["rm"] = rm,
            ["aq"] = aqrl >> 1,
            ["rl"] = aqrl & 1,
            ["fm"] = 0,
            ["pred"] = 15,
            ["succ"] = 15,
        });

    public static uint Word(Row row, IReadOnlyDictionary<string, long> values)
    {
        uint word = 0;
        foreach (EncodingField field in FieldsOf(row))
        {
            long value = field.IsFixed ? 0 : values[field.Name];
            foreach (int bit in field.Bits)
                word = (word << 1) | (uint)(field.IsFixed ? bit : (value >> bit) & 1);
        }

        return word;
    }

    /// <summary>The fields of a 32-bit row, most significant first.</summary>
    public static IEnumerable<EncodingField> FieldsOf(Row row) =>
        row.EncodingText.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(EncodingField.Parse);

    /// <summary>A random instance of a row; of a compressed one, a valid one.</summary>
    public static uint Random(Row row, Random random)
    {
        uint ones = row.Encoding.Bits == 16 ? 0xFFFF : 0xFFFFFFFF;
        while (true)
        {
            uint word = row.Encoding.Match | ((uint)random.NextInt64() & ~row.Encoding.Mask & ones);
            bool itself = row.Encoding.Bits == 16
                ? InstructionTable.FindCompressed(word) == row && !InstructionTable.Decode(word).IsIllegal
                : InstructionTable.Decode(word).Row == row;
            if (itself)
                return word;
        }
    }
}

/// <summary>One token of an encoding: fixed bits, or bits of a named field.</summary>
/// <param name="Name">Field name without its bit list; empty for fixed bits.</param>
/// <param name="Bits">Fixed: the bits. Otherwise: which bit of the field's value each is. Most significant first.</param>
internal sealed record EncodingField(string Name, int[] Bits)
{
    public bool IsFixed => Name.Length == 0;

    public static EncodingField Parse(string token)
    {
        if (token[0] is '0' or '1')
            return new EncodingField("", [.. token.Select(c => c - '0')]);
        int bracket = token.IndexOf('[', StringComparison.Ordinal);
        if (bracket >= 0)
            return new EncodingField(token[..bracket], [.. token[(bracket + 1)..^1].Split('|').SelectMany(Span)]);
        int width = token switch
        {
            "rd" or "rs1" or "rs2" or "rs3" or "uimm" or "shamt5" => 5,
            "shamt" => 6,
            "rnum" => 4,
            "bs" => 2,
            "rm" => 3,
            "csr" => 12,
            "aq" or "rl" => 1,
            "fm" or "pred" or "succ" => 4,
            _ => int.Parse(token.AsSpan(token.IndexOf(':', StringComparison.Ordinal) + 1)),
        };
        return new EncodingField(token, [.. Span($"{width - 1}:0")]);
    }

    /// <summary>"10:5" is 10, 9, ..., 5; "11" is itself.</summary>
    private static IEnumerable<int> Span(string bits)
    {
        string[] ends = bits.Split(':');
        int first = int.Parse(ends[0]);
        int last = int.Parse(ends[^1]);
        return Enumerable.Range(last, first - last + 1).Reverse();
    }
}
