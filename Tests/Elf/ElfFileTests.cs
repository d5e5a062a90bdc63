using System.Text;
using NUnit.Framework;
using RvJit.Guest.Elf;
using RvJit.Tests.Linux;

namespace RvJit.Tests.Elf;

public sealed class ElfFileTests
{
    [Test]
    public void AGoodFileIsRead()
    {
        Assert.That(ElfFile.TryRead(new ElfBytes().Bytes, out ElfFile? file, out string? error), Is.True, error);
        Assert.That(file!.Type, Is.EqualTo(ElfType.Executable));
        Assert.That(file.Entry, Is.EqualTo(0x11000));
        Assert.That(file.LoadSegments, Has.Count.EqualTo(2));
        Assert.That(file.LowestAddress, Is.EqualTo(ElfBytes.TextAddress));
        Assert.That(file.HighestAddress, Is.EqualTo(ElfBytes.DataAddress + 0x3000));
        Assert.That(file.Interpreter, Is.Null);
        Assert.That(file.Contents(file.LoadSegments[1]).Length, Is.EqualTo(0x800));
    }

    [Test]
    public void SegmentsAreSortedByAddress()
    {
        ElfBytes bytes = new ElfBytes()
            .Segment(0, 1, 6, 0x2000, ElfBytes.DataAddress, 0x800, 0x3000)
            .Segment(1, 1, 5, 0, ElfBytes.TextAddress, 0x1800, 0x1800);
        Assert.That(ElfFile.TryRead(bytes.Bytes, out ElfFile? file, out string? error), Is.True, error);
        Assert.That(file!.LowestAddress, Is.EqualTo(ElfBytes.TextAddress));
    }

    private static IEnumerable<TestCaseData> Spoilt()
    {
        yield return Case("not an ELF file", e => e.U8(0, 0));
        yield return Case("is a script", e => Put(e, "#!/bin/sh\n"));
        yield return Case("32-bit", e => e.U8(4, 1));
        yield return Case("class 3", e => e.U8(4, 3));
        yield return Case("big-endian", e => e.U8(5, 2));
        yield return Case("data encoding 0", e => e.U8(5, 0));
        yield return Case("x86-64", e => e.U16(18, 62));
        yield return Case("machine 9999", e => e.U16(18, 9999));
        yield return Case("version", e => e.U8(6, 0));
        yield return Case("version", e => e.U32(20, 2));
        yield return Case("object file", e => e.U16(16, 1));
        yield return Case("core dump", e => e.U16(16, 4));
        yield return Case("ELF type 77", e => e.U16(16, 77));
        yield return Case("RVE", e => e.U32(48, 8));
        yield return Case("quad-precision", e => e.U32(48, 6));
        yield return Case("no program headers", e => e.U16(56, 0));
        yield return Case("program headers of 55 bytes", e => e.U16(54, 55));
        yield return Case("more program headers", e => e.U16(56, 0xFFFF));
        yield return Case("program headers lie outside", e => e.U64(32, 0x2FF0));
        yield return Case("program headers lie outside", e => e.U64(32, ulong.MaxValue - 8));
        yield return Case("lies outside the file", e => e.Segment(1, 1, 6, 0x2000, ElfBytes.DataAddress, 0x1001, 0x3000));
        yield return Case("lies outside the file", e => e.Segment(1, 1, 6, ulong.MaxValue, ElfBytes.DataAddress, 0x800, 0x3000));
        yield return Case("more bytes in the file than in memory", e => e.Segment(1, 1, 6, 0x2000, ElfBytes.DataAddress, 0x800, 0x7ff));
        yield return Case("more bytes in the file than in memory", e => e.Segment(1, 1, 6, 0x2000, ElfBytes.DataAddress, 0x800, 0));
        yield return Case("ends past", e => e.Segment(1, 1, 6, 0x2000, 1UL << 38, 0x800, 0x3000));
        yield return Case("ends past", e => e.Segment(1, 1, 6, 0x2000, (1UL << 38) - 0x2000, 0x800, 0x3000));
        yield return Case("ends past", e => e.Segment(1, 1, 6, 0x2000, ulong.MaxValue - 0xFFF, 0x800, 0x3000));
        yield return Case("overlap", e => e.Segment(1, 1, 6, 0x2000, ElfBytes.TextAddress + 0x1000, 0x800, 0x3000));
        yield return Case("no loadable segment", e => e.U32(64, 0).U32(64 + 56, 0));
        yield return Case("interpreter", e => e.Segment(1, 3, 4, 0x2FFF, 0, 100, 100));
        yield return Case("not one zero-terminated string", e => e.Segment(1, 3, 4, 0, 0, 4, 4));
    }

    [TestCaseSource(nameof(Spoilt))]
    public void DamageIsNamed(string expected, byte[] bytes)
    {
        Assert.That(ElfFile.TryRead(bytes, out _, out string? error, "prog"), Is.False);
        Assert.That(error, Does.Contain(expected).And.StartWith("prog"));
        Assert.That(error, Does.Not.Contain("\n"));
    }

    [Test]
    public void EveryTruncationIsRefusedOrRead([Range(0, 200)] int length)
    {
        byte[] bytes = new ElfBytes().Bytes[..length];
        Assert.That(ElfFile.TryRead(bytes, out _, out string? error), Is.False);
        Assert.That(error, Is.Not.Empty);
    }

    [Test]
    public void HostileFilesNeverBreakTheReader([Values("hello", "hello-pie")] string program, [Values(1, 2, 3, 4)] int seed)
    {
        byte[] original = File.ReadAllBytes(GuestProgram.Prebuilt(program));
        var random = new Random(seed);
        int sections = BitConverter.ToInt32(original, 40);
        for (int round = 0; round < 500; round++)
        {
            byte[] bytes = (byte[])original.Clone();
            int changes = random.Next(1, 12);
            for (int i = 0; i < changes; i++)
            {
                int at = random.Next(4) switch
                {
                    0 => random.Next(64),
                    1 => 64 + random.Next(56 * 8),
                    2 => sections + random.Next(Math.Max(1, bytes.Length - sections)),
                    _ => random.Next(bytes.Length),
                };
                bytes[Math.Min(at, bytes.Length - 1)] = random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => (byte)random.Next(256) };
            }

            if (random.Next(8) == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            ReadEverything(bytes);
        }
    }

    [Test]
    public void SymbolsAndSectionsOfAProgram()
    {
        Assert.That(ElfFile.TryRead(GuestProgram.Prebuilt("hello"), out ElfFile? file, out string? error), Is.True, error);
        Assert.That(file!.TryReadSections(out IReadOnlyList<ElfSection> sections, out error), Is.True, error);
        Assert.That(sections.Single(s => s.Name == ".text").IsCode, Is.True);
        Assert.That(file.TryReadSymbols(out IReadOnlyList<ElfSymbol> symbols, out error), Is.True, error);
        Assert.That(symbols.All(s => s.Name.Length < 4096), Is.True);
    }

    [Test]
    public void FilesThatCannotBeReadAreNamed()
    {
        string folder = Directory.CreateTempSubdirectory("rvjit").FullName;
        try
        {
            string empty = Path.Combine(folder, "empty");
            File.WriteAllBytes(empty, []);
            AssertRefused(folder, "is a directory");
            AssertRefused(Path.Combine(folder, "nothing"), "does not exist");
            AssertRefused(empty, "is empty");
            AssertRefused("/dev/null", "is empty or not a regular file");
            string secret = Path.Combine(folder, "secret");
            File.WriteAllBytes(secret, new ElfBytes().Bytes);
            if (!OperatingSystem.IsLinux() || Environment.UserName == "root")
                return; // root reads everything
            File.SetUnixFileMode(secret, UnixFileMode.None);
            AssertRefused(secret, "cannot be read");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void AssertRefused(string path, string expected)
    {
        Assert.That(ElfFile.TryRead(path, out _, out string? error), Is.False);
        Assert.That(error, Does.Contain(expected).And.Contain(path));
    }

    private static void ReadEverything(byte[] bytes)
    {
        if (!ElfFile.TryRead(bytes, out ElfFile? file, out string? error))
        {
            Assert.That(error, Is.Not.Empty);
            return;
        }

        foreach (ElfSegment s in file.LoadSegments)
            _ = file.Contents(s).Length;
        if (file.TryReadSections(out IReadOnlyList<ElfSection> sections, out _))
        {
            foreach (ElfSection s in sections)
                _ = file.Contents(s).Length;
        }

        if (file.TryReadSymbols(out IReadOnlyList<ElfSymbol> symbols, out _))
        {
            foreach (ElfSymbol s in symbols)
                _ = s.Name.Length;
        }
    }

    private static TestCaseData Case(string expected, Func<ElfBytes, ElfBytes> spoil) =>
        new TestCaseData(expected, spoil(new ElfBytes()).Bytes).SetArgDisplayNames(expected);

    private static ElfBytes Put(ElfBytes elf, string text)
    {
        Encoding.ASCII.GetBytes(text).CopyTo(elf.Bytes, 0);
        return elf;
    }
}
