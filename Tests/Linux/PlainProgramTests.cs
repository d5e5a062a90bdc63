using NUnit.Framework;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Linux;

/// <summary>The guest programs of the repository, against their recorded output.</summary>
[TestFixture(Tier.Interp)]
public sealed class PlainProgramTests(Tier tier)
{

    private static IEnumerable<TestCaseData> Runs() =>
        from line in File.ReadLines(Repository.PathOf("Guest", "Programs", "plain.checks"))
        where line.StartsWith("linux/", StringComparison.Ordinal)
        let words = line.Split(' ')
        select new TestCaseData(words[0], int.Parse(words[1]), words[2], words[3..]).SetArgDisplayNames(string.Join(' ', words[2..]));

    [TestCaseSource(nameof(Runs))]
    public void PrintsAndEndsAsRecorded(string name, int exitCode, string program, string[] arguments)
    {
        GuestResult result = new GuestProgram { Path = GuestProgram.Prebuilt(program), Arguments = arguments, Tier = tier }.Run();

        Assert.That(result.Output, Is.EqualTo(File.ReadAllText(Repository.PathOf("Guest", "Programs", name + ".expected"))), result.Trace);
        Assert.That(result.Status.ShellCode, Is.EqualTo(exitCode), result.Trace);
    }
}
