using System.Text.Json;
using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.Cli;

/// <summary>--profile: the table and the file.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ProfileTests
{
    private const int Limit = 124;
    private const int MostRows = 20;

    [Test]
    public void AProgramIsSampledInEveryTier([Values("auto", "interp", "jit")] string tier)
    {
        using var directory = new TemporaryDirectory();
        string file = directory.PathOf("profile.json");
        RvJitResult result = RvJitProcess.Run("run", $"--tier={tier}", "--profile", file, GuestPrograms.Kernels, "crc32", "1");

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Does.StartWith("crc32 1 "));
        Assert.That(result.ErrorLines[0], Does.Match(@"^rvjit: profile: [\d,]+ samples? in [\d,]+ ms of guest code on 1 hart$"));
        Assert.That(result.ErrorLines, Has.Length.InRange(3, 2 + MostRows));
        Assert.That(result.ErrorLines[2], Does.Match(@"^ +[\d.]+% .* 0x[0-9a-f]+-0x[0-9a-f]+ \(kernels\)$"), "a stripped program has ranges");
        AssertSpeedscope(file, "kernels");
    }

    [Test]
    public void FunctionsOfAMachineHaveNames([Values("auto", "interp", "jit")] string tier)
    {
        using var directory = new TemporaryDirectory();
        string file = directory.PathOf("profile.json");
        RvJitResult result = RvJitProcess.Run(
            "machine", $"--tier={tier}", "--profile", file, "--max-insns", "200000000", "--bios", GuestPrograms.PathOf("machine-spin"));

        Assert.That(result.ExitCode, Is.EqualTo(Limit), result.ToString());
        Assert.That(result.ErrorLines, Has.Some.EndsWith(" main (machine-spin)"));
        AssertSpeedscope(file, "machine-spin");
    }

    [TestCase("/no/such/directory/profile")]
    [TestCase("/dev/full")]
    public void AFileThatCannotBeWrittenIsOneLine(string file)
    {
        RvJitResult result = RvJitProcess.Run("run", "--profile", file, GuestPrograms.Hello);

        Assert.That(result.ExitCode, Is.EqualTo(OneLine.BadInput), result.ToString());
        Assert.That(result.ErrorLines[^1], Does.StartWith($"rvjit: error: --profile {file} cannot be written: "));
        Assert.That(result.ErrorLines.Count(line => line.StartsWith("rvjit: error: ", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public void ATraceIsNotProfiled()
    {
        using var directory = new TemporaryDirectory();
        OneLine.Assert(
            RvJitProcess.Run("run", "--profile", directory.PathOf("a"), "--trace", directory.PathOf("b"), GuestPrograms.Hello),
            "leave one of them out");
    }

    [Test]
    public void ABatchIsNotProfiled() =>
        OneLine.Assert(RvJitProcess.Run("machine", "--profile", "x", "--batch", GuestPrograms.PathOf("machine-hello")), "leave --batch out");

    /// <summary>What the file format demands of a sampled profile (speedscope, file-format-spec.ts).</summary>
    private static void AssertSpeedscope(string file, string program)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        JsonElement root = document.RootElement;
        Assert.That(root.GetProperty("$schema").GetString(), Is.EqualTo("https://www.speedscope.app/file-format-schema.json"));
        Assert.That(root.GetProperty("name").GetString(), Is.EqualTo(program));
        int frames = root.GetProperty("shared").GetProperty("frames").GetArrayLength();
        Assert.That(root.GetProperty("shared").GetProperty("frames")[0].GetProperty("name").GetString(), Is.Not.Empty);
        JsonElement profile = root.GetProperty("profiles")[0];
        double[] weights = [.. profile.GetProperty("weights").EnumerateArray().Select(weight => weight.GetDouble())];
        Assert.Multiple(() =>
        {
            Assert.That(profile.GetProperty("type").GetString(), Is.EqualTo("sampled"));
            Assert.That(profile.GetProperty("unit").GetString(), Is.EqualTo("milliseconds"));
            Assert.That(profile.GetProperty("samples").GetArrayLength(), Is.EqualTo(weights.Length));
            Assert.That(weights.Sum(), Is.EqualTo(profile.GetProperty("endValue").GetDouble()).Within(0.01));
            Assert.That(
                profile.GetProperty("samples").EnumerateArray().SelectMany(stack => stack.EnumerateArray()).Select(frame => frame.GetInt32()),
                Is.All.InRange(0, frames - 1));
        });
    }
}
