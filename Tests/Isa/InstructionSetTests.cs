using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;
using RvJit.Translator.Isa;

namespace RvJit.Tests.Isa;

/// <summary>That a hart has the instructions of its extensions and no others.</summary>
public class InstructionSetTests
{
    [Test]
    public void RowsBelongToExtensionsThatExist()
    {
        IEnumerable<string> named = InstructionTable.Rows.SelectMany(row => row.AlsoNeeds is { } also ? row.Extensions.Append(also) : row.Extensions);

        Assert.That(named.Distinct(), Is.SubsetOf(Extensions.All.Where(e => e.Kind != ExtensionKind.Bundle).Select(e => e.Name)));
        Assert.That(InstructionTable.Rows.Where(row => row.Extensions.Count == 0), Is.Empty);
    }

    /// <summary>Nothing is promised that is not there: the rest are instructions of other names, or registers.</summary>
    [Test]
    public void UnprivilegedExtensionsHaveInstructions() => Assert.That(
        Extensions.All.Where(e => e.Kind == ExtensionKind.Unprivileged && !InstructionTable.Rows.Any(row => row.Extensions.Contains(e.Name))).Select(e => e.Name),
        Is.EquivalentTo((string[])["a", "c", "zicntr", "zihpm"]));

    [Test]
    public void MaxIsTheWholeTable() => Assert.That(InstructionSet.Max.Rows, Is.EqualTo(InstructionTable.Rows));

    [Test]
    public void SetsOfTheSameExtensionsShareADecoder()
    {
        var decoder = Decoder.Of(new InstructionSet(ExtensionSet.Of("i", "m")));

        Assert.That(Decoder.Of(new InstructionSet(ExtensionSet.Of("m", "i"))), Is.SameAs(decoder));
        Assert.That(Decoder.WithId(decoder.Id), Is.SameAs(decoder));
        Assert.That(Decoder.Of(InstructionSet.Max), Is.Not.SameAs(decoder));
    }

    private static IEnumerable<TestCaseData> OneInstanceOfEveryRow()
    {
        var random = new Random(20251122);
        foreach (Row row in InstructionTable.Rows)
            yield return new TestCaseData(row.Name, Encoder.Random(row, random)).SetArgDisplayNames(row.Name);
    }

    /// <summary>A set without what a row needs, and one with nothing but that.</summary>
    [TestCaseSource(nameof(OneInstanceOfEveryRow))]
    public void DecodesWhatItsExtensionsProvide(string name, uint word)
    {
        Row row = Encoder.Row(name);
        string[] without = [.. Extensions.All.Where(e => e.Kind != ExtensionKind.Bundle).Select(e => e.Name)
            .Where(e => ExtensionSet.Max.Contains(e) && !Needs(e, row.Extensions))];
        if (!row.Extensions.Contains("i"))
            Assert.That(new InstructionSet(ExtensionSet.Of(without)).Rows, Does.Not.Contain(row));

        foreach (string extension in row.Extensions)
        {
            string[] with = ["i", extension, .. row.AlsoNeeds is { } also ? new[] { also } : []];
            Assert.That(new InstructionSet(ExtensionSet.Of(with)).Rows, Does.Contain(row));
        }

        Assert.That(InstructionSet.Max.Decode(word).IsIllegal, Is.False);
    }

    /// <summary>Whether an extension brings one of these with it.</summary>
    private static bool Needs(string extension, IReadOnlyList<string> any) => any.Any(ExtensionSet.Of("i", extension).Contains)
        || (extension is "c" or "d" && any.Contains("zcd"));

    /// <summary>zext.h a0,a1 is packw a0,a1,zero to a hart without Zbb.</summary>
    [TestCase("zbb", ExpectedResult = "zext.h")]
    [TestCase("zbkb", ExpectedResult = "packw")]
    [TestCase("zba", ExpectedResult = null)]
    public string? AnEncodingOfTwoExtensionsIsTheOneThatIsThere(string extension) =>
        new InstructionSet(ExtensionSet.Of("i", extension)).Decode(0x0805C53B).Row?.Name;

    [TestCase("rv64i", 0x02B50533u, TestName = "mul without m")]
    [TestCase("rv64im", 0x100522AFu, TestName = "lr.w without a")]
    [TestCase("rv64imac", 0x00052507u, TestName = "flw without f")]
    [TestCase("rv64imafc", 0x02B57553u, TestName = "fadd.d without d")]
    [TestCase("rv64gc", 0x00051507u, TestName = "flh without zfhmin")]
    [TestCase("rv64gc_zfhmin", 0x04B57553u, TestName = "fadd.h without zfh")]
    [TestCase("rv64imafc_zfh", 0x42258553u, TestName = "fcvt.d.h without d")]
    [TestCase("rv64gc_zfh", 0xF01F0553u, TestName = "fli.s without zfa")]
    [TestCase("rv64imafc_zfa", 0xC2851553u, TestName = "fcvtmod.w.d without d")]
    [TestCase("rv64gc_zfa_zfhmin", 0xF4148553u, TestName = "fli.h without zfh")]
    [TestCase("rv64imafd", 0x00000001u, TestName = "c.nop without c")]
    [TestCase("rv64imac", 0x00002108u, TestName = "c.fld without d")]
    [TestCase("rv64imafc", 0x0000A108u, TestName = "c.fsd without d")]
    [TestCase("rv64i", 0x00301573u, TestName = "csrrw without zicsr")]
    [TestCase("rv64i", 0x0000100Fu, TestName = "fence.i without zifencei")]
    [TestCase("rv64i_zicsr", 0x00301573u, TestName = "fcsr without f")]
    [TestCase("rv64i_zicsr", 0xC0202573u, TestName = "instret without zicntr")]
    [TestCase("rv64i_zicntr", 0xC0302573u, TestName = "hpmcounter3 without zihpm")]
    public void WhatIsOutsideTraps(string isa, uint word)
    {
        Assert.That(IsaString.TryParse(isa, out ExtensionSet? set, out string? error), Is.True, error);
        foreach (Tier tier in (Tier[])[Tier.Interp, Tier.Jit])
        {
            Assert.That(Ends(tier, set!, word), Is.EqualTo(new Trap(TrapCause.IllegalInstruction, word)), $"{tier}, {isa}");
            Assert.That(Ends(tier, ExtensionSet.Max, word).Cause, Is.EqualTo(TrapCause.Breakpoint), $"{tier}, max");
        }
    }

    /// <summary>Runs some instructions that every set has, then the one in question, twice.</summary>
    private static Trap Ends(Tier tier, ExtensionSet extensions, uint word)
    {
        using var guest = new GuestHarness(tier, extensions: extensions);
        guest.X[10] = GuestHarness.DataAddress;
        uint[] code = [Encoder.Word("addi", rd: 12, rs1: 0, imm: 3), Encoder.Word("add", rd: 13, rs1: 12, rs2: 12), word];
        guest.Assemble(GuestHarness.CodeAddress, [.. code, Encoder.Word("ebreak")]);
        Trap first = guest.Run(GuestHarness.CodeAddress);
        guest.X[10] = GuestHarness.DataAddress;
        Trap second = guest.Run(GuestHarness.CodeAddress);

        Assert.That(second, Is.EqualTo(first));
        Assert.That(guest.X[13], Is.EqualTo(6));
        return first;
    }
}
