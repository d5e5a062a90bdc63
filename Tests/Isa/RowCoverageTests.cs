using NUnit.Framework;
using RvJit.Translator.Isa;

namespace RvJit.Tests.Isa;

/// <summary>That the vectors, and so both tiers, reach the whole table.</summary>
public class RowCoverageTests
{
    [Test]
    public void EveryRowIsExecuted()
    {
        string[] executed = [.. InstructionTable.Rows.Select(row => row.Name).Where(InstructionVectors.Rows.Contains)];
        TestContext.Out.WriteLine($"rows executed from vectors: {executed.Length} of {InstructionTable.Rows.Count};"
            + $" elsewhere: {string.Join(", ", RowCoverage.WithoutVectors.Keys)}");

        Assert.That(InstructionVectors.Rows.Concat(RowCoverage.WithoutVectors.Keys),
            Is.EquivalentTo(InstructionTable.Rows.Select(row => row.Name)),
            "record the vectors of new rows: Tests/Isa/Vectors/README.md");
    }

    [Test]
    public void VectorsAreOfTheRowTheyNameAndManyEnough()
    {
        foreach (string row in InstructionVectors.Rows)
        {
            VectorGroup[] groups = [.. InstructionVectors.Of(row)];
            foreach (uint word in groups.Where(g => g.Words.Length == 1).Select(g => g.Words[0]))
            {
                Row? found = (word & 3) == 3 ? InstructionTable.Decode(word).Row : InstructionTable.FindCompressed(word);
                Assert.That(found?.Name, Is.EqualTo(row));
            }

            Assert.That(groups.Sum(g => g.Cases.Count), Is.GreaterThanOrEqualTo(4), row);
        }
    }
}
