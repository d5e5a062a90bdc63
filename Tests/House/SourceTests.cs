using System.Text;
using System.Text.RegularExpressions;
using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.House;

/// <summary>Rules that every source file keeps.</summary>
public partial class SourceTests
{
    private const int MostLines = 500;

    private static readonly string[] _sourceEndings = [".cs", ".c", ".h", ".S", ".csproj", ".props", ".targets"];
    private static readonly string[] _textEndings = [.. _sourceEndings, ".md", ".ps1", ".json", ".sh", ".lds", ".txt", ""];

    [Test]
    public void FilesHaveOnePurposeAndAreShort()
    {
        string[] tooLong = [.. Repository.Files()
            .Where(file => _sourceEndings.Contains(Path.GetExtension(file)))
            .Select(file => (file, Lines: File.ReadLines(Repository.PathOf(file)).Count()))
            .Where(entry => entry.Lines > MostLines)
            .Select(entry => $"{entry.file}: {entry.Lines} lines")];

        Assert.That(tooLong, Is.Empty, $"split these: a file has at most {MostLines} lines");
    }

    [Test]
    public void NothingNamesTheMachineItWasMadeOn()
    {
        // The paths are those of people's own directories; a guest's /etc or /tmp is no one's machine.
        string[] offenders = [.. Repository.Files()
            .Where(file => _textEndings.Contains(Path.GetExtension(file)) && file != Path.Combine("Tests", "House", "SourceTests.cs"))
            .SelectMany(file => PersonalPath().Matches(File.ReadAllText(Repository.PathOf(file)))
                .Select(match => $"{file}: {match.Value}"))];

        Assert.That(offenders, Is.Empty);
    }

    [Test]
    public void PrebuiltProgramsNameNoBuildDirectory()
    {
        string prebuilt = Repository.PathOf("Guest", "Programs", "prebuilt");
        if (!Directory.Exists(prebuilt))
            Assert.Ignore("no prebuilt guest programs in this tree");
        string[] offenders = [.. Directory.EnumerateFiles(prebuilt, "*", SearchOption.AllDirectories)
            .Where(file => PersonalPath().IsMatch(Encoding.Latin1.GetString(File.ReadAllBytes(file))))];

        Assert.That(offenders, Is.Empty, "build with -ffile-prefix-map");
    }

    [GeneratedRegex(@"(?<![\w.}\])*>$])(/home/[a-z]|/work/|/Users/|/root/\w|/opt/[a-z])[\w./-]*")]
    private static partial Regex PersonalPath();
}
