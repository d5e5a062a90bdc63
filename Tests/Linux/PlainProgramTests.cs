using NUnit.Framework;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Linux;

/// <summary>The guest programs of the repository, against their recorded output.</summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
[TestFixture(Tier.Auto)]
public sealed class PlainProgramTests(Tier tier)
{
    private static readonly string[] _lists = ["plain.checks", "rvjit.checks"];

    /// <summary>Kernels run all at once and shortly; alone and at length is for `make check`: the interpreter would take minutes.</summary>
    private static IEnumerable<TestCaseData> Runs() =>
        from list in _lists
        from line in File.ReadLines(Repository.PathOf("Guest", "Programs", list))
        let words = line.Split(' ')
        where words[0] == "kernels/all" || words[0].Split('/')[0] is "linux" or "isa" or "bigcode" or "fragments" or "edgecalls"
        select new TestCaseData(words[0], int.Parse(words[1]), words[2], words[3..]).SetArgDisplayNames(string.Join(' ', words[2..]));

    [TestCaseSource(nameof(Runs))]
    public void PrintsAndEndsAsRecorded(string name, int exitCode, string program, string[] arguments)
    {
        GuestResult result = new GuestProgram { Path = GuestProgram.Prebuilt(program), Arguments = arguments, Tier = tier }.Run();

        Assert.That(result.Output, Is.EqualTo(File.ReadAllText(Repository.PathOf("Guest", "Programs", name + ".expected"))), result.Trace);
        Assert.That(result.Status.ShellCode, Is.EqualTo(exitCode), result.Trace);
    }
}
