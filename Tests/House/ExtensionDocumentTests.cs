using NUnit.Framework;
using RvJit.Guest.Linux;
using RvJit.Machine;
using RvJit.Tests.Support;

namespace RvJit.Tests.House;

/// <summary>docs/isa.md has the extensions that there are.</summary>
public class ExtensionDocumentTests
{
    [Test]
    public void TheTableIsThatOfTheCode()
    {
        string[] written = [.. File.ReadLines(Repository.PathOf("docs", "isa.md")).Where(line => line.StartsWith('|')).Skip(2)];

        Assert.That(written, Is.EqualTo(Extensions.All.Select(Line)));
    }

    private static string Line(Extension extension)
    {
        string kind = extension.Kind.ToString().ToLowerInvariant();
        string shown = LinuxOptions.DefaultExtensions.Contains(extension.Name) ? "yes" : "";
        return $"| {extension.Name} | {kind} | {extension.Description} | {string.Join(", ", extension.Implies)} | {shown} |";
    }
}
