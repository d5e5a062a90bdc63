using NUnit.Framework;
using RvJit.Cli;
using RvJit.Perf.Compare;

namespace RvJit.Tests.Perf;

/// <summary>What is written is read again; anything else is refused in one line.</summary>
public class ComparisonFileTests
{
    private string _path = null!;

    [SetUp]
    public void MakePath() => _path = Path.GetTempFileName();

    [TearDown]
    public void RemoveFile() => File.Delete(_path);

    [Test]
    public void WhatIsWrittenIsReadAgain()
    {
        ComparisonFile written = Rows.File(Rows.Of(Rows.Fib, 4, 8, 2), new Row(Rows.Hello, [], "qemu: died of signal 11"));
        File.WriteAllText(_path, written.ToJson());

        var read = ComparisonFile.Read(_path);

        Assert.That(read.ToJson(), Is.EqualTo(written.ToJson()));
        Assert.That(read.Rows[0].Ratios[Peer.Native], Is.EqualTo(new ComparisonFile.RatioEntry(2, 2)));
        Assert.That(read.Rows[1].Error, Is.EqualTo("qemu: died of signal 11"));
        Assert.That(read.Means[0], Is.EqualTo(new Mean(null, Peer.Qemu, 0.5, 0.5, 1)));
    }

    [TestCase("")]
    [TestCase("not JSON")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("""{"format": "rvjit-compare 1"}""")]
    public void WhatIsForeignIsRefused(string text)
    {
        File.WriteAllText(_path, text);

        IsRefused(_path, "was not written by compare --json");
    }

    [TestCase("rvjit-compare 1", "rvjit-compare 2", "its format is 'rvjit-compare 2'")]
    [TestCase("\"cpu\": 0.5", "\"cpu\": -0.5", "a ratio in it is not positive")]
    [TestCase("\"cpu\": 0.5", "\"cpu\": 1e999", "was not written by")]
    [TestCase("\"cpu\": 0.5", "\"cpu\": \"fast\"", "was not written by")]
    [TestCase("\"program\": \"fib\"", "\"program\": null", "was not written by")]
    [TestCase("\"group\": \"integer\"", "\"group\": \"fast\"", "was not written by")]
    [TestCase("\"ratios\"", "\"others\"", "was not written by")]
    public void WhatWasDamagedIsRefused(string what, string by, string message)
    {
        string text = Rows.File(Rows.Of(Rows.Fib, 4, 8, 2)).ToJson();
        Assert.That(text, Does.Contain(what));
        File.WriteAllText(_path, text.Replace(what, by));

        IsRefused(_path, message);
    }

    [Test]
    public void ADirectoryIsRefused() => IsRefused(Path.GetTempPath(), "cannot read");

    private static void IsRefused(string path, string message) =>
        Assert.That(() => ComparisonFile.Read(path), Throws.InstanceOf<BadInputException>().With.Message.Contains(message));
}
