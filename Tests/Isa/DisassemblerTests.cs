using NUnit.Framework;
using RvJit.Tests.Support;
using RvJit.Translator.Isa;

namespace RvJit.Tests.Isa;

/// <summary>The disassembler against GNU objdump, and by that the decoder and every compressed row's expansion.</summary>
public class DisassemblerTests
{
    private const int WorstTold = 10;

    [Test]
    public void EveryCompressedInstructionReadsAsObjdumpWritesIt()
    {
        string[] wrong = [.. GoldenLines.Compressed()
            .Where(line => Reason(line.Bits, line.Exact) is null)
            .Select(line => (line.Bits, Got: Disassembler.Format(line.Bits, line.Pc), line.Exact))
            .Where(line => line.Got != line.Exact)
            .Select(line => $"{line.Bits:x4}: '{line.Got}' is '{line.Exact}'")];

        Assert.That(wrong.Take(WorstTold), Is.Empty, $"{wrong.Length} differences");
    }

    [Test]
    public void EveryCompressedInstructionExpandsToWhatObjdumpThinksItDoes()
    {
        string[] wrong = [.. GoldenLines.Compressed()
            .Where(line => Reason(line.Bits, line.Exact) is null)
            .Select(line => (line.Bits, Got: Disassembler.Format(line.Bits, line.Pc, aliases: true), line.Friendly))
            .Where(line => !IsSameButForItsName(line.Got, line.Friendly))
            .Select(line => $"{line.Bits:x4}: '{line.Got}' is '{line.Friendly}'")];

        Assert.That(wrong.Take(WorstTold), Is.Empty, $"{wrong.Length} differences");
    }

    /// <summary>Why the manual wants another text than objdump 2.44 has, or null.</summary>
    private static string? Reason(uint bits, string objdump) => (bits, objdump) switch
    {
        ((1), _) => "c.nop has its own row; objdump calls it c.addi zero,0",
        (_, string s) when s.StartsWith("c.addi\tzero,", StringComparison.Ordinal) => "c.nop with an immediate is a hint, not an addition",
        (_, string s) when s.StartsWith("c.slli64", StringComparison.Ordinal) => "RV128 only; on RV64 c.slli by 0 is a hint",
        (_, string s) when s.StartsWith("c.srli64", StringComparison.Ordinal) => "RV128 only; on RV64 c.srli by 0 is a hint",
        (_, string s) when s.StartsWith("c.srai64", StringComparison.Ordinal) => "RV128 only; on RV64 c.srai by 0 is a hint",
        ((0x6081 or 0x6281), _) => "Zicfiss's c.sspush and c.sspopchk; without Zicfiss they are c.mop.1 and c.mop.5",
        ((0x6101), _) => "c.addi16sp of 0 is reserved",
        _ => null,
    };

    [Test]
    public void EveryDifferenceInCompressedInstructionsIsAHintOrReserved()
    {
        foreach ((uint bits, ulong pc, string exact, _) in GoldenLines.Compressed())
        {
            if (Reason(bits, exact) is not { } reason)
                continue;
            Instruction i = InstructionTable.Decode(bits);
            bool hint = i.Row is { Flow: Flow.Next, Memory.Bytes: 0 } && (i.Rd == 0 || (i.Immediate & 63) == 0);
            Assert.That(hint || i.IsIllegal, $"{bits:x4} {exact}: {reason}, but reads {Disassembler.Format(bits, pc)}");
        }
    }

    private static IEnumerable<string> WideRows => InstructionTable.Rows.Where(row => row.Encoding.Bits == 32).Select(row => row.Name);

    private static readonly Lazy<ILookup<string, (uint Word, ulong Pc, string Exact, string Friendly)>> s_wide = new(
        () => GoldenLines.Wide().ToLookup(line => InstructionTable.Decode(line.Word).Row?.Name ?? ""));

    [TestCaseSource(nameof(WideRows))]
    public void ReadsAsObjdumpWritesIt(string row)
    {
        (uint Word, ulong Pc, string Exact, string Friendly)[] lines = [.. s_wide.Value[row]];
        Assert.That(lines, Is.Not.Empty, "record the golden lines of new rows: Tests/Isa/Golden/README.md");

        foreach ((uint word, ulong pc, string exact, string friendly) in lines)
        {
            if (exact.StartsWith(".4byte", StringComparison.Ordinal))
            {
                Assert.That(MayBeUnknownToObjdump(InstructionTable.Decode(word)), $"{word:x8} is {Disassembler.Format(word, pc)}");
                continue;
            }

            // Zicfiss makes ssrdp, sspush and sspopchk of some operands.
            if (row is "mop.r.28" or "mop.rr.7" && exact.StartsWith("ss", StringComparison.Ordinal))
                continue;
            Assert.That(Disassembler.Format(word, pc), Is.EqualTo(exact), $"{word:x8}");
            string got = Disassembler.Format(word, pc, aliases: true);
            Assert.That(IsSameButForItsName(got, friendly), $"{word:x8}: '{got}' is '{friendly}'");
        }
    }

    /// <summary>
    /// Fields that a base implementation shall ignore (manual, "Memory ordering instructions" and "Zifencei"), and rm of
    /// conversions that never round: objdump wants them zero.
    /// </summary>
    private static bool MayBeUnknownToObjdump(in Instruction i) => i.Row switch
    {
        { Name: "fence" } => i.Rd != 0 || i.Rs1 != 0 || i.Immediate >> 8 != 0,
        { Name: "fence.i" } => i.Rd != 0 || i.Rs1 != 0 || i.Immediate != 0,
        { Extensions: ["xaec"] } => true,
        { IsExact: true } => i.RoundingMode != 0,
        _ => false,
    };

    [Test]
    public void CsrsAreCalledAsObjdumpCallsThem()
    {
        // Names of N, which this objdump keeps for files that ask for them.
        string[] wrong = [.. GoldenLines.Csrs().Select((name, csr) => (Got: CsrNames.Of(csr), Want: name))
            .Where(pair => pair.Got != pair.Want && !pair.Want.StartsWith("0x", StringComparison.Ordinal))
            .Select(pair => $"{pair.Got} is {pair.Want}")];

        Assert.That(wrong, Is.Empty);
        Assert.That(CsrNames.Of(0x7C0), Is.EqualTo("0x7c0"));
        Assert.That(CsrNames.TryParse("uepc", out int uepc) && uepc == 0x041);
    }

    [Test]
    public void AliasesAreOfRowsThatExist() =>
        Assert.That(Alias.All.Select(alias => alias.Row).Distinct(), Is.SubsetOf(InstructionTable.Rows.Select(row => row.Name)));

    [TestCase(0x00000013u, "nop")]
    [TestCase(0x00008067u, "ret")]
    [TestCase(0x8082u, "ret")]
    [TestCase(0x4501u, "li\ta0,0")]
    [TestCase(0x852Eu, "mv\ta0,a1")]
    [TestCase(0x0330000Fu, "fence\trw,rw")]
    [TestCase(0x8330000Fu, "fence.tso")]
    [TestCase(0x0FF0000Fu, "fence")]
    [TestCase(0xC0102573u, "rdtime\ta0")]
    [TestCase(0xC0001073u, "unimp")]
    [TestCase(0x0000u, "unimp")]
    [TestCase(0xFFFFFFFFu, ".4byte\t0xffffffff")]
    public void PrefersWhatPeopleWrite(uint word, string text) =>
        Assert.That(Disassembler.Format(word, 0x1000, aliases: true), Is.EqualTo(text));

    [Test]
    public void TargetsAreNamedWhenSomebodyKnowsThem()
    {
        static string? Symbolize(ulong address) => address == 0x1008 ? "main+0x8" : null;
        uint known = Encoder.Word("beq", rs1: 10, rs2: 11, imm: 8);
        uint unknown = Encoder.Word("jal", rd: 1, imm: -16);

        Assert.That(Disassembler.Format(known, 0x1000, symbolize: Symbolize), Is.EqualTo("beq\ta0,a1,1008 <main+0x8>"));
        Assert.That(Disassembler.Format(unknown, 0x1000, symbolize: Symbolize), Is.EqualTo("jal\tra,0xff0"));
    }

    /// <summary>c.addi of 0, a hint, is an addition to objdump; an addition of 0 is a move in every other form.</summary>
    private static bool IsSameButForItsName(string ours, string objdump)
    {
        if (ours == objdump)
            return true;
        string[] a = ours.Split('\t');
        string[] b = objdump.Split('\t');
        return b[0] == "addi" && a[0] == "mv" && b[1] == $"{a[1]},0";
    }
}
