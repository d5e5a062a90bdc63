namespace RvJit.Translator.Isa;

/// <summary>How an instruction's operands are laid out; follows from its encoding's field names.</summary>
public enum Format
{
    None,
    R,

    /// <summary>R with the number of a byte of rs2 beside it.</summary>
    ByteSelect,
    R4,
    I,
    Shift,

    /// <summary>The number of a cipher's round in place of rs2.</summary>
    Round,
    S,
    B,
    U,
    J,
    Csr,
    CsrImmediate,
    Amo,
    Fence,

    /// <summary>16-bit instruction: its row expands it to a base instruction.</summary>
    Compressed,
}

/// <summary>
/// An encoding in the manual's own notation, most significant bit first: fixed bits as 0 and 1, fields by name
/// ("0000000 rs2 rs1 000 rd 0110011"). Gives the mask and match of decoding, and the operand format.
/// </summary>
public readonly record struct Encoding(uint Mask, uint Match, int Bits, Format Format, bool HasRoundingMode)
{
    public static Encoding Parse(string text)
    {
        uint mask = 0, match = 0;
        int bits = 0;
        var fields = new FieldSet();
        foreach (Range range in text.AsSpan().Split(' '))
        {
            ReadOnlySpan<char> token = text.AsSpan()[range];
            if (token.IsEmpty)
                continue;
            if (token[0] is '0' or '1')
            {
                foreach (char c in token)
                {
                    mask = (mask << 1) | 1;
                    match = (match << 1) | (c == '1' ? 1u : 0u);
                }

                bits += token.Length;
                continue;
            }

            int width = fields.Note(token, text);
            mask <<= width;
            match <<= width;
            bits += width;
        }

        if (bits is not (16 or 32))
            throw new InvalidOperationException($"encoding '{text}' has {bits} bits");
        return new Encoding(mask, match, bits, bits == 16 ? Format.Compressed : fields.Format, fields.RoundingMode);
    }

    /// <summary>Collects which fields an encoding has, and so which format it is.</summary>
    private ref struct FieldSet
    {
        public Format Format;
        public bool RoundingMode;

        public int Note(ReadOnlySpan<char> token, string text)
        {
            // A 16-bit row names its fields as name:width; only their widths matter, its expansion reads the bits.
            int colon = token.IndexOf(':');
            if (colon > 0 && !token.Contains('['))
                return int.Parse(token[(colon + 1)..]);
            (int width, Format format) = token switch
            {
                "rd" or "rs1" => (5, Format.None),
                "rs2" => (5, Format.R),
                "bs" => (2, Format.ByteSelect),
                "rd[4:1]" => (4, Format.None),
                "rs2[4:1]" => (4, Format.R),
                "rs3" => (5, Format.R4),
                "rm" => (3, Format.None),
                "imm[11:0]" => (12, Format.I),
                "shamt" => (6, Format.Shift),
                "shamt5" => (5, Format.Shift),
                "rnum" => (4, Format.Round),
                "imm[11:5]" or "imm[4:0]" => (token.Length == 9 ? 7 : 5, Format.S),
                "imm[12|10:5]" => (7, Format.B),
                "imm[4:1|11]" => (5, Format.B),
                "imm[31:12]" => (20, Format.U),
                "imm[20|10:1|11|19:12]" => (20, Format.J),
                "csr" => (12, Format.Csr),
                "uimm" => (5, Format.CsrImmediate),
                "aq" or "rl" => (1, Format.Amo),
                "fm" or "pred" or "succ" => (4, Format.Fence),
                _ => throw new InvalidOperationException($"unknown field '{token}' in encoding '{text}'"),
            };
            RoundingMode |= token is "rm";
            if (format > Format || Format == Format.None)
                Format = Merge(format);
            return width;
        }

        private readonly Format Merge(Format format) => Format switch
        {
            // imm before rs2 (stores, branches), csr before uimm, aq/rl before rs2: the special field decides.
            Format.S or Format.B or Format.Amo or Format.R4 when format is Format.R => Format,
            _ => format,
        };
    }
}
