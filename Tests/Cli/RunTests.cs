using System.Diagnostics;
using System.Text.Json;
using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.Cli;

/// <summary>What passes between a shell and a guest through rvjit.</summary>
[Parallelizable(ParallelScope.All)]
public class RunTests
{
    private static readonly string[] _tiers = ["auto", "interp", "jit"];
    private static readonly string[] _humanNames =
        ["instructions", "speed", "regions", "compile time", "traps", "EnvironmentCallFromU", "transitions", "edge calls"];

    private const int SigIll = 4;
    private const int SigAbort = 6;
    private const int SigKill = 9;
    private const int SigSegv = 11;
    private const int SigPipe = 13;
    private const int SigTerm = 15;

    [Test]
    public void GuestPrints([ValueSource(nameof(_tiers))] string tier)
    {
        RvJitResult result = RvJitProcess.Run("run", $"--tier={tier}", GuestPrograms.Hello);

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Is.EqualTo("hello, world\n"));
        Assert.That(result.Error, Is.Empty);
    }

    [Test]
    public void WhatIsOutsideOfTheSelectedExtensionsIsIllegal([ValueSource(nameof(_tiers))] string tier)
    {
        RvJitResult with = RvJitProcess.Run("run", $"--tier={tier}", "--isa", "rv64gc", GuestPrograms.Hello);
        RvJitResult without = RvJitProcess.Run("run", $"--tier={tier}", "--isa", "rv64g", GuestPrograms.Hello);

        Assert.That(with.Output, Is.EqualTo("hello, world\n"), with.ToString());
        Assert.That(without.ExitCode, Is.EqualTo(128 + SigIll), without.ToString());
        Assert.That(without.Output, Is.Empty);
    }

    [TestCase("0", 0)]
    [TestCase("1", 1)]
    [TestCase("77", 77)]
    [TestCase("255", 255)]
    [TestCase("256", 0)]
    public void ExitStatusPassesThrough(string code, int expected) =>
        Assert.That(LinuxTest("exitcode", code).ExitCode, Is.EqualTo(expected));

    [Test]
    public void ExitFromAnotherThread() => Assert.That(LinuxTest("exitcode", "thread", "9").ExitCode, Is.EqualTo(9));

    [TestCase("abort", null, SigAbort)]
    [TestCase("segv", null, SigSegv)]
    [TestCase("kill", "4", SigIll)]
    [TestCase("kill", "9", SigKill)]
    [TestCase("kill", "15", SigTerm)]
    public void SignalsEndWith128PlusTheirNumber(string how, string? which, int signal)
    {
        RvJitResult result = LinuxTest(which is null ? ["exitcode", how] : ["exitcode", how, which]);

        Assert.That(result.ExitCode, Is.EqualTo(128 + signal), result.ToString());
        Assert.That(result.Output, Is.EqualTo("leaving\n"), "nothing the guest printed is lost");
        Assert.That(result.Error, Does.Not.Contain("   at "));
    }

    [Test]
    public void WordsAfterTheProgramAreTheGuests()
    {
        string[] words = ["env", "--help", "--stats", "--tier=jit", "--", "--env=A=B", "@file", "", "-x", "two words"];
        RvJitResult result = RvJitProcess.Run(["run", GuestPrograms.LinuxTests, .. words]);

        foreach (string word in words)
            Assert.That(result.Output, Does.Contain(word), result.ToString());
        Assert.That(result.Error, Is.Empty);
    }

    [Test]
    public void TheBorderMayBeMarked()
    {
        RvJitResult result = RvJitProcess.Run("run", "--tier", "interp", "--", GuestPrograms.Hello, "--stats");

        Assert.That(result.Output, Is.EqualTo("hello, world\n"), result.ToString());
        Assert.That(result.Error, Is.Empty);
    }

    [Test]
    public void HumanStatistics()
    {
        RvJitResult result = RvJitProcess.Run("run", "--stats", GuestPrograms.Hello);

        Assert.That(result.Output, Is.EqualTo("hello, world\n"), result.ToString());
        foreach (string name in _humanNames)
            Assert.That(result.Error, Does.Contain(name));
    }

    [TestCase("exitcode 3", 3)]
    [TestCase("exitcode segv", 128 + SigSegv)]
    [TestCase("exitcode thread 4", 4)]
    public void JsonStatisticsOnEveryWayOut(string words, int code)
    {
        RvJitResult result = RvJitProcess.Run(["run", "--stats=json", GuestPrograms.LinuxTests, .. words.Split(' ')]);
        Assert.That(result.ErrorLines, Is.Not.Empty, result.ToString());
        JsonElement json = JsonDocument.Parse(result.ErrorLines[^1]).RootElement;

        Assert.That(json.GetProperty("exitCode").GetInt32(), Is.EqualTo(code));
        Assert.That(json.GetProperty("instructions").GetInt64(), Is.GreaterThan(1000));
        Assert.That(json.GetProperty("traps").GetProperty("environmentCallFromU").GetInt64(), Is.GreaterThan(0));
        Assert.That(json.GetProperty("edgeCalls").GetProperty("count").GetInt64(), Is.Zero);
    }

    [Test]
    public void InstructionCountIsTheSameInEveryTier()
    {
        long[] counts = [.. _tiers.Select(tier =>
        {
            RvJitResult result = RvJitProcess.Run("run", $"--tier={tier}", "--stats=json", GuestPrograms.PathOf("hello-pie"));
            return JsonDocument.Parse(result.ErrorLines[^1]).RootElement.GetProperty("instructions").GetInt64();
        })];

        Assert.That(counts.Distinct().Count(), Is.EqualTo(1), string.Join(' ', counts));
    }

    [Test]
    public void StraceGoesToStandardError()
    {
        RvJitResult result = RvJitProcess.Run("run", "--strace", GuestPrograms.Hello);

        Assert.That(result.Output, Is.EqualTo("hello, world\n"), result.ToString());
        Assert.That(result.Error, Does.Contain("write").And.Contain("exit_group"));
    }

    [Test]
    public void EnvironmentIsOursWithChanges()
    {
        var process = new RvJitProcess
        {
            Arguments = ["run", "--env", "RVJIT_TEST=given", GuestPrograms.LinuxTests, "env"],
            Variables = new Dictionary<string, string?> { ["RVJIT_TEST"] = "inherited" },
        };

        Assert.That(process.Run().Output, Does.Contain("given").And.Not.Contain("inherited"));
    }

    [Test]
    public void AReaderThatLeavesEndsTheGuest()
    {
        using Process process = new RvJitProcess { Arguments = ["run", GuestPrograms.Kernels, "all", "1"] }.Start();
        process.StandardOutput.Close();
        process.StandardInput.Close();
        string error = process.StandardError.ReadToEnd();
        Assert.That(process.WaitForExit(TimeSpan.FromSeconds(60)), Is.True, "hung");

        Assert.That(process.ExitCode, Is.EqualTo(128 + SigPipe).Or.Zero, error);
        Assert.That(error, Does.Not.Contain("   at "));
    }

    [Test]
    public void AReaderThatLeavesEndsAListing()
    {
        using Process process = new RvJitProcess { Arguments = ["disasm", GuestPrograms.Hello] }.Start();
        process.StandardInput.Close();
        process.StandardOutput.ReadLine();
        process.StandardOutput.Close();
        string error = process.StandardError.ReadToEnd();
        Assert.That(process.WaitForExit(TimeSpan.FromSeconds(60)), Is.True, "hung");

        Assert.That(process.ExitCode, Is.EqualTo(128 + SigPipe));
        Assert.That(error, Is.Empty);
    }

    private static RvJitResult LinuxTest(params string[] words) => RvJitProcess.Run(["run", GuestPrograms.LinuxTests, .. words]);
}
