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

    [Test]
    public void OtherPeersHaveTheirNameAndTheirWords()
    {
        var options = CompareOptions.Parse(["--peer", "a=/bin/sh -c  x", "--peer=b=/bin/sh --option=1"]);

        Assert.That(options.OtherPeers.Select(peer => peer.Name), Is.EqualTo((string[])["a", "b"]));
        Assert.That(options.OtherPeers[0].Command, Is.EqualTo((string[])["/bin/sh", "-c", "x"]));
        Assert.That(options.OtherPeers[1].Command, Is.EqualTo((string[])["/bin/sh", "--option=1"]));
    }

    [TestCase("--quick", 3)]
    [TestCase("--quick --runs 9", 9)]
    [TestCase("--runs 9 --quick", 9)]
    public void QuickIsASampleWithFewerRuns(string words, int runs)
    {
        var options = CompareOptions.Parse(words.Split(' '));

        Assert.That(options.Programs, Is.EqualTo(ProgramSet.Quick));
        Assert.That(options.Runs, Is.EqualTo(runs));
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
    [TestCase("--slow", "no option '--slow'")]
    [TestCase("--quick --programs fib", "leave out --programs, or --quick")]
    [TestCase("--baseline /no/such/result.json", "no file /no/such/result.json")]
    [TestCase("--fail-above 1.2", "--fail-above needs --baseline FILE")]
    [TestCase("--fail-above 0.9", "0.9 is not a factor")]
    [TestCase("--fail-above 1,1", "1,1 is not a factor")]
    [TestCase("--fail-above NaN", "NaN is not a factor")]
    [TestCase("--peer rvvm", "'rvvm' is not NAME=COMMAND")]
    [TestCase("--peer =true", "'=true' is not NAME=COMMAND")]
    [TestCase("--peer rvvm=", "'rvvm=' is not NAME=COMMAND")]
    [TestCase("--peer qemu=true", "there is already a peer of that name")]
    [TestCase("--peer a=true --peer a=false", "there is already a peer of that name")]
    [TestCase("--peer a=/no/such/emulator", "there is no program /no/such/emulator")]
    [TestCase("fib", "programs are given with --programs")]
    public void SaysWhatIsWrong(string words, string message) =>
        Assert.That(() => CompareOptions.Parse(words.Split(' ')), Throws.InstanceOf<BadInputException>().With.Message.Contains(message));
}
