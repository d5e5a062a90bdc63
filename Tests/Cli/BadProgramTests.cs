using System.Runtime.Versioning;
using NUnit.Framework;
using RvJit.Tests.Support;

namespace RvJit.Tests.Cli;

/// <summary>Files that cannot be run: rvjit says why in one line, for run and for disasm alike.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[UnsupportedOSPlatform("windows")]
public sealed class BadProgramTests : IDisposable
{
    private const ushort MachineX86 = 62;
    private const ulong AddressLimit = 1UL << 38;

    private readonly TemporaryDirectory _directory = new();

    private string Program => _directory.PathOf("program");

    public void Dispose() => _directory.Dispose();

    [Test]
    public void MissingFile([Values("run", "disasm")] string command) => Refused(command, "does not exist");

    [Test]
    public void APathThroughAFile([Values("run", "disasm")] string command)
    {
        File.WriteAllText(Program, "");
        OneLine.Assert(RvJitProcess.Run(command, Program + "/inside"), "inside");
    }

    [Test]
    public void DirectoryInstead([Values("run", "disasm")] string command)
    {
        Directory.CreateDirectory(Program);
        Refused(command, "is a directory");
    }

    [Test]
    public void EmptyFile([Values("run", "disasm")] string command)
    {
        File.WriteAllText(Program, "");
        Refused(command, "is empty");
    }

    [Test]
    public void NotAnElfFile([Values("run", "disasm")] string command)
    {
        File.WriteAllText(Program, "a text of some length that is no program whatsoever, whatever it is looked at with\n");
        Refused(command, "not an ELF file");
    }

    [Test]
    public void Script()
    {
        File.WriteAllText(Program, "#!/bin/sh\necho hello\n");
        Refused("run", "script");
    }

    [Test]
    public void UnreadableFile()
    {
        if (Environment.IsPrivilegedProcess)
            Assert.Pass("root reads everything; APathThroughAFile covers the failing open");
        File.Copy(GuestPrograms.Hello, Program);
        File.SetUnixFileMode(Program, UnixFileMode.None);
        Refused("run", "cannot be read");
    }

    [TestCase(3)]
    [TestCase(20)]
    [TestCase(63)]
    [TestCase(100)]
    [TestCase(5000)]
    public void TruncatedFile(int length)
    {
        GuestPrograms.WriteDamagedHello(Program, elf => elf.Truncate(length));
        Refused("run", "truncated");
    }

    [Test]
    public void ThirtyTwoBits([Values("run", "disasm")] string command)
    {
        GuestPrograms.WriteDamagedHello(Program, elf => elf.Class = 1);
        Refused(command, "32-bit");
    }

    [Test]
    public void AnotherMachine([Values("run", "disasm")] string command)
    {
        GuestPrograms.WriteDamagedHello(Program, elf => elf.Machine = MachineX86);
        Refused(command, "x86-64");
    }

    [Test]
    public void ProgramHeadersOutsideTheFile()
    {
        GuestPrograms.WriteDamagedHello(Program, elf => elf.ProgramHeaders = ulong.MaxValue - 8);
        Refused("run", "outside the file");
    }

    [TestCase(AddressLimit - 0x1000)]
    [TestCase(AddressLimit)]
    [TestCase(ulong.MaxValue - 0xFFF)]
    public void SegmentOverTheAddressLimit(ulong address)
    {
        GuestPrograms.WriteDamagedHello(Program, elf => elf.SetLoadAddress(1, address));
        Refused("run", "0x");
    }

    [Test]
    public void SegmentLargerThanMemory()
    {
        GuestPrograms.WriteDamagedHello(Program, elf => elf.SetLoadMemorySize(1, AddressLimit / 2));
        Refused("run", "program");
    }

    [Test]
    public void SegmentLargerThanItsFile()
    {
        GuestPrograms.WriteDamagedHello(Program, elf => elf.SetLoadFileSize(0, 1UL << 40));
        Refused("run", "program");
    }

    [Test]
    public void DynamicProgramWithoutItsLoader()
    {
        string compiler = Extras.RequireCrossCompiler();
        File.WriteAllText(_directory.PathOf("m.c"), "int main(void) { return 0; }\n");
        Tool.Run(compiler, "-o", Program, _directory.PathOf("m.c"));

        Refused("run", "ld-linux-riscv64-lp64d.so.1");
    }

    private void Refused(string command, string expected)
    {
        RvJitResult result = RvJitProcess.Run(command, Program);
        OneLine.Assert(result, expected);
        Assert.That(result.Error, Does.Contain("program"));
    }
}
