using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.Keystone;

/// <summary><c>rvjit enclave</c>: eapps without a host program. What they print is what they print on plain Linux.</summary>
[TestFixture("interp")]
[TestFixture("auto")]
public sealed class EnclaveCommandTests(string tier)
{
    [TestCase("keystone/libc-plain", 23, "eapp-libc")]
    [TestCase("keystone/cpp", 7, "eapp-cpp")]
    [TestCase("keystone/threads", 5, "eapp-threads")]
    [TestCase("keystone/paging", 11, "eapp-paging")]
    [TestCase("linux/hello", 0, "hello")]
    public void PrintsAndReturnsWhatItDoesOnLinux(string name, int code, params string[] words)
    {
        RvJitResult result = Run([], words);
        Assert.That(result.Output, Is.EqualTo(File.ReadAllText(Repository.PathOf("Guest", "Programs", name + ".expected"))), result.Error);
        Assert.That(result.ExitCode, Is.EqualTo(code));
        Assert.That(result.Error, Is.Empty);
    }

    [Test]
    public void AWorkingSetOfFiveTimesTheMemoryPages()
    {
        RvJitResult result = Run(
            ["--freemem", "1M", "--utm-size", "8M", "--runtime-options", "env_setup,linux_syscall,io_syscall,paging,page_crypto,page_hash"], "eapp-paging");
        Assert.That(result.Output, Is.EqualTo(File.ReadAllText(Repository.PathOf("Guest", "Programs", "keystone", "paging.expected"))), result.Error);
        Assert.That(result.ExitCode, Is.EqualTo(11));
    }

    [Test]
    public void WithoutPagingItDoesNotFit()
    {
        RvJitResult result = Run(["--freemem", "1M", "--utm-size", "8M"], "eapp-paging");
        Assert.That((result.ExitCode, result.Output), Is.EqualTo((1, "no memory\n")), result.Error);
    }

    [Test]
    public void StandardEdgeCallsAreServed()
    {
        RvJitResult result = Run(["--string", "from the test"], "eapp-compute");
        Assert.That(result.Output.Split('\n'), Has.Length.EqualTo(5).And.Some.EqualTo("Enclave said value: 5133"), result.Error);
        Assert.That(result.ExitCode, Is.EqualTo(828644794 & 0xff));
    }

    [Test]
    public void ArgumentsReachTheEapp()
    {
        RvJitResult result = Run([], "linux-tests", "exitcode", "9");
        Assert.That(result.ExitCode, Is.EqualTo(9), result.Error);
    }

    [Test]
    public void ServicesThatAreOffAreNotThere()
    {
        RvJitResult result = Run(["--runtime-options", "env_setup,linux_syscall"], "hello");
        Assert.That(result.Output, Is.Empty);
    }

    [TestCase("--runtime-options", "env_setup,paging,turbo", "--runtime-options")]
    [TestCase("--freemem", "0", "--freemem")]
    [TestCase("--utm-size", "lots", "--utm-size")]
    [TestCase("--runtime", "guest", "--runtime-file")]
    [TestCase("--loader-file", "/no/such/loader", "/no/such/loader")]
    public void BadInputIsOneLine(string option, string value, string named)
    {
        RvJitResult result = Run([option, value], "hello");
        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.ErrorLines, Has.Length.EqualTo(1).And.All.Contains(named));
    }

    [Test]
    public void AnEappThatIsNoProgramEndsWithTheLoadersMessage()
    {
        RvJitResult result = Run([], "eapp-paging.c");
        Assert.That(result.ExitCode, Is.EqualTo(2), "no such file");
        result = RvJitProcess.Run("enclave", "--tier", tier, Repository.PathOf("README.md"));
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((255, "[loader] FATAL: failed to load.\n")));
    }

    private RvJitResult Run(string[] options, params string[] words) => new RvJitProcess
    {
        Arguments = ["enclave", "--tier", tier, .. options, GuestPrograms.PathOf(words[0]), .. words[1..]],
    }.Run();
}
