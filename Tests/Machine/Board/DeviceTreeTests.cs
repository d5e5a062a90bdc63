using System.Buffers.Binary;
using NUnit.Framework;
using RvJit.Machine;
using RvJit.Machine.Board;

namespace RvJit.Tests.Machine.Board;

/// <summary>The generated tree, read back, and trees that lie.</summary>
public class DeviceTreeTests
{
    private static readonly BoardDescription _board = new()
    {
        Harts = 3,
        Extensions = ExtensionSet.Of("g", "c", "zicboz", "sstc", "sv48"),
        MemoryBase = PhysicalMemory.DefaultBase,
        MemoryBytes = 5UL << 30,
        VirtioDevices = 2,
        BootArguments = "console=ttyS0 quiet",
        InitialDiskAddress = 0x9000_0000,
        InitialDiskBytes = 0x1234,
        RandomSeed = new byte[] { 1, 2, 3, 4 },
    };

    [Test]
    public void SaysWhatTheBoardIs()
    {
        DeviceTreeNode root = Read(BoardDeviceTree.Build(_board));

        Assert.Multiple(() =>
        {
            Assert.That(root.Find("chosen")!.Text("bootargs"), Is.EqualTo((string[])["console=ttyS0 quiet"]));
            Assert.That(root.Find("chosen")!.Cells("linux,initrd-start"), Is.EqualTo((uint[])[0, 0x9000_0000]));
            Assert.That(root.Find("chosen")!.Cells("linux,initrd-end"), Is.EqualTo((uint[])[0, 0x9000_1234]));
            Assert.That(root.Find("chosen")!.Properties["rng-seed"], Is.EqualTo(_board.RandomSeed.ToArray()));
            Assert.That(root.Find("memory@80000000")!.Cells("reg"), Is.EqualTo((uint[])[0, 0x8000_0000, 1, 0x4000_0000]));
            Assert.That(root.Find("cpus")!.Cells("timebase-frequency"), Is.EqualTo((uint[])[10_000_000]));
            Assert.That(root.Find("cpus")!.Children, Has.Count.EqualTo(3));
            Assert.That(root.Find("cpus/cpu@2")!.Cells("reg"), Is.EqualTo((uint[])[2]));
            Assert.That(root.Find("cpus/cpu@0")!.Text("riscv,isa")[0], Does.StartWith("rv64imafdc_").And.Contain("_sstc"));
            Assert.That(root.Find("cpus/cpu@0")!.Text("riscv,isa-base"), Is.EqualTo((string[])["rv64i"]));
            Assert.That(root.Find("cpus/cpu@0")!.Text("riscv,isa-extensions"), Does.Contain("d").And.Contain("zicboz").And.Not.Contain("sv48"));
            Assert.That(root.Find("cpus/cpu@0")!.Text("mmu-type"), Is.EqualTo((string[])["riscv,sv48"]));
            Assert.That(root.Find("cpus/cpu@0")!.Cells("riscv,cboz-block-size"), Is.EqualTo((uint[])[64]));
            Assert.That(root.Find("cpus/cpu@0")!.Properties.ContainsKey("riscv,cbom-block-size"), Is.False);
            Assert.That(root.Find("soc/virtio_mmio@10002000")!.Cells("interrupts"), Is.EqualTo((uint[])[2]));
            Assert.That(root.Find("soc/virtio_mmio@10003000"), Is.Null);
            Assert.That(root.Find("soc/plic@c000000")!.Cells("interrupts-extended"), Has.Length.EqualTo(12));
        });
    }

    [Test]
    public void ReferencesLeadSomewhere()
    {
        DeviceTreeNode root = Read(BoardDeviceTree.Build(_board));
        uint plic = root.Find("soc/plic@c000000")!.Cells("phandle")[0];
        uint finisher = root.Find("soc/test@100000")!.Cells("phandle")[0];
        uint[] harts = [.. root.Find("cpus")!.Children.Select(cpu => cpu.Find("interrupt-controller")!.Cells("phandle")[0])];

        Assert.That(harts.Append(plic).Append(finisher), Is.Unique);
        Assert.That(root.Find("soc/serial@10000000")!.Cells("interrupt-parent")[0], Is.EqualTo(plic));
        Assert.That(root.Find("poweroff")!.Cells("regmap")[0], Is.EqualTo(finisher));
        Assert.That(root.Find("reboot")!.Cells("value")[0], Is.EqualTo(0x7777));
        uint[] wires = root.Find("soc/clint@2000000")!.Cells("interrupts-extended");
        Assert.That(wires, Is.EqualTo(harts.SelectMany(hart => (uint[])[hart, 3, hart, 7])));
        Assert.That(root.Find(root.Find("chosen")!.Text("stdout-path")[0])!.Text("compatible"), Is.EqualTo((string[])["ns16550a"]));
    }

    [Test]
    public void EveryCutOfATreeIsRefused()
    {
        byte[] tree = BoardDeviceTree.Build(_board);
        for (int length = 0; length < tree.Length; length += 3)
            Assert.That(DeviceTreeReader.TryRead(tree.AsSpan(0, length), out _, out string? error), Is.False, error);
    }

    /// <summary>Whatever stands in any cell, reading ends, with a tree or with an error.</summary>
    [Test]
    public void EveryWrongCellIsSurvived([Values(0U, 1U, 2U, 3U, 9U, 0x7FFF_FFFFU, 0x8000_0000U, uint.MaxValue)] uint value)
    {
        byte[] tree = BoardDeviceTree.Build(_board with { Harts = 1 });
        int refused = 0;
        for (int at = 0; at + 4 <= tree.Length; at += 4)
        {
            byte[] wrong = [.. tree];
            BinaryPrimitives.WriteUInt32BigEndian(wrong.AsSpan(at), value);
            bool read = DeviceTreeReader.TryRead(wrong, out DeviceTreeNode? root, out string? error);
            Assert.That(read ? root : (object?)error, Is.Not.Null);
            refused += read ? 0 : 1;
        }

        Assert.That(refused, Is.GreaterThan(10));
    }

    private static DeviceTreeNode Read(byte[] tree) => DeviceTreeReader.TryRead(tree, out DeviceTreeNode? root, out string? error)
        ? root
        : throw new AssertionException(error);
}
