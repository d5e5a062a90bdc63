using System.Text.Json;
using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.Cli;

/// <summary>The first thing a newcomer sees.</summary>
[Parallelizable(ParallelScope.All)]
public class DemoTests
{
    private static readonly string[] _tiers = ["auto", "interp", "jit"];

    [Test]
    public void TheEnclaveSpeaksAndIsAccountedFor([ValueSource(nameof(_tiers))] string tier)
    {
        RvJitResult result = RvJitProcess.Run("demo", $"--tier={tier}");

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Error, Is.Empty);
        Assert.That(result.Output, Does.Contain("Enclave said: \"hello from the enclave\"\n"));
        Assert.That(result.Output, Does.Contain("enclave returned 42\n"));
        Assert.That(result.Output, Does.Match(@"Measurement .*:\n  [0-9a-f]{64}\n  [0-9a-f]{64}\n"));
        Assert.That(result.Output, Does.Contain("Edge calls: 6, each 8 privilege transitions."));
    }

    [Test]
    public void TheSameEnclaveHasTheSameMeasurementInEveryTier()
    {
        string[] measurements = [.. _tiers.Select(tier => Measurement(RvJitProcess.Run("demo", $"--tier={tier}")))];

        Assert.That(measurements.Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public void StatisticsCountTheEdgeCalls()
    {
        RvJitResult result = RvJitProcess.Run("demo", "--stats=json");
        JsonElement json = JsonDocument.Parse(result.Error).RootElement;

        Assert.That(json.GetProperty("edgeCalls").GetProperty("count").GetInt64(), Is.EqualTo(6));
        Assert.That(json.GetProperty("transitions").GetProperty("enclaveUserToSupervisor").GetInt64(), Is.GreaterThanOrEqualTo(6));
    }

    [Test]
    public void LeavesNoFilesBehind()
    {
        using var directory = new TemporaryDirectory();
        new RvJitProcess { Arguments = ["demo"], Variables = new Dictionary<string, string?> { ["TMPDIR"] = directory.Path } }.Run();

        Assert.That(Directory.EnumerateFileSystemEntries(directory.Path), Is.Empty);
    }

    [Test]
    public void AnEappThatIsNoElfFileIsRefused()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.PathOf("eapp"), new string('x', 8192));

        RvJitResult result = RvJitProcess.Run("run", GuestPrograms.HostRunner, directory.PathOf("eapp"),
            GuestPrograms.PathOf("runtime.elf"), GuestPrograms.PathOf("loader.bin"));

        Assert.That(result.ExitCode, Is.EqualTo(OneLine.BadInput), result.ToString());
        Assert.That(result.ErrorLines, Has.Length.EqualTo(1), result.ToString());
        Assert.That(result.Error, Does.Contain("not an ELF file"));
    }

    private static string Measurement(RvJitResult result) =>
        result.Output.Split("Measurement", StringSplitOptions.None) is [_, var rest] ? rest[..200] : result.ToString();
}
