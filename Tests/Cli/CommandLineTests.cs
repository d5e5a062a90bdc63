using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.Cli;

/// <summary>Help, version, and wrong command lines, as a user sees them.</summary>
[Parallelizable(ParallelScope.All)]
public class CommandLineTests
{
    [Test]
    public void VersionIsOneLine()
    {
        RvJitResult result = RvJitProcess.Run("--version");

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Does.Match(@"^rvjit \d+\.\d+\.\d+\n$"));
        Assert.That(result.Error, Is.Empty);
    }

    [TestCase("--help", "run", "machine", "demo", "disasm", "--version")]
    [TestCase("machine --help", "--bios", "--kernel", "--dump-dtb", "--harts", "--memory", "--drive", "--batch", "--max-insns", "Ctrl-A x")]
    [TestCase("run --help", "--tier", "--stats", "--strace", "--root", "--env", "--unset", "--isa", "[options] [--] PROGRAM")]
    [TestCase("measure --help", "LOADER", "RUNTIME", "EAPP")]
    [TestCase("attest verify --help", "--expected", "--expected-sm", "--device-public", "--model")]
    [TestCase("demo --help", "--tier")]
    [TestCase("disasm --help", "--section", "--start", "--stop", "--isa")]
    [TestCase("-h", "Usage:")]
    [TestCase("run -?", "PROGRAM")]
    public void HelpNamesWhatThereIsAndGivesExamples(string words, params string[] expected)
    {
        RvJitResult result = RvJitProcess.Run(words.Split(' '));

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Does.Contain("Examples:\n  rvjit "));
        foreach (string word in expected)
            Assert.That(result.Output, Does.Contain(word));
        Assert.That(result.Error, Is.Empty);
    }

    [Test]
    public void IsaListsExtensions()
    {
        RvJitResult result = RvJitProcess.Run("isa");

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Does.Match(@"(?m)^zba +\d+ +yes +address generation$"));
        Assert.That(result.Output, Does.Match(@"(?m)^svinval +\d* +fine-grained"));
    }

    [TestCase("", "no command given")]
    [TestCase("--fast", "unknown option '--fast'")]
    [TestCase("hello", "rvjit run hello")]
    [TestCase("run", "no PROGRAM given")]
    [TestCase("run --", "no PROGRAM given")]
    [TestCase("run --stats", "no PROGRAM given")]
    [TestCase("run --fast hello", "unknown option '--fast'")]
    [TestCase("run -x hello", "unknown option '-x'")]
    [TestCase("run --tier", "--tier needs a value")]
    [TestCase("run --tier=turbo hello", "--tier=auto, --tier=interp or --tier=jit")]
    [TestCase("run --tier=jit --tier=auto hello", "more than once")]
    [TestCase("run --stats=xml hello", "--stats=json")]
    [TestCase("run --isa", "--isa needs a value")]
    [TestCase("run --isa rv64gcv hello", "--isa 'rv64gcv': extension 'v' is not supported; supported are: i g m a f d c b")]
    [TestCase("run --isa rv64gc_svade_svadu hello", "'svade' and 'svadu' contradict each other")]
    [TestCase("run --isa rv32gc hello", "--isa 'rv32gc' is no ISA string for 64 bits")]
    [TestCase("run --isa=rv64gc_ hello", "malformed")]
    [TestCase("run --strace=yes hello", "--strace takes no value")]
    [TestCase("run --env LANG hello", "NAME=VALUE")]
    [TestCase("run --root", "--root needs a value")]
    [TestCase("run --root /nonexistent hello", "/nonexistent")]
    [TestCase("demo now", "unexpected argument 'now'")]
    [TestCase("disasm", "no FILE given")]
    [TestCase("disasm --start here hello", "--start")]
    [TestCase("disasm --isa rv64 hello", "malformed")]
    [TestCase("disasm one two", "unexpected argument 'two'")]
    [TestCase("@response", "unknown command '@response'")]
    public void WrongWordsGetOneLine(string words, string expected)
    {
        RvJitResult result = RvJitProcess.Run(words.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        OneLine.Assert(result, expected);
    }

    [Test]
    public void AMessageStaysOneLineWhateverTheNameHolds()
    {
        RvJitResult result = RvJitProcess.Run("run", "no\nsuch\u001b[31m\tfile");

        OneLine.Assert(result, "no such");
        Assert.That(result.Error, Does.Not.Contain('\u001b'));
    }

    [Test]
    public void RedirectedMessagesHaveNoColour()
    {
        var process = new RvJitProcess { Arguments = ["run"], Variables = new Dictionary<string, string?> { ["TERM"] = "xterm" } };

        Assert.That(process.Run().Error, Does.StartWith("rvjit: error: "));
    }
}
