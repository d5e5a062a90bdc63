using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.Cli;

[Parallelizable(ParallelScope.All)]
public class DisasmTests
{
    /// <summary>The whole of a stripped program: addresses, bits and labels are objdump's, line by line.</summary>
    [Test]
    public void ListsWhatObjdumpLists()
    {
        string objdump = Extras.RequireObjdump();
        string[] expected = [.. Tool.Run(objdump, "-d", GuestPrograms.Hello).Split('\n').Where(IsListed).Select(WithoutOperands)];

        RvJitResult result = RvJitProcess.Run("disasm", GuestPrograms.Hello);
        string[] actual = [.. result.Output.Split('\n').Where(IsListed).Select(WithoutOperands)];

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(actual, Is.EqualTo(expected));
    }

    [Test]
    public void ShowsSymbols()
    {
        string compiler = Extras.RequireCrossCompiler();
        using var directory = new TemporaryDirectory();
        string source = directory.PathOf("m.c"), program = directory.PathOf("m");
        File.WriteAllText(source, "__attribute__((noinline)) int twice(int x) { return x + x; }\nint main(int c, char **v) { (void)v; return twice(c) + 1; }\n");
        Tool.Run(compiler, "-O1", "-o", program, source);

        string listing = RvJitProcess.Run("disasm", "--section", ".text", program).Output;

        Assert.That(listing, Does.Contain(" <main>:\n").And.Contain(" <twice>:\n"));
        Assert.That(listing, Does.Match(@"jal\t[0-9a-f]+ <twice>"));
        Assert.That(listing, Does.Not.Contain("section .plt"));
    }

    [Test]
    public void WhatIsOutsideOfTheSelectedExtensionsIsData()
    {
        string all = RvJitProcess.Run("disasm", "--no-aliases", GuestPrograms.Hello).Output;
        string wide = RvJitProcess.Run("disasm", "--no-aliases", "--isa", "rv64g", GuestPrograms.Hello).Output;

        Assert.That(all, Does.Contain("\tc.ldsp\t"));
        Assert.That(wide, Does.Not.Contain("\tc.ldsp\t").And.Contain("\t.2byte\t").And.Contain("\taddi\t"));
    }

    [Test]
    public void ListsARange()
    {
        RvJitResult all = RvJitProcess.Run("disasm", GuestPrograms.PathOf("hello-pie"));
        string[] lines = [.. all.Output.Split('\n').Where(line => line.Contains(":\t", StringComparison.Ordinal))];
        string start = "0x" + lines[2].Split(':')[0].Trim(), stop = "0x" + lines[5].Split(':')[0].Trim();

        RvJitResult some = RvJitProcess.Run("disasm", "--start", start, "--stop", stop, GuestPrograms.PathOf("hello-pie"));

        Assert.That(some.Output.Split('\n').Where(line => line.Contains(":\t", StringComparison.Ordinal)), Is.EqualTo(lines[2..5]));
    }

    [Test]
    public void AliasesAreAChoice()
    {
        Assert.That(RvJitProcess.Run("disasm", GuestPrograms.Hello).Output, Does.Contain("\tret\n"));
        Assert.That(RvJitProcess.Run("disasm", "--no-aliases", GuestPrograms.Hello).Output, Does.Contain("\tc.jr\tra\n").And.Not.Contain("\tret\n"));
    }

    [Test]
    public void AMissingSectionIsNamed() =>
        OneLine.Assert(RvJitProcess.Run("disasm", "--section", ".code", GuestPrograms.Hello), ".text");

    private static bool IsListed(string line) => line.Contains(":\t", StringComparison.Ordinal) || line.EndsWith(">:", StringComparison.Ordinal);

    private static string WithoutOperands(string line) => string.Join('\t', line.Split('\t').Take(2)).TrimEnd();
}
