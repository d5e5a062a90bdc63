using System.Text.RegularExpressions;
using System.Xml.Linq;
using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.House;

/// <summary>Packages are named without a version in projects, pinned centrally, and locked.</summary>
public partial class PackageTests
{
    private static IEnumerable<string> Projects() => Repository.Files().Where(file => file.EndsWith(".csproj", StringComparison.Ordinal));

    [TestCaseSource(nameof(Projects))]
    public void ProjectsNameNoVersions(string project)
    {
        IEnumerable<string?> versioned = XDocument.Load(Repository.PathOf(project)).Descendants("PackageReference")
            .Where(reference => reference.Attribute("Version") is not null || reference.Attribute("VersionOverride") is not null)
            .Select(reference => reference.Attribute("Include")?.Value);

        Assert.That(versioned, Is.Empty);
    }

    [TestCaseSource(nameof(Projects))]
    public void ProjectsAreLocked(string project) =>
        Assert.That(Path.Combine(Path.GetDirectoryName(Repository.PathOf(project))!, "packages.lock.json"), Does.Exist);

    [Test]
    public void CentralVersionsAreExact()
    {
        IEnumerable<string?> loose = XDocument.Load(Repository.PathOf("Directory.Packages.props")).Descendants("PackageVersion")
            .Where(package => !ExactVersion().IsMatch(package.Attribute("Version")!.Value))
            .Select(package => package.Attribute("Include")?.Value);

        Assert.That(loose, Is.Empty);
    }

    [GeneratedRegex(@"^\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$")]
    private static partial Regex ExactVersion();
}
