using System.Text;
using NUnit.Framework;
using RvJit.Perf.Compare;

namespace RvJit.Tests.Perf;

/// <summary>What is recorded of a real process. The figures are only held to what must be true on any machine.</summary>
[NonParallelizable]
public class MeasuredProcessTests
{
    private static readonly TimeSpan _long = TimeSpan.FromSeconds(60);
    private DirectoryInfo _scratch = null!;

    [SetUp]
    public void MakeScratch() => _scratch = Directory.CreateTempSubdirectory("rvjit-perf-test-");

    [TearDown]
    public void RemoveScratch() => _scratch.Delete(recursive: true);

    [Test]
    public void OutputAndArgumentsPassUnchanged()
    {
        Run run = Measure("printf", "%s|%s", "two words", "$HOME `x` \"q\"");

        Assert.That(run.Failure, Is.Null);
        Assert.That(Encoding.UTF8.GetString(run.Output), Is.EqualTo("two words|$HOME `x` \"q\""));
        Assert.That(run.Sample.Wall, Is.Positive);
    }

    [Test]
    public void PeakIsTheProgramsOwnAndNotOurs()
    {
        Run run = Measure("true");

        Assert.That(run.Sample.PeakKiB, Is.Positive.And.LessThan(Environment.WorkingSet / 1024 / 2));
    }

    [TestCase("echo said >&2; exit 3", "ended with exit code 3: said")]
    [TestCase("kill -11 $$", "died of signal 11")]
    public void FailuresAreNamed(string script, string failure) =>
        Assert.That(Measure("sh", "-c", script).Failure, Is.EqualTo(failure));

    [Test]
    public void WhatHangsIsKilled()
    {
        Run run = new MeasuredProcess(_scratch.FullName, TimeSpan.FromSeconds(1)).Run(["sleep", "1000"]);

        Assert.That(run.Failure, Is.EqualTo("took longer than 1 s and was killed"));
    }

    [Test]
    public void OneRunLeavesNothingToTheNext()
    {
        var process = new MeasuredProcess(_scratch.FullName, _long);
        process.Run(["echo", "a long line of output"]);

        Assert.That(process.Run(["echo", "x"]).Output, Is.EqualTo("x\n"u8.ToArray()));
    }

    private Run Measure(params string[] command) => new MeasuredProcess(_scratch.FullName, _long).Run(command);
}
