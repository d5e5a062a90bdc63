using System.Text;
using System.Text.RegularExpressions;
using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.House;

/// <summary>Rules that every source file keeps.</summary>
public partial class SourceTests
{
    private const int MostLines = 500;

    private static readonly string[] _productEndings = [".cs", ".csproj", ".props", ".targets"];
    private static readonly string[] _textEndings = [.. _productEndings, ".c", ".h", ".S", ".md", ".ps1", ".json", ".sh", ".lds", ".txt", ""];

    [Test]
    public void FilesHaveOnePurposeAndAreShort()
    {
        string[] tooLong = [.. Repository.Files()
            .Where(file => _productEndings.Contains(Path.GetExtension(file)))
            .Select(file => (file, Lines: File.ReadLines(Repository.PathOf(file)).Count()))
            .Where(entry => entry.Lines > MostLines)
            .Select(entry => $"{entry.file}: {entry.Lines} lines")];

        Assert.That(tooLong, Is.Empty, $"split these: a file has at most {MostLines} lines");
    }

    /// <summary>A path of this very source tree, or of a work space in general, is of no use to anybody else.</summary>
    [Test]
    public void NothingNamesTheMachineItWasMadeOn()
    {
        string[] offenders = [.. Repository.Files()
            .Where(file => _textEndings.Contains(Path.GetExtension(file)) && file != Path.Combine("Tests", "House", "SourceTests.cs"))
            .SelectMany(file => WorkPaths(File.ReadAllText(Repository.PathOf(file))).Select(path => $"{file}: {path}"))];

        Assert.That(offenders, Is.Empty);
    }

    [Test]
    public void PrebuiltProgramsNameNoBuildDirectory()
    {
        string prebuilt = Repository.PathOf("Guest", "Programs", "prebuilt");
        if (!Directory.Exists(prebuilt))
            Assert.Ignore("no prebuilt guest programs in this tree");
        string[] offenders = [.. Directory.EnumerateFiles(prebuilt, "*", SearchOption.AllDirectories)
            .Where(file => WorkPaths(Encoding.Latin1.GetString(File.ReadAllBytes(file))).Any())];

        Assert.That(offenders, Is.Empty, "build with -ffile-prefix-map");
    }

    private static IEnumerable<string> WorkPaths(string text)
    {
        IEnumerable<string> found = WorkPath().Matches(text).Select(match => match.Value);
        return text.Contains(Repository.Root + "/", StringComparison.Ordinal) ? found.Append(Repository.Root) : found;
    }

    [GeneratedRegex(@"(?<![\w.}\])*>$-])(/work/|/Users/|/home/runner/)[\w./-]*")]
    private static partial Regex WorkPath();
}
