using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.Cli;

/// <summary>
/// Bare-metal programs on a whole machine. What they print and return was compared with qemu-system-riscv64 (board virt);
/// HTIF, signatures and diagnoses are rvjit's own.
/// </summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class MachineTests : IDisposable
{
    private const int LimitReached = 124;
    private const int Stuck = 1;
    private static readonly string[] _tiers = ["auto", "interp", "jit"];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public void HelloOverTheSerialPort([ValueSource(nameof(_tiers))] string tier) => Check(tier, "hello", 0, "hello, world\n");

    [Test]
    public void TheFinisherGivesTheExitCode([ValueSource(nameof(_tiers))] string tier) => Check(tier, "fail", 42, "");

    [Test]
    public void TimerInterrupts([ValueSource(nameof(_tiers))] string tier) => Check(tier, "timer", 0, "tick\ntick\ntick\n");

    [Test]
    public void InputByInterrupts([ValueSource(nameof(_tiers))] string tier) => Check(tier, "echo", 0, "ABCQ\n", "abcq");

    [Test]
    public void TwoHartsInterruptEachOther([ValueSource(nameof(_tiers))] string tier) =>
        Check(tier, "ipi", 0, "both harts woke\n", "", "--harts", "2");

    [Test]
    public void HtifProxiesCallsAndTheConsole([ValueSource(nameof(_tiers))] string tier) => Check(tier, "htif", 77, "proxied\nconsole\n", "k");

    [Test]
    public void HtifTakesAWordOf32Bits([ValueSource(nameof(_tiers))] string tier) => Check(tier, "htif-word", 9, "");

    [Test]
    public void ADiskIsReadAndWritten([ValueSource(nameof(_tiers))] string tier)
    {
        string disk = _directory.PathOf("disk");
        byte[] before = [.. Enumerable.Range(0, 4096).Select(i => (byte)i)];
        "sector one here!"u8.CopyTo(before.AsSpan(512));
        File.WriteAllBytes(disk, before);

        Check(tier, "disk", 0, "sectors 0000000000000008\nsector one here!\n", "", "--drive", disk);

        byte[] after = [.. before];
        before.AsSpan(512, 512).CopyTo(after.AsSpan(1024));
        after.AsSpan(1024, 512).Reverse();
        Assert.That(File.ReadAllBytes(disk), Is.EqualTo(after));
    }

    [Test]
    public void AResetStartsAgainOrEnds()
    {
        Check("auto", "reset", 0, "reset\n", "", "--no-reboot");
        RvJitResult again = Run("auto", "reset", "", "--timeout", "2");
        Assert.That(again.ExitCode, Is.EqualTo(LimitReached), again.ToString());
        Assert.That(again.Output, Does.StartWith("reset\nreset\n"));
    }

    [Test]
    public void ATrapWithoutAHandlerIsDiagnosed([ValueSource(nameof(_tiers))] string tier)
    {
        RvJitResult result = Run(tier, "stuck", "");

        Assert.That(result.ExitCode, Is.EqualTo(Stuck), result.ToString());
        Assert.That(result.ErrorLines[0], Does.StartWith("rvjit: hart 0: ").And.Contain("InstructionAccessFault (tval 0x0) at pc 0x0")
            .And.Contain("IllegalInstruction"));
        Assert.That(result.Error, Does.Contain("x2  "));
    }

    [Test]
    public void TheLimitOfInstructionsEndsTheRun([ValueSource(nameof(_tiers))] string tier)
    {
        RvJitResult result = Run(tier, "spin", "", "--max-insns", "100000");
        Assert.That(result.ExitCode, Is.EqualTo(LimitReached), result.ToString());
        Assert.That(result.Error, Does.Match("^rvjit: hart 0 has executed 100000 instructions, the limit \\(hart 0 at pc 0x80000[0-9a-f]+\\)\n$"));
    }

    [Test]
    public void TheLimitOfTimeEndsTheRun([ValueSource(nameof(_tiers))] string tier)
    {
        RvJitResult result = Run(tier, "spin", "", "--timeout", "0.2");
        Assert.That(result.ExitCode, Is.EqualTo(LimitReached), result.ToString());
        Assert.That(result.Error, Does.StartWith("rvjit: the guest did not end within 0.2 s (hart 0 at pc 0x80000"));
    }

    [TestCase("4", "6f5ca309\n01234567\n89abcdef\n00000000\n")]
    [TestCase("8", "012345676f5ca309\n0000000089abcdef\n")]
    [TestCase("16", "0000000089abcdef012345676f5ca309\n")]
    public void ASignatureIsWritten(string granularity, string expected)
    {
        string file = _directory.PathOf("signature");
        Check("auto", "signature", 0, "", "", "--signature", file, "--signature-granularity", granularity);
        Assert.That(File.ReadAllText(file), Is.EqualTo(expected));
    }

    [Test]
    public void CountsArePrinted()
    {
        RvJitResult result = Run("auto", "hello", "", "--stats");
        Assert.That(result.Error, Does.Contain("instructions").And.Contain("on 1 hart"));
    }

    [Test]
    public void ABatchPrintsALineForEachProgram([Values(1, 3)] int jobs)
    {
        string list = _directory.PathOf("list");
        string missing = _directory.PathOf("missing");
        File.WriteAllLines(list, [Program("hello"), "# a comment", "", Program("fail"), missing, Program("htif-word")]);

        RvJitResult result = RvJitProcess.Run(
            "machine", "--batch", list, Program("stuck"), Program("spin"), "--max-insns", "1000000", "--jobs", $"{jobs}");

        Assert.That(result.ExitCode, Is.EqualTo(1), result.ToString());
        string[] lines = result.Output.TrimEnd('\n').Split('\n');
        Assert.That(lines, Has.Length.EqualTo(7), result.ToString());
        Assert.Multiple(() =>
        {
            Assert.That(lines[0], Is.EqualTo($"PASS {Program("hello")}"));
            Assert.That(lines[1], Is.EqualTo($"FAIL {Program("fail")} 42"));
            Assert.That(lines[2], Does.StartWith($"FAIL {missing} 2 ").And.Contain("does not exist"));
            Assert.That(lines[3], Is.EqualTo($"FAIL {Program("htif-word")} 9"));
            Assert.That(lines[4], Does.StartWith($"FAIL {Program("stuck")} 1 hart 0: "));
            Assert.That(lines[5], Does.StartWith($"FAIL {Program("spin")} 124 "));
            Assert.That(lines[6], Is.EqualTo("1 passed, 5 failed"));
        });
    }

    [Test]
    public void ABatchWritesASignatureForEachProgram()
    {
        RvJitResult result = RvJitProcess.Run("machine", "--batch", Program("signature"), "--signature", _directory.Path);
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(File.ReadAllText(_directory.PathOf("machine-signature.signature")), Does.StartWith("6f5ca309\n"));
    }

    /// <summary>A guest that prints into a pipe that nobody reads still ends when it is told to.</summary>
    [Test]
    public void ASignalEndsAMachineWhoseOutputIsStuck()
    {
        var shell = new RvJitProcess
        {
            Program = "/bin/sh",
            Arguments =
            [
                "-c", "{ \"$0\" machine --bios \"$1\" & p=$!; sleep 2; kill -TERM $p; wait $p; echo $? > \"$2\"; } | sleep 8",
                RvJitProcess.Executable, Program("flood"), _directory.PathOf("code"),
            ],
        };
        shell.Run();
        Assert.That(File.ReadAllText(_directory.PathOf("code")), Is.EqualTo("143\n"));
    }

    [Test]
    public void OutputThatAScriptPrintsNextStandsBehindTheGuests()
    {
        string output = _directory.PathOf("output");
        var shell = new RvJitProcess
        {
            Program = "/bin/sh",
            Arguments = ["-c", "{ \"$0\" machine --bios \"$1\"; echo next; } > \"$2\"", RvJitProcess.Executable, Program("hello"), output],
        };
        Assert.That(shell.Run().ExitCode, Is.Zero);
        Assert.That(File.ReadAllText(output), Is.EqualTo("hello, world\nnext\n"));
    }

    private static string Program(string name) => GuestPrograms.PathOf("machine-" + name);

    private static RvJitResult Run(string tier, string program, string input, params string[] options) => new RvJitProcess
    {
        Arguments = ["machine", $"--tier={tier}", "--bios", Program(program), .. options],
        Input = input,
    }.Run();

    private static void Check(string tier, string program, int exitCode, string output, string input = "", params string[] options)
    {
        RvJitResult result = Run(tier, program, input, options);
        Assert.That(result.ExitCode, Is.EqualTo(exitCode), result.ToString());
        Assert.That(result.Output, Is.EqualTo(output));
        Assert.That(result.Error, Is.Empty);
    }
}
