using System.Text.Json;
using System.Text.RegularExpressions;
using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.Cli;

/// <summary>--trace, --max-insns and --exact-instret as a user sees them.</summary>
[Parallelizable(ParallelScope.All)]
public partial class ObservationTests
{
    private const int Limit = 124;
    private const int BadInput = 2;

    private static readonly string[] _tiers = ["auto", "interp", "jit"];

    [Test]
    public void ATraceOfAProgramGoesToItsFile()
    {
        using var directory = new TemporaryDirectory();
        string file = directory.PathOf("log");
        RvJitResult result = RvJitProcess.Run("run", "--trace", file, GuestPrograms.Hello);

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Is.EqualTo("hello, world\n"));
        AssertLines(File.ReadAllText(file));
    }

    [Test]
    public void ATraceOnStandardOutputIsAlone()
    {
        RvJitResult result = RvJitProcess.Run("run", "--trace", "-", GuestPrograms.Hello);

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Error, Is.EqualTo("hello, world\n"));
        AssertLines(result.Output);
    }

    /// <summary>The hart is in its process, in the loader, which nothing translates, in the runtime and in the eapp.</summary>
    [Test]
    public void ATraceFollowsTheHartIntoAnEnclave()
    {
        using var directory = new TemporaryDirectory();
        string file = directory.PathOf("log");
        RvJitResult result = RvJitProcess.Run(
            "run", "--runtime=guest", "--trace", file, GuestPrograms.HostRunner, "--arg", "1", "--retval", "1",
            GuestPrograms.PathOf("eapp-null-ocalls"), GuestPrograms.PathOf("runtime.elf"), GuestPrograms.PathOf("loader.bin"));

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        string[] lines = File.ReadAllLines(file);
        Assert.Multiple(() =>
        {
            Assert.That(lines[0], Does.StartWith("core   0: 0 0x"));
            Assert.That(lines, Has.Some.StartsWith("core   0: 1 0x00000000"), "the loader");
            Assert.That(lines, Has.Some.StartsWith("core   0: 1 0xffffffffc0000"), "the runtime");
            Assert.That(lines[^1], Does.StartWith("core   0: 0 0x"));
        });
    }

    [Test]
    public void ATraceOfAMachineHasAsManyLinesAsInstructions()
    {
        using var directory = new TemporaryDirectory();
        string file = directory.PathOf("log");
        RvJitResult result = RvJitProcess.Run("machine", "--max-insns", "20000", "--trace", file, "--bios", GuestPrograms.PathOf("machine-spin"));

        Assert.That(result.ExitCode, Is.EqualTo(Limit), result.ToString());
        Assert.That(File.ReadLines(file).Count(), Is.EqualTo(20000));
        Assert.That(File.ReadLines(file).First(), Does.StartWith("core   0: 3 0x0000000080000000 (0x"));
    }

    [TestCase("/dev/full")]
    [TestCase("/no/such/directory/log")]
    public void ATraceThatCannotBeWrittenIsOneLine(string file)
    {
        foreach (string[] guest in (string[][])[["run", "--trace", file, GuestPrograms.Hello], ["machine", "--trace", file, "--bios", GuestPrograms.PathOf("machine-hello")]])
        {
            RvJitResult result = RvJitProcess.Run(guest);
            Assert.That(result.ExitCode, Is.EqualTo(BadInput), result.ToString());
            Assert.That(result.ErrorLines, Has.Length.EqualTo(1), result.ToString());
            Assert.That(result.Error, Does.StartWith($"rvjit: error: --trace {file} cannot be written: "));
        }
    }

    [Test]
    public void ALimitEndsAProgram([ValueSource(nameof(_tiers))] string tier)
    {
        RvJitResult result = RvJitProcess.Run("run", $"--tier={tier}", "--max-insns", "1000", "--stats=json", GuestPrograms.Hello);

        Assert.That(result.ExitCode, Is.EqualTo(Limit), result.ToString());
        Assert.That(result.ErrorLines[0], Does.Contain("has executed 1000 instructions, the limit (pc 0x"));
        Assert.That(result.ErrorLines[1], Does.Contain("\"instructions\":1000,"));
    }

    [Test]
    public void ALimitEndsAMachine([ValueSource(nameof(_tiers))] string tier)
    {
        RvJitResult result = RvJitProcess.Run(
            "machine", $"--tier={tier}", "--max-insns", "123457", "--stats=json", "--bios", GuestPrograms.PathOf("machine-spin"));

        Assert.That(result.ExitCode, Is.EqualTo(Limit), result.ToString());
        Assert.That(result.ErrorLines[0], Does.Contain("has executed 123457 instructions, the limit"));
        Assert.That(result.ErrorLines[1], Does.Contain("\"instructions\":123457,"));
    }

    [Test]
    public void CountsAgreeInEveryTier()
    {
        string[] counts = [.. _tiers.Select(tier => Count(["run", $"--tier={tier}", "--stats=json", GuestPrograms.PathOf("isa-control")]))];

        Assert.That(counts, Is.All.EqualTo(counts[0]));
    }

    private static void AssertLines(string log)
    {
        string[] lines = log.TrimEnd('\n').Split('\n');
        Assert.That(lines, Has.Length.GreaterThan(100));
        Assert.That(lines.Where(line => !UserModeLine().IsMatch(line)).Take(1), Is.Empty);
    }

    [GeneratedRegex("^core   0: 0 0x[0-9a-f]{16} \\(0x([0-9a-f]{4}|[0-9a-f]{8})\\)( |$)")]
    private static partial Regex UserModeLine();

    private static string Count(string[] arguments)
    {
        RvJitResult result = RvJitProcess.Run(arguments);
        return JsonDocument.Parse(result.ErrorLines[^1]).RootElement.GetProperty("instructions").ToString();
    }
}
