using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.House;

/// <summary>The README's promise: two commands, and CI runs the very same ones.</summary>
public class ReadmeTests
{
    private const string Section = "## Start";

    [Test]
    public void TwoCommandsDoAllTheSetUp()
    {
        string[] commands = Commands();

        Assert.That(commands, Has.Length.EqualTo(2));
        Assert.That(commands, Is.All.StartsWith("dotnet "));
    }

    [Test]
    public void ContinuousIntegrationRunsTheSameCommands()
    {
        string script = File.ReadAllText(Repository.PathOf(".ci", "run"));

        foreach (string command in Commands())
            Assert.That(script, Does.Contain(command));
    }

    private static string[] Commands()
    {
        string[] lines = File.ReadAllLines(Repository.PathOf("README.md"));
        int section = Array.IndexOf(lines, Section);
        Assert.That(section, Is.GreaterThanOrEqualTo(0), $"README.md has no section '{Section}'");
        return [.. lines.Skip(section + 1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .SkipWhile(line => !line.StartsWith("```", StringComparison.Ordinal))
            .Skip(1)
            .TakeWhile(line => !line.StartsWith("```", StringComparison.Ordinal))
            .Where(line => line.Length > 0 && !line.StartsWith('#'))
            .Select(line => line.Split("  #")[0].TrimEnd())];
    }
}
