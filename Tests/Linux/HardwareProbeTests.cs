using NUnit.Framework;
using RvJit.Guest.Linux.Identity;
using RvJit.Machine;

namespace RvJit.Tests.Linux;

/// <summary>riscv_hwprobe(2) tells the selected extensions; numbers are Linux's (uapi asm/hwprobe.h).</summary>
public class HardwareProbeTests
{
    private const ulong FD = 1 << 0, C = 1 << 1, Zba = 1 << 3, Zbb = 1 << 4, Zbs = 1 << 5, Zicboz = 1 << 6;
    private const ulong Zca = 1UL << 43, Zcd = 1UL << 45, Zaamo = 1UL << 56, Zalrsc = 1UL << 57;
    private const long BaseBehavior = 3, ImaExtensions = 4, ZicbozBlock = 6, TimeFrequency = 8, ZicbomBlock = 12, ZicbopBlock = 15;

    [TestCase("rv64gc", FD | C | Zca | Zcd | Zaamo | Zalrsc)]
    [TestCase("rv64imac", C | Zca | Zaamo | Zalrsc)]
    [TestCase("rv64imaf", Zaamo | Zalrsc)]
    [TestCase("rv64g_b_zicboz", FD | Zaamo | Zalrsc | Zba | Zbb | Zbs | Zicboz)]
    [TestCase("rv64i_sv57_zic64b", 0UL)]
    public void ExtensionsAreThoseOfTheHart(string isa, ulong bits) =>
        Assert.That(HardwareProbe.ValueOf(ImaExtensions, Set(isa)), Is.EqualTo(bits));

    [TestCase("rv64ima", 1UL)]
    [TestCase("rv64im", 0UL)]
    public void TheBaseIsImaOrNothing(string isa, ulong value) =>
        Assert.That(HardwareProbe.ValueOf(BaseBehavior, Set(isa)), Is.EqualTo(value));

    [TestCase("rv64g", 0UL)]
    [TestCase("rv64g_zicbom_zicbop_zicboz", 64UL)]
    public void BlocksHaveASizeWhereThereAreInstructionsForThem(string isa, ulong bytes)
    {
        foreach (long key in (long[])[ZicbozBlock, ZicbomBlock, ZicbopBlock])
            Assert.That(HardwareProbe.ValueOf(key, Set(isa)), Is.EqualTo(bytes));
    }

    [Test]
    public void TheRestIsKnownOrNot()
    {
        Assert.That(HardwareProbe.ValueOf(TimeFrequency, ExtensionSet.Max), Is.EqualTo(10_000_000));
        Assert.That(HardwareProbe.ValueOf(-1, ExtensionSet.Max), Is.Null);
        Assert.That(HardwareProbe.Reportable.Members.Where(extension => extension.Kind != ExtensionKind.Unprivileged), Is.Empty);
    }

    private static ExtensionSet Set(string isa) =>
        IsaString.TryParse(isa, out ExtensionSet? set, out string? error) ? set : throw new ArgumentException(error);
}
