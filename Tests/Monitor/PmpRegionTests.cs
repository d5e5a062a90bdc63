using NUnit.Framework;
using RvJit.Machine;
using RvJit.Monitor;

namespace RvJit.Tests.Monitor;

/// <summary>Bookkeeping and register values against the layouts of Keystone sm/src/pmp.c.</summary>
public class PmpRegionTests
{
    private const ulong Ram = 0x8000_0000;

    [Test]
    public void APowerOfTwoAtItsOwnAlignmentIsNapot()
    {
        PmpRegionTable table = Booted();
        Assert.That(table.Add(Ram + 0x40_0000, 0x40_0000, PmpPriority.Any, false, out int id), Is.EqualTo(KeystoneError.Success));
        var registers = new PmpRegisters(8);
        table[id].Set(registers, Access.None);
        Assert.Multiple(() =>
        {
            Assert.That(registers.Config(1), Is.EqualTo(0x18));
            Assert.That(registers.Address(1), Is.EqualTo((Ram + 0x40_0000 + 0x1f_ffff) >> 2));
            Assert.That(registers.Writes, Is.EqualTo(1));
        });
    }

    [Test]
    public void AnythingElseTakesTwoNeighboursAsTor()
    {
        PmpRegionTable table = Booted();
        Assert.That(table.Add(Ram + 0x40_0000, 0x3000, PmpPriority.Any, false, out int id), Is.EqualTo(KeystoneError.Success));
        var registers = new PmpRegisters(8);
        table[id].Set(registers, Access.All);
        Assert.Multiple(() =>
        {
            Assert.That(registers.Config(1), Is.Zero);
            Assert.That(registers.Address(1), Is.EqualTo((Ram + 0x40_0000) >> 2));
            Assert.That(registers.Config(2), Is.EqualTo(0x0f));
            Assert.That(registers.Address(2), Is.EqualTo((Ram + 0x40_3000) >> 2));
            Assert.That(registers.Writes, Is.EqualTo(2));
        });
    }

    [Test]
    public void TheMonitorIsOnTopAndTheSystemAtTheBottom()
    {
        PmpRegionTable table = Booted();
        var registers = new PmpRegisters(8);
        table[0].Set(registers, Access.None);
        table[1].Set(registers, Access.All);
        Assert.Multiple(() =>
        {
            Assert.That((registers.Config(0), registers.Address(0)), Is.EqualTo(((byte)0x18, (Ram + 0xf_ffff) >> 2)));
            Assert.That((registers.Config(7), registers.Address(7)), Is.EqualTo(((byte)0x1f, ulong.MaxValue)));
        });
    }

    [TestCase(0x40_0000UL, 0UL, KeystoneError.PmpRegionSizeInvalid)]
    [TestCase(0x40_0000UL, 0x1800UL, KeystoneError.PmpRegionNotPageGranularity)]
    [TestCase(0x40_0800UL, 0x1000UL, KeystoneError.PmpRegionNotPageGranularity)]
    [TestCase(0x10_0000UL, 0x1000UL, KeystoneError.PmpRegionOverlap, Description = "inside the monitor")]
    [TestCase(0x1f_f000UL, 0x2000UL, KeystoneError.PmpRegionOverlap, Description = "over the monitor's end")]
    [TestCase(0x7fff_f000UL, ulong.MaxValue - 0xfff, KeystoneError.PmpRegionOverlap, Description = "wraps")]
    public void WhatIsRefused(ulong offset, ulong size, KeystoneError error) =>
        Assert.That(Booted().Add(Ram + offset, size, PmpPriority.Any, false, out _), Is.EqualTo(error));

    [Test]
    public void ABottomRegionMustBeNapot() => Assert.That(
        Booted().Add(Ram + 0x40_0000, 0x3000, PmpPriority.Bottom, false, out _), Is.EqualTo(KeystoneError.PmpRegionImpossibleTor));

    [Test]
    public void SixNapotRegionsFitAndASeventhDoesNot()
    {
        PmpRegionTable table = Booted();
        for (ulong i = 0; i < 6; i++)
            Assert.That(table.Add(Ram + 0x40_0000 + (i * 0x2000), 0x1000, PmpPriority.Any, false, out _), Is.EqualTo(KeystoneError.Success));
        Assert.That(table.Add(Ram + 0x80_0000, 0x1000, PmpPriority.Any, false, out _), Is.EqualTo(KeystoneError.PmpRegionMaxReached));
        table.Remove(4);
        Assert.That(table.Add(Ram + 0x80_0000, 0x1000, PmpPriority.Any, false, out int id), Is.EqualTo(KeystoneError.Success));
        Assert.That(table[id].Register, Is.EqualTo(3));
    }

    [Test]
    public void ATorRegionNeedsNeighbours()
    {
        PmpRegionTable table = Booted();
        int[] ids = new int[6];
        for (int i = 0; i < ids.Length; i++)
            table.Add(Ram + 0x40_0000 + ((ulong)i * 0x2000), 0x1000, PmpPriority.Any, false, out ids[i]);
        table.Remove(ids[1]);
        table.Remove(ids[3]);
        Assert.That(table.Add(Ram + 0x80_0000, 0x3000, PmpPriority.Any, false, out _), Is.EqualTo(KeystoneError.PmpRegionMaxReached));
        table.Remove(ids[2]);
        Assert.That(table.Add(Ram + 0x80_0000, 0x3000, PmpPriority.Any, false, out int id), Is.EqualTo(KeystoneError.Success));
        Assert.That(table[id].Register, Is.EqualTo(3));
    }

    [Test]
    public void FreeingASharedBottomRegionKeepsTheLastRegister()
    {
        PmpRegionTable table = Booted();
        table.Add(Ram + 0x40_0000, 0x1000, PmpPriority.Bottom, false, out int utm);
        Assert.That(table[utm].Register, Is.EqualTo(7));
        table.Remove(utm);
        for (ulong i = 0; i < 6; i++)
            table.Add(Ram + 0x40_0000 + (i * 0x2000), 0x1000, PmpPriority.Any, false, out _);
        Assert.That(table.Add(Ram + 0x80_0000, 0x1000, PmpPriority.Any, false, out _), Is.EqualTo(KeystoneError.PmpRegionMaxReached));
    }

    /// <summary>Whatever is created and destroyed: no register belongs to two regions, and the system's to none but shared buffers.</summary>
    [TestCase(8)]
    [TestCase(16)]
    [TestCase(64)]
    public void RegistersAreNeverShared(int registers)
    {
        var random = new Random(registers);
        var table = new PmpRegionTable(registers);
        table.Add(Ram, KeystoneAbi.MonitorSize, PmpPriority.Top, false, out _);
        table.Add(0, PmpRegion.WholeSpace, PmpPriority.Bottom, true, out _);
        var live = new List<(int Epm, int Utm)>();
        int most = 0;
        for (int i = 0; i < 20_000; i++)
        {
            if (random.Next(2) == 0 && live.Count != 0)
            {
                int gone = random.Next(live.Count);
                table.Remove(live[gone].Epm);
                table.Remove(live[gone].Utm);
                live.RemoveAt(gone);
                continue;
            }

            ulong at = Ram + 0x100_0000 + ((ulong)random.Next(1000) * 0x10_0000), size = random.Next(3) == 0 ? 0x3000u : 0x4000u;
            if (table.Add(at, size, PmpPriority.Any, false, out int epm) != KeystoneError.Success)
                continue;
            if (table.Add(at + 0x8_0000, 0x1000, PmpPriority.Bottom, false, out int utm) != KeystoneError.Success)
                table.Remove(epm);
            else
                live.Add((epm, utm));
            most = Math.Max(most, live.Count);
            int[] used = [.. live.SelectMany(l => table[l.Epm].NeedsTwoRegisters ? new[] { table[l.Epm].Register, table[l.Epm].Register - 1 } : [table[l.Epm].Register])];
            Assert.That(used, Is.Unique);
            Assert.That(used, Has.None.EqualTo(0).And.None.EqualTo(registers - 1));
        }

        Assert.That(most, Is.GreaterThanOrEqualTo((registers - 2) / 2), "the table filled up");
    }

    [Test]
    public void UnsetClearsBothRegistersOfATorRegion()
    {
        PmpRegionTable table = Booted();
        table.Add(Ram + 0x40_0000, 0x3000, PmpPriority.Any, false, out int id);
        var registers = new PmpRegisters(8);
        table[id].Set(registers, Access.All);
        table[id].Unset(registers);
        Assert.That(registers.SameAs(new PmpRegisters(8)), Is.True);
    }

    private static PmpRegionTable Booted()
    {
        var table = new PmpRegionTable(8);
        table.Add(Ram, KeystoneAbi.MonitorSize, PmpPriority.Top, false, out _);
        table.Add(0, PmpRegion.WholeSpace, PmpPriority.Bottom, true, out _);
        return table;
    }
}
