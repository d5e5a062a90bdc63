using System.Text.RegularExpressions;
using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.Cli;

/// <summary>--dump-region: what translated code was made of, and how big it is.</summary>
[Parallelizable(ParallelScope.All)]
public sealed partial class DumpRegionTests
{
    private static string Fragments => GuestPrograms.PathOf("fragments");

    [TestCase("bit_crc")]
    [TestCase("bit_crc+4")]
    [TestCase("0x1020c")]
    [TestCase("66060")]
    public void ARegionIsFoundByAnyPlaceInIt(string place)
    {
        RvJitResult result = RvJitProcess.Run("run", "--tier=jit", "--dump-region", place, Fragments);

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Does.Contain("bit_crc "), "the program's own output is where it was");
        Assert.That(result.ErrorLines[0], Does.Match(HeaderOf("bit_crc")));
        Assert.That(result.ErrorLines[1], Does.Match("^  entries: 0x10208 <bit_crc>"));
        Assert.That(result.Error, Does.Contain("\txor\ta0,a0,a5\n"));
        Assert.That(MachineCode().Match(result.Error).Groups[1].Value.ReplaceLineEndings("").Replace(" ", "").Length / 2,
            Is.EqualTo(int.Parse(MachineBytes().Match(result.ErrorLines[0]).Groups[1].ValueSpan)), "as many bytes as it says");
    }

    [Test]
    public void AllRegionsArePrintedWithoutTheirMachineCode()
    {
        RvJitResult result = RvJitProcess.Run("run", "--tier=jit", "--dump-region", "all", Fragments);

        Assert.That(result.ErrorLines.Count(line => line.StartsWith("region ", StringComparison.Ordinal)), Is.GreaterThan(30));
        Assert.That(result.Error, Does.Not.Contain("machine code at"));
    }

    /// <summary>Regions of the automatic tier are made in the background, so one long loop stands for what is hot.</summary>
    [Test]
    public void TheAutomaticTierTranslatesWhatIsHot()
    {
        RvJitResult result = RvJitProcess.Run("run", "--dump-region", "all", GuestPrograms.Kernels, "crc32", "20");

        Assert.That(result.ErrorLines[0], Does.Match("^region 0x[0-9a-f]+ of process "));
    }

    [Test]
    public void WhatWasNotTranslatedIsSaid()
    {
        RvJitResult result = RvJitProcess.Run("run", "--tier=interp", "--dump-region", "bit_crc", "--dump-region", "0x10", Fragments);

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Error, Is.EqualTo("no region holds bit_crc: it was not translated\nno region holds 0x10: it was not translated\n"));
    }

    [Test]
    public void AProgramOfAMachineHasSymbolsToo()
    {
        RvJitResult result = RvJitProcess.Run("machine", "--tier=jit", "--dump-region", "_start", "--bios", GuestPrograms.PathOf("machine-hello"));

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.ErrorLines[0], Does.StartWith("region 0x80000000 <_start> of page 0x80000000 at 0x80000000: "));
    }

    [TestCase("nosuch", "no file that the program executes has a symbol nosuch")]
    [TestCase("nosuch+0x10", "no file that the program executes has a symbol nosuch")]
    public void AnUnknownSymbolIsOneLine(string place, string expected)
    {
        RvJitResult result = RvJitProcess.Run("run", "--dump-region", place, GuestPrograms.Hello);

        Assert.That(result.ExitCode, Is.EqualTo(OneLine.BadInput), result.ToString());
        Assert.That(result.Error, Is.EqualTo($"rvjit: error: --dump-region {place}: {expected}\n"));
    }

    [TestCase("0xyz")]
    [TestCase("12f")]
    [TestCase("main+q")]
    [TestCase("+4")]
    public void NoPlaceIsOneLine(string place) =>
        OneLine.Assert(RvJitProcess.Run("run", "--dump-region", place, GuestPrograms.Hello), $"--dump-region {place} is no place in the program");

    [Test]
    public void ABatchHasNoRegions() =>
        OneLine.Assert(RvJitProcess.Run("machine", "--dump-region", "all", "--batch", GuestPrograms.PathOf("machine-hello")), "leave --batch out");

    private static string HeaderOf(string function) =>
        $@"^region 0x[0-9a-f]+ <{function}> of process \d+: \d+ instructions in \d+ blocks, \d+ bytes of IL \(\d+\.\d an instruction\), \d+ bytes of machine code \(\d+\.\d an instruction\), optimized$";

    [GeneratedRegex(@"machine code at 0x[0-9a-f]+:\n((?:    [0-9a-f]+\n)+)")]
    private static partial Regex MachineCode();

    [GeneratedRegex(@"(\d+) bytes of machine code")]
    private static partial Regex MachineBytes();
}
