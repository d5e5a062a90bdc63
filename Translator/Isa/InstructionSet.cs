using RvJit.Machine;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Isa;

/// <summary>
/// The instructions that a hart has: the rows that its extensions provide, and decoding by them. What is outside the set
/// decodes to nothing. A compressed instruction is inside when what it expands to is, too.
/// </summary>
public sealed class InstructionSet
{
    /// <summary>Rows by opcode bits 6:2 and funct3 (32-bit), or by quadrant and bits 15:13 (16-bit).</summary>
    private readonly Row[][] _wide;
    private readonly Row[][] _compressed;

    public InstructionSet(ExtensionSet extensions)
    {
        Extensions = extensions;
        Rows = Provided();
        _wide = Buckets(32, 0x707C, 256, w => (int)(((w >> 2) & 31) << 3 | ((w >> 12) & 7)));
        _compressed = Buckets(16, 0xE003, 32, w => (int)((w & 3) << 3 | ((w >> 13) & 7)));
    }

    /// <summary>Every row of the table.</summary>
    public static InstructionSet Max { get; } = new(ExtensionSet.Max);

    /// <summary>Every row that is in a ratified specification, which other emulators know, too.</summary>
    public static InstructionSet Ratified { get; } = new(ExtensionSet.Ratified);

    public ExtensionSet Extensions { get; }

    public IReadOnlyList<Row> Rows { get; }

    /// <summary>Decodes a 32-bit word, or its low half when that is a compressed instruction.</summary>
    public Instruction Decode(uint word)
    {
        if ((word & 3) == 3)
            return DecodeWide(word, word, 4);
        word &= 0xFFFF;
        CompressedRow? c = FindCompressed(word);
        uint expanded = c?.Expand(word) ?? 0;
        return expanded == 0 ? new Instruction(null, word, 0, 0, 0, 0, 0, 0, 2) : DecodeWide(expanded, word, 2);
    }

    /// <summary>The compressed row of 16 bits, before expansion.</summary>
    public CompressedRow? FindCompressed(uint bits)
    {
        foreach (Row row in _compressed[(int)((bits & 3) << 3 | ((bits >> 13) & 7))])
        {
            if ((bits & row.Encoding.Mask) == row.Encoding.Match)
                return (CompressedRow)row;
        }

        return null;
    }

    /// <summary>Rows of one extension stand together, so the question is asked once for them.</summary>
    private List<Row> Provided()
    {
        var rows = new List<Row>(InstructionTable.Rows.Count);
        Row? before = null;
        bool provided = false;
        foreach (Row row in InstructionTable.Rows)
        {
            if (row.Extensions != before?.Extensions || row.AlsoNeeds != before.AlsoNeeds)
                provided = row.Extensions.Any(Extensions.Contains) && (row.AlsoNeeds is null || Extensions.Contains(row.AlsoNeeds));
            if (provided)
                rows.Add(row);
            before = row;
        }

        return rows;
    }

    private Instruction DecodeWide(uint word, uint fetched, byte length)
    {
        foreach (Row row in _wide[(int)(((word >> 2) & 31) << 3 | ((word >> 12) & 7))])
        {
            if ((word & row.Encoding.Mask) != row.Encoding.Match)
                continue;
            Instruction i = Instruction.FromWord(row, word, fetched, length);
            if (!row.IsReserved(i))
                return i;
        }

        return new Instruction(null, fetched, 0, 0, 0, 0, 0, 0, length);
    }

    private Row[][] Buckets(int bits, uint keyBits, int count, Func<uint, int> bucketOf)
    {
        var buckets = new List<Row>?[count];
        foreach (Row row in Rows)
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

        return Array.ConvertAll(buckets, bucket => bucket?.ToArray() ?? []);
    }
}
