using NUnit.Framework;
using RvJit.Cli;
using RvJit.Perf.Compare;
using RvJit.Tests.Support;

namespace RvJit.Tests.Perf;

/// <summary>Which programs are compared, and how they are asked for.</summary>
public class ProgramSetTests
{
    [Test]
    public void NoNameMeansEveryProgram() => Assert.That(ProgramSet.Select([]), Is.SameAs(ProgramSet.All));

    [Test]
    public void NamesAreUnique() => Assert.That(ProgramSet.All.Select(program => program.Name), Is.Unique);

    /// <summary>The guest programs list what they can do in plain.checks; a kernel that is added there must be compared, too.</summary>
    [Test]
    public void EveryKernelIsCompared()
    {
        IEnumerable<string> kernels = File.ReadLines(Repository.PathOf("Guest", "Programs", "plain.checks"))
            .Where(line => line.StartsWith("kernels/", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[3]);

        Assert.That(
            ProgramSet.All.Where(program => program.File == ProgramSet.KernelsFile).Select(program => program.Arguments[0]).Distinct(),
            Is.EquivalentTo(kernels));
    }

    [Test]
    public void EveryProgramIsThereWithItsSources()
    {
        var tree = new SourceTree();
        foreach (string file in ProgramSet.All.Select(program => program.File).Distinct())
        {
            Assert.That(tree.Prebuilt(file), Does.Exist);
            Assert.That(tree.Sources(file), Is.Not.Empty.And.All.Exist);
        }
    }

    [Test]
    public void QuickIsASampleOfEveryGroup() => Assert.That(
        ProgramSet.Select(ProgramSet.Quick).Select(program => program.Group).Distinct(),
        Is.EquivalentTo(Enum.GetValues<ProgramGroup>()));

    [Test]
    public void ANameMayCarryItsRepeat()
    {
        IReadOnlyList<GuestProgram> programs = ProgramSet.Select(["fib:3", "hello", "fib:3", "short_json:7"]);

        Assert.That(programs, Has.Count.EqualTo(3));
        Assert.That(programs[0].Name, Is.EqualTo("fib:3"));
        Assert.That(programs[0].Arguments, Is.EqualTo((string[])["fib", "3"]));
        Assert.That(programs[1].Group, Is.EqualTo(ProgramGroup.Short));
        Assert.That(programs[2].Arguments, Is.EqualTo((string[])["json", "7"]));
    }

    [TestCase("fibonacci", "no program 'fibonacci': there are coremark_like, ")]
    [TestCase("fib:0", "not NAME:REPEAT")]
    [TestCase("fib:1:2", "not NAME:REPEAT")]
    [TestCase("fib:", "not NAME:REPEAT")]
    [TestCase("hello:2", "'hello' is not repeated")]
    public void UnknownProgramsAreRefused(string name, string message) => Assert.That(
        () => ProgramSet.Select([name]), Throws.InstanceOf<BadInputException>().With.Message.Contains(message));
}
