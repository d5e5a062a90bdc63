using NUnit.Framework;
using RvJit.Cli;
using RvJit.Perf.Compare;

namespace RvJit.Tests.Perf;

/// <summary>Bad input is refused in one line before anything runs.</summary>
public class CompareOptionsTests
{
    [Test]
    public void ValuesStandAfterASpaceOrAnEqualsSign()
    {
        var options = CompareOptions.Parse(["--runs", "7", "--programs=fib,crc32:3", "--no-qemu", "--tier=interp"]);

        Assert.That(options.Runs, Is.EqualTo(7));
        Assert.That(options.Programs, Is.EqualTo((string[])["fib", "crc32:3"]));
        Assert.That(options.WithQemu, Is.False);
        Assert.That(options.WithNative, Is.True);
        Assert.That(options.Tier, Is.EqualTo("interp"));
    }

    [TestCase("--runs", "--runs needs a value")]
    [TestCase("--runs 0", "from 1 to 1000")]
    [TestCase("--runs five", "--runs five is not a number")]
    [TestCase("--runs -1", "--runs -1 is not a number")]
    [TestCase("--runs 5 --runs 6", "more than once")]
    [TestCase("--programs fib,,crc32", "empty name")]
    [TestCase("--tier fast", "auto, interp or jit")]
    [TestCase("--rvjit /no/such/rvjit", "no file /no/such/rvjit")]
    [TestCase("--json /no/such/directory/out.json", "there is no directory")]
    [TestCase("--no-qemu=yes", "no option '--no-qemu=yes'")]
    [TestCase("--quick", "no option '--quick'")]
    [TestCase("fib", "programs are given with --programs")]
    public void SaysWhatIsWrong(string words, string message) =>
        Assert.That(() => CompareOptions.Parse(words.Split(' ')), Throws.InstanceOf<BadInputException>().With.Message.Contains(message));
}
