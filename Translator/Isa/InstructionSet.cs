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
    private readonly RowDefinition[][] _wide;
    private readonly RowDefinition[][] _compressed;
    private readonly List<RowDefinition> _definitions;

    public InstructionSet(ExtensionSet extensions)
    {
        Extensions = extensions;
        _definitions = Provided();
        _wide = Buckets(32, 0x707C, 256, w => (int)(((w >> 2) & 31) << 3 | ((w >> 12) & 7)));
        _compressed = Buckets(16, 0xE003, 32, w => (int)((w & 3) << 3 | ((w >> 13) & 7)));
    }

    /// <summary>Every row of the table.</summary>
    public static InstructionSet Max { get; } = new(ExtensionSet.Max);

    /// <summary>Every row that is in a ratified specification, which other emulators know, too.</summary>
    public static InstructionSet Ratified { get; } = new(ExtensionSet.Ratified);

    public ExtensionSet Extensions { get; }

    /// <summary>The rows of the set, made.</summary>
    public IReadOnlyList<Row> Rows => field ??= _definitions.ConvertAll(definition => definition.Row);

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
        foreach (RowDefinition definition in _compressed[(int)((bits & 3) << 3 | ((bits >> 13) & 7))])
        {
            if ((bits & definition.Encoding.Mask) == definition.Encoding.Match)
                return (CompressedRow)definition.Row;
        }

        return null;
    }

    /// <summary>Rows of one extension stand together, so the question is asked once for them.</summary>
    private List<RowDefinition> Provided()
    {
        var provided = new List<RowDefinition>(InstructionTable.Definitions.Count);
        RowDefinition? before = null;
        bool has = false;
        foreach (RowDefinition definition in InstructionTable.Definitions)
        {
            if (definition.Extensions != before?.Extensions || definition.AlsoNeeds != before.AlsoNeeds)
                has = Provides(definition);
            if (has)
                provided.Add(definition);
            before = definition;
        }

        return provided;
    }

    private bool Provides(RowDefinition definition)
    {
        if (definition.AlsoNeeds is { } also && !Extensions.Contains(also))
            return false;
        foreach (string extension in definition.Extensions)
        {
            if (Extensions.Contains(extension))
                return true;
        }

        return false;
    }

    private Instruction DecodeWide(uint word, uint fetched, byte length)
    {
        foreach (RowDefinition definition in _wide[(int)(((word >> 2) & 31) << 3 | ((word >> 12) & 7))])
        {
            if ((word & definition.Encoding.Mask) != definition.Encoding.Match)
                continue;
            Row row = definition.Row;
            Instruction i = Instruction.FromWord(row, word, fetched, length);
            if (!row.IsReserved(i))
                return i;
        }

        return new Instruction(null, fetched, 0, 0, 0, 0, 0, 0, length);
    }

    private RowDefinition[][] Buckets(int bits, uint keyBits, int count, Func<uint, int> bucketOf)
    {
        var buckets = new List<RowDefinition>?[count];
        foreach (RowDefinition row in _definitions)
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
