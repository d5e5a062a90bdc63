using RvJit.Translator.Isa.Rows;
using RvJit.Translator.Isa.Tables;

namespace RvJit.Translator.Isa;

/// <summary>All rows, and decoding by them.</summary>
public static class InstructionTable
{
    private static readonly Row[] s_rows =
    [
        .. Of(["i"], BaseTable.I()),
        .. Of(["zifencei"], BaseTable.Zifencei()),
        .. Of(["zicsr"], BaseTable.Zicsr()),
        .. Of(["m"], BaseTable.M()),
        .. Of(["a"], BaseTable.A()),
        .. Of(["f"], FloatTable.F()),
        .. Of(["d"], FloatTable.D()),
        .. Of(["c"], CompressedTable.C()),
    ];

    /// <summary>Rows by opcode bits 6:2 and funct3 (32-bit), or by quadrant and bits 15:13 (16-bit).</summary>
    private static readonly Row[][] s_wide = Buckets(32, 256, w => (int)(((w >> 2) & 31) << 3 | ((w >> 12) & 7)));
    private static readonly Row[][] s_compressed = Buckets(16, 32, w => (int)((w & 3) << 3 | ((w >> 13) & 7)));

    public static IReadOnlyList<Row> Rows => s_rows;

    /// <summary>Bytes of the instruction that starts with these 16 bits. Longer than 4 is not in the table.</summary>
    public static int LengthOf(ushort parcel) => (parcel & 3) == 3 ? 4 : 2;

    /// <summary>Decodes a 32-bit word, or its low half when that is a compressed instruction.</summary>
    public static Instruction Decode(uint word)
    {
        if ((word & 3) == 3)
            return DecodeWide(word, word, 4);
        word &= 0xFFFF;
        CompressedRow? c = FindCompressed(word);
        uint expanded = c?.Expand(word) ?? 0;
        return expanded == 0 ? new Instruction(null, word, 0, 0, 0, 0, 0, 0, 2) : DecodeWide(expanded, word, 2);
    }

    /// <summary>The compressed row of 16 bits, before expansion.</summary>
    public static CompressedRow? FindCompressed(uint bits)
    {
        foreach (Row row in s_compressed[(int)((bits & 3) << 3 | ((bits >> 13) & 7))])
        {
            if ((bits & row.Encoding.Mask) == row.Encoding.Match)
                return (CompressedRow)row;
        }

        return null;
    }

    private static Instruction DecodeWide(uint word, uint fetched, byte length)
    {
        foreach (Row row in s_wide[(int)(((word >> 2) & 31) << 3 | ((word >> 12) & 7))])
        {
            if ((word & row.Encoding.Mask) == row.Encoding.Match)
                return Instruction.FromWord(row, word, fetched, length);
        }

        return new Instruction(null, fetched, 0, 0, 0, 0, 0, 0, length);
    }

    private static Row[] Of(string[] extensions, Row[] rows)
    {
        foreach (Row row in rows)
            row.Extensions = extensions;
        return rows;
    }

    private static Row[][] Buckets(int bits, int count, Func<uint, int> bucketOf)
    {
        var buckets = new List<Row>?[count];
        uint keyBits = bits == 32 ? 0x707Cu : 0xE003u;
        foreach (Row row in s_rows)
        {
            if (row.Encoding.Bits != bits)
                continue;

            // A row whose key bits are not all fixed (rm in funct3, U and J immediates) stands in every bucket it can match.
            uint free = keyBits & ~row.Encoding.Mask;
            uint sub = 0;
            do
            {
                (buckets[bucketOf(row.Encoding.Match | sub)] ??= []).Add(row);
                sub = (sub - free) & free;
            }
            while (sub != 0);
        }

        var result = new Row[count][];
        for (int i = 0; i < count; i++)
            result[i] = buckets[i]?.ToArray() ?? [];
        return result;
    }
}
