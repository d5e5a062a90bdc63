using NUnit.Framework;
using RvJit.Tests.Support;
using RvJit.Translator.Isa;

namespace RvJit.Tests.Isa;

/// <summary>That the table is sound in itself: encodings complete, apart from each other, and the inverse of decoding.</summary>
public class TableTests
{
    private const int Seed = 4711;
    private const int RandomInstances = 500;

    /// <summary>Rows that stand inside the encoding of a later row: the manual carves them out of it.</summary>
    private static readonly Dictionary<(string Special, string General), string> s_carvedOut = new()
    {
        [("c.nop", "c.addi")] = "rd = x0",
        [("c.addi16sp", "c.lui")] = "rd = x2",
        [("c.jr", "c.mv")] = "rs2 = x0",
        [("c.jalr", "c.add")] = "rs2 = x0",
        [("c.ebreak", "c.jalr")] = "rs1 = x0",
        [("c.ebreak", "c.add")] = "rd = rs2 = x0",
        [("zext.h", "packw")] = "rs2 = x0",
        [("c.mop.1", "c.lui")] = "rd odd, up to 15, of nothing",
        [("c.mop.3", "c.lui")] = "rd odd, up to 15, of nothing",
        [("c.mop.5", "c.lui")] = "rd odd, up to 15, of nothing",
        [("c.mop.7", "c.lui")] = "rd odd, up to 15, of nothing",
        [("c.mop.9", "c.lui")] = "rd odd, up to 15, of nothing",
        [("c.mop.11", "c.lui")] = "rd odd, up to 15, of nothing",
        [("c.mop.13", "c.lui")] = "rd odd, up to 15, of nothing",
        [("c.mop.15", "c.lui")] = "rd odd, up to 15, of nothing",
        [("ntl.p1", "add")] = "rd = rs1 = x0",
        [("c.ntl.p1", "c.add")] = "rd = x0",
        [("ntl.pall", "add")] = "rd = rs1 = x0",
        [("c.ntl.pall", "c.add")] = "rd = x0",
        [("ntl.s1", "add")] = "rd = rs1 = x0",
        [("c.ntl.s1", "c.add")] = "rd = x0",
        [("ntl.all", "add")] = "rd = rs1 = x0",
        [("c.ntl.all", "c.add")] = "rd = x0",
        [("prefetch.i", "ori")] = "rd = x0",
        [("prefetch.r", "ori")] = "rd = x0",
        [("prefetch.w", "ori")] = "rd = x0",
        [("pause", "fence")] = "w before nothing",
    };

    private static IEnumerable<Row> Rows => InstructionTable.Rows;

    private static IEnumerable<string> WideRows => Rows.Where(row => row.Encoding.Bits == 32).Select(row => row.Name);

    [Test]
    public void NamesAreUnique() => Assert.That(Rows.Select(row => row.Name), Is.Unique);

    [Test]
    public void EveryEncodingFillsItsInstruction()
    {
        foreach (Row row in Rows)
        {
            EncodingField[] fields = [.. Encoder.FieldsOf(row)];
            int bits = fields.Sum(field => field.Bits.Length);
            Assert.That(bits, Is.EqualTo(row.Encoding.Bits), row.Name);
            Assert.That(fields.Where(f => f.IsFixed).Sum(f => f.Bits.Length), Is.EqualTo(uint.PopCount(row.Encoding.Mask)), row.Name);

            // Low bits 11 tell 32-bit instructions from 16-bit ones (manual, "Base instruction-length encoding").
            Assert.That(row.Encoding.Mask & 3, Is.EqualTo(3), row.Name);
            Assert.That((row.Encoding.Match & 3) == 3, Is.EqualTo(bits == 32), row.Name);
        }
    }

    [Test]
    public void EveryFieldOfAWideRowHasAllItsBitsOnce()
    {
        foreach (Row row in WideRows.Select(Encoder.Row))
        {
            foreach (IGrouping<string, EncodingField> field in Encoder.FieldsOf(row).Where(f => !f.IsFixed).GroupBy(f => f.Name))
            {
                int[] bits = [.. field.SelectMany(f => f.Bits).Order()];
                Assert.That(bits, Is.EqualTo(Enumerable.Range(bits[0], bits.Length)), $"{field.Key} of {row.Name}");
            }
        }
    }

    [Test]
    public void RowsOverlapOnlyWhereTheManualCarvesOneOutOfTheOther()
    {
        var seen = new List<(string, string)>();
        for (int k = 0; k < InstructionTable.Rows.Count; k++)
        {
            Row first = InstructionTable.Rows[k];
            foreach (Row second in Rows.Skip(k + 1))
            {
                uint both = first.Encoding.Mask & second.Encoding.Mask;
                if (first.Encoding.Bits == second.Encoding.Bits && ((first.Encoding.Match ^ second.Encoding.Match) & both) == 0)
                    seen.Add((first.Name, second.Name));
            }
        }

        Assert.That(seen, Is.EquivalentTo(s_carvedOut.Keys), "the special row must stand first, and on the list");
    }

    [TestCaseSource(nameof(WideRows))]
    public void DecodingReadsWhatEncodingWrote(string name)
    {
        Row row = Encoder.Row(name);
        var random = new Random(Seed);
        EncodingField[] fields = [.. Encoder.FieldsOf(row).Where(field => !field.IsFixed)];
        for (int n = 0; n < RandomInstances; n++)
        {
            Dictionary<string, long> values = fields.GroupBy(f => f.Name).ToDictionary(f => f.Key, f => RandomValue(f, random));
            uint word = Encoder.Word(row, values);
            Instruction i = InstructionTable.Decode(word);
            if (row.IsReserved(Instruction.FromWord(row, word, word, 4)))
            {
                Assert.That(i.IsIllegal, $"{word:x8} is reserved");
                continue;
            }

            if (i.Row is { } special && s_carvedOut.ContainsKey((special.Name, name)))
                continue;

            Assert.That(i.Row?.Name, Is.EqualTo(name));
            Assert.That(i.Word, Is.EqualTo(word));
            Assert.That(i.Length, Is.EqualTo(4));
            foreach ((string field, long value) in values)
                Assert.That(Decoded(i, field), Is.EqualTo(value), $"{field} of {word:x8}");
        }
    }

    [Test]
    public void FormatsSeeTheOperandsTheyHave()
    {
        foreach (Row row in WideRows.Select(Encoder.Row))
        {
            HashSet<string> fields = [.. Encoder.FieldsOf(row).Select(f => f.Name)];
            const Operands X1OrF1 = Operands.ReadsX1 | Operands.ReadsF1;
            const Operands X2OrF2 = Operands.ReadsX2 | Operands.ReadsF2;
            if ((row.Operands & X1OrF1) != 0)
                Assert.That(fields, Does.Contain("rs1"), row.Name);
            if ((row.Operands & X2OrF2) != 0)
                Assert.That(fields, Does.Contain("rs2"), row.Name);
            if ((row.Operands & Operands.ReadsF3) != 0)
                Assert.That(fields, Does.Contain("rs3"), row.Name);
            if ((row.Operands & (Operands.WritesX | Operands.WritesF)) != 0)
                Assert.That(fields, Does.Contain("rd"), row.Name);
            Assert.That(fields.Contains("rm"), Is.EqualTo(row.Encoding.HasRoundingMode), row.Name);
        }
    }

    [TestCase("fadd.s", ExpectedResult = true)]
    [TestCase("flw", ExpectedResult = true)]
    [TestCase("fsd", ExpectedResult = true)]
    [TestCase("fmv.d.x", ExpectedResult = true)]
    [TestCase("fclass.s", ExpectedResult = true)]
    [TestCase("fcvt.d.w", ExpectedResult = true)]
    [TestCase("fli.h", ExpectedResult = true)]
    [TestCase("flh", ExpectedResult = true)]
    [TestCase("csrrs", 0x001, ExpectedResult = true)]
    [TestCase("csrrwi", 0x002, ExpectedResult = true)]
    [TestCase("csrrw", 0x003, ExpectedResult = true)]
    [TestCase("csrrs", 0xC00, ExpectedResult = false)]
    [TestCase("lw", ExpectedResult = false)]
    [TestCase("addi", ExpectedResult = false)]
    public bool UsesFloatState(string name, int csr = 0)
    {
        Row row = Encoder.Row(name);
        var values = Encoder.FieldsOf(row).Where(f => !f.IsFixed).Select(f => f.Name).Distinct().ToDictionary(n => n, n => n == "csr" ? (long)csr : 0);
        Instruction i = InstructionTable.Decode(Encoder.Word(row, values));
        return i.Row!.UsesFloatState(i);
    }

    [TestCase(0x00000000u, 2, TestName = "all zero is defined to be illegal", ExpectedResult = true)]
    [TestCase(0xFFFFFFFFu, 4, TestName = "all ones is defined to be illegal", ExpectedResult = true)]
    [TestCase(0x0000002Fu, 4, TestName = "amo of a byte", ExpectedResult = false)]
    [TestCase(0x0000102Fu, 4, TestName = "amo of a halfword", ExpectedResult = false)]
    [TestCase(0x1000002Fu, 4, TestName = "lr of a byte", ExpectedResult = true)]
    [TestCase(0x2800402Fu, 4, TestName = "amocas of a quadword", ExpectedResult = false)]
    [TestCase(0x280040AFu, 4, TestName = "amocas of a quadword to an odd register", ExpectedResult = true)]
    [TestCase(0x2810402Fu, 4, TestName = "amocas of a quadword from an odd register", ExpectedResult = true)]
    [TestCase(0x0050200Fu, 4, TestName = "cbo of a sixth kind", ExpectedResult = true)]
    [TestCase(0x0000402Fu, 4, TestName = "amo of a quadword", ExpectedResult = true)]
    [TestCase(0x10A5252Fu, 4, TestName = "lr with an rs2", ExpectedResult = true)]
    [TestCase(0x00007003u, 4, TestName = "load of funct3 111", ExpectedResult = true)]
    [TestCase(0x00004023u, 4, TestName = "store of a quadword", ExpectedResult = true)]
    [TestCase(0x00002063u, 4, TestName = "branch of funct3 010", ExpectedResult = true)]
    [TestCase(0x00001067u, 4, TestName = "jalr of funct3 001", ExpectedResult = true)]
    [TestCase(0x02001013u, 4, TestName = "slli with a seventh bit", ExpectedResult = false)]
    [TestCase(0x04001013u, 4, TestName = "slli with an unknown funct6", ExpectedResult = true)]
    [TestCase(0x0200101Bu, 4, TestName = "slliw by 32", ExpectedResult = true)]
    [TestCase(0x80000033u, 4, TestName = "add with an unknown funct7", ExpectedResult = true)]
    [TestCase(0x0200103Bu, 4, TestName = "mulh of words", ExpectedResult = true)]
    [TestCase(0x00200073u, 4, TestName = "uret", ExpectedResult = false)]
    [TestCase(0x0000207Bu, 4, TestName = "uipi.send by x0", ExpectedResult = false)]
    [TestCase(0x0020207Bu, 4, TestName = "uipi of a third kind", ExpectedResult = true)]
    [TestCase(0x0010207Bu, 4, TestName = "uipi.read without a result", ExpectedResult = true)]
    [TestCase(0x00004073u, 4, TestName = "system of funct3 100", ExpectedResult = true)]
    [TestCase(0x04005053u, 4, TestName = "addition of halves", ExpectedResult = false)]
    [TestCase(0xC2807053u, 4, TestName = "fcvtmod.w.d, dynamic", ExpectedResult = true)]
    [TestCase(0xC0801053u, 4, TestName = "fcvtmod.w.s", ExpectedResult = true)]
    [TestCase(0xF0201053u, 4, TestName = "fli of rs2 2", ExpectedResult = true)]
    [TestCase(0xE2100053u, 4, TestName = "fmvh.x.d, RV32 only", ExpectedResult = true)]
    [TestCase(0xB2000053u, 4, TestName = "fmvp.d.x, RV32 only", ExpectedResult = true)]
    [TestCase(0x06000053u, 4, TestName = "addition of quads", ExpectedResult = true)]
    [TestCase(0x58100053u, 4, TestName = "square root with an rs2", ExpectedResult = true)]
    [TestCase(0x20003053u, 4, TestName = "sign injection of funct3 011", ExpectedResult = true)]
    [TestCase(0x0000105Fu, 4, TestName = "48-bit instruction and longer", ExpectedResult = true)]
    [TestCase(0x6200501Bu, 4, TestName = "roriw by 32", ExpectedResult = true)]
    [TestCase(0x0A00101Bu, 4, TestName = "slli.uw by 32", ExpectedResult = false)]
    [TestCase(0x69805013u, 4, TestName = "rev8 of RV32", ExpectedResult = true)]
    [TestCase(0x08F01013u, 4, TestName = "zip of RV32", ExpectedResult = true)]
    [TestCase(0x60301013u, 4, TestName = "clz of a third kind", ExpectedResult = true)]
    [TestCase(0x22000033u, 4, TestName = "aes32esi of RV32", ExpectedResult = true)]
    [TestCase(0x31A01013u, 4, TestName = "aes64ks1i of the last round", ExpectedResult = false)]
    [TestCase(0x31B01013u, 4, TestName = "aes64ks1i of round 11", ExpectedResult = true)]
    [TestCase(0x31F01013u, 4, TestName = "aes64ks1i of round 15", ExpectedResult = true)]
    [TestCase(0x10A01013u, 4, TestName = "sm3p of a third kind", ExpectedResult = true)]
    [TestCase(0x00000004u, 2, TestName = "c.addi4spn of nothing", ExpectedResult = true)]
    [TestCase(0x00009000u, 2, TestName = "quadrant 0, funct3 100", ExpectedResult = true)]
    [TestCase(0x00002001u, 2, TestName = "c.addiw to x0", ExpectedResult = true)]
    [TestCase(0x00006101u, 2, TestName = "c.addi16sp of nothing", ExpectedResult = true)]
    [TestCase(0x00006081u, 2, TestName = "c.mop.1", ExpectedResult = false)]
    [TestCase(0x00006201u, 2, TestName = "c.lui of nothing", ExpectedResult = true)]
    [TestCase(0x00009C79u, 2, TestName = "quadrant 1, reserved register operation", ExpectedResult = true)]
    [TestCase(0x00004002u, 2, TestName = "c.lwsp to x0", ExpectedResult = true)]
    [TestCase(0x00006002u, 2, TestName = "c.ldsp to x0", ExpectedResult = true)]
    [TestCase(0x00008002u, 2, TestName = "c.jr to x0", ExpectedResult = true)]
    public bool IsIllegal(uint word, int length)
    {
        Instruction i = InstructionTable.Decode(word);
        Assert.That(i.Length, Is.EqualTo(length));
        Assert.That(i.Word, Is.EqualTo(length == 2 ? word & 0xFFFF : word));
        return i.IsIllegal;
    }

    private static long RandomValue(IEnumerable<EncodingField> parts, Random random)
    {
        int[] bits = [.. parts.SelectMany(part => part.Bits)];
        long value = bits.Where(_ => random.Next(2) != 0).Aggregate(0L, (v, bit) => v | (1L << bit));
        int sign = bits.Max();
        return parts.First().Name == "imm" ? value << (63 - sign) >> (63 - sign) : value;
    }

    private static long Decoded(in Instruction i, string field) => field switch
    {
        "rd" => i.Rd,
        "rs1" => i.Rs1,
        "rs2" => i.Rs2,
        "rs3" => i.Rs3,
        "rm" => i.RoundingMode,
        "imm" => i.Immediate,
        "shamt" or "shamt5" or "rnum" or "bs" => i.Immediate,
        "csr" => i.Csr,
        "uimm" => i.CsrImmediate,
        "aq" => (i.Word >> 26) & 1,
        "rl" => (i.Word >> 25) & 1,
        "fm" => i.Immediate >> 8,
        "pred" => (i.Immediate >> 4) & 15,
        "succ" => i.Immediate & 15,
        _ => throw new ArgumentOutOfRangeException(nameof(field), field),
    };
}
