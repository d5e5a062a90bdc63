using NUnit.Framework;
using RvJit.Machine;
using RvJit.Machine.Board;
using RvJit.Machine.Paging;
using RvJit.Tests.Support;
using RvJit.Translator;
using static RvJit.Tests.Support.PageTables;

namespace RvJit.Tests.Paging;

/// <summary>
/// A guest that tries to get host memory into its TLB: every entry of every block is looked at afterwards, and may only
/// lead to whole pages of RAM that the hart was allowed.
/// </summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public unsafe class HostilePageTableTests(Tier tier)
{
    private const ulong CodeVirtual = 0x1000;
    private const ulong Virtual = 0x40_0000_0000 - 0x4000_0000;

    private static readonly object[] _outside =
    [
        new object[] { 0UL, 0 },
        new object[] { MachineHarness.Ram - 0x1000, 0 },
        new object[] { MachineHarness.Ram + MachineHarness.RamBytes, 0 },
        new object[] { 0xFF_FFFF_FFFF_F000UL, 0 },
        new object[] { 0x1000_0000UL, 0 },
        new object[] { MachineHarness.Ram + MachineHarness.RamBytes, 1 },
        new object[] { 0x4000_0000UL, 2 },
    ];

    [TestCaseSource(nameof(_outside))]
    public void PagesOutsideRamAreAccessFaults(ulong physical, int level)
    {
        using MachineHarness m = Make(out PageTables tables);
        tables.Map(Virtual, physical, AllRights, level);

        Assert.Multiple(() =>
        {
            Assert.That(At(m, Virtual + 0x10, 0), Is.EqualTo(new Trap(TrapCause.LoadAccessFault, Virtual + 0x10)));
            Assert.That(At(m, Virtual + 0x10, 8), Is.EqualTo(new Trap(TrapCause.StoreAccessFault, Virtual + 0x10)));
            Assert.That(At(m, Virtual + 0x10, 16), Is.EqualTo(new Trap(TrapCause.StoreAccessFault, Virtual + 0x10)));
            Assert.That(m.Run(Virtual + 0x10), Is.EqualTo(new Trap(TrapCause.InstructionAccessFault, Virtual + 0x10)));
            AssertOnlyRam(m);
        });
    }

    /// <summary>A gigapage whose first four megabytes are RAM, and the crossing from the last of them.</summary>
    [Test]
    public void AHugePageOverTheEndOfRamIsCutThere()
    {
        using MachineHarness m = Make(out PageTables tables);
        tables.Map(Virtual, MachineHarness.Ram, AllRights, level: 2);
        ulong end = Virtual + MachineHarness.RamBytes;

        Assert.Multiple(() =>
        {
            Assert.That(At(m, end - 8, 8).Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(At(m, end - 4, 8), Is.EqualTo(new Trap(TrapCause.StoreAccessFault, end)));
            Assert.That(At(m, end, 0), Is.EqualTo(new Trap(TrapCause.LoadAccessFault, end)));
            Assert.That(At(m, Virtual + 0x3FFF_FFF8, 0).Cause, Is.EqualTo(TrapCause.LoadAccessFault));
            AssertOnlyRam(m);
        });
    }

    [Test]
    public void TablesOutsideRamAreAccessFaults()
    {
        using MachineHarness m = Make(out PageTables tables);
        m.Word(tables.EntryOf(Virtual, 2)) = ((MachineHarness.Ram + MachineHarness.RamBytes) >> 12 << 10) | V;

        Assert.Multiple(() =>
        {
            Assert.That(At(m, Virtual, 0), Is.EqualTo(new Trap(TrapCause.LoadAccessFault, Virtual)));
            m.View.SetMode(MachineHarness.Mode(Privilege.Supervisor, (8UL << 60) | 0xFFF_FFFF_FFFF));
            Assert.That(At(m, Virtual, 0).Cause, Is.EqualTo(TrapCause.InstructionAccessFault));
            AssertOnlyRam(m);
        });
    }

    [Test]
    public void AddressesWithoutTranslationEndWithRam()
    {
        using MachineHarness m = Make(out _);
        m.View.SetMode(MachineHarness.Mode(Privilege.Machine, 0));
        ulong end = MachineHarness.Ram + MachineHarness.RamBytes;

        Assert.Multiple(() =>
        {
            foreach (ulong address in new[] { end, end - 4, 0UL, ulong.MaxValue - 3, ulong.MaxValue - 7, MachineHarness.Ram - 4, 1UL << 56 })
                Assert.That(At(m, address, 8, MachineHarness.Code).Cause, Is.EqualTo(TrapCause.StoreAccessFault), $"0x{address:x}");
            AssertOnlyRam(m);
        });
    }

    /// <summary>PMP grants the first 16 bytes of a page and denies the rest of it.</summary>
    [Test]
    public void APageThatPmpCutsNeverEntersTheTlb()
    {
        using MachineHarness m = Make(out PageTables tables, pmpEntries: 4);
        tables.Map(Virtual, MachineHarness.Data, AllRights);
        m.Harts[0].Pmp.Set(0, PmpRegisters.ModeNapot | 7, PmpRegisters.NapotAddress(MachineHarness.Data, 16));
        m.Harts[0].Pmp.Set(1, PmpRegisters.ModeNapot, PmpRegisters.NapotAddress(MachineHarness.Data, 4096));
        m.Harts[0].Pmp.Set(2, PmpRegisters.ModeNapot | 7, ulong.MaxValue >> 10);
        m.View.FlushAll();

        Assert.Multiple(() =>
        {
            Assert.That(At(m, Virtual + 8, 8).Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(At(m, Virtual + 12, 8), Is.EqualTo(new Trap(TrapCause.StoreAccessFault, Virtual + 12)));
            Assert.That(At(m, Virtual + 16, 0), Is.EqualTo(new Trap(TrapCause.LoadAccessFault, Virtual + 16)));
            Assert.That(m.Run(Virtual + 16), Is.EqualTo(new Trap(TrapCause.InstructionAccessFault, Virtual + 16)));
            Assert.That(m.Run(Virtual).Cause, Is.EqualTo(TrapCause.Breakpoint));
            AssertOnlyRam(m, forbidden: MachineHarness.Data);
        });
    }

    /// <summary>The walk itself asks PMP, with S privilege.</summary>
    [Test]
    public void TablesThatPmpHidesAreAccessFaults()
    {
        using MachineHarness m = Make(out PageTables tables, pmpEntries: 4);
        tables.Map(Virtual, MachineHarness.Data, AllRights);
        m.Harts[0].Pmp.Set(0, PmpRegisters.ModeNapot, PmpRegisters.NapotAddress(tables.Root, 4096));
        m.Harts[0].Pmp.Set(1, PmpRegisters.ModeNapot | 7, ulong.MaxValue >> 10);
        m.View.FlushAll();

        Assert.That(m.Run(CodeVirtual), Is.EqualTo(new Trap(TrapCause.InstructionAccessFault, CodeVirtual)));
    }

    [Test]
    public void ADeviceIsReachedByEveryAccessAndNeverByTheTlb()
    {
        const ulong DeviceAddress = 0x1000_0000;
        using MachineHarness m = Make(out PageTables tables);
        var device = new Register();
        m.Bus.Add(DeviceAddress, device);
        tables.Map(Virtual, DeviceAddress, AllRights);
        m.X[11] = 42;

        Assert.Multiple(() =>
        {
            for (int i = 0; i < 3; i++)
                Assert.That(At(m, Virtual, 8).Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(device.Writes, Is.EqualTo(3));
            Assert.That(At(m, Virtual, 0).Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(m.X[12], Is.EqualTo(42UL));
            AssertOnlyRam(m);
        });
    }

    private static void AssertOnlyRam(MachineHarness m, ulong? forbidden = null)
    {
        ulong first = (ulong)m.Bus.Memory.Pointer(MachineHarness.Ram, MachineHarness.RamBytes);
        foreach ((ulong tag, ulong addend) in m.View.DataEntries())
        {
            ulong host = tag + addend;
            Assert.That(host - first, Is.LessThanOrEqualTo(MachineHarness.RamBytes - 4096), $"tag 0x{tag:x}");
            if (forbidden is { } page)
                Assert.That(host - first, Is.Not.EqualTo(page - MachineHarness.Ram), $"tag 0x{tag:x}");
        }
    }

    private MachineHarness Make(out PageTables tables, int pmpEntries = 0)
    {
        var m = new MachineHarness(tier, pmpEntries: pmpEntries);
        tables = new PageTables(m, 3);
        tables.Map(CodeVirtual, MachineHarness.Code, AllRights);
        m.Assemble(MachineHarness.Code, Encoder.Word("ld", rd: 12, rs1: 10), 0x00100073, Encoder.Word("sd", rs1: 10, rs2: 11), 0x00100073, Encoder.Word("amoadd.d", rd: 12, rs1: 10, rs2: 11), 0x00100073);
        m.View.SetMode(MachineHarness.Mode(Privilege.Supervisor, tables.Satp));
        return m;
    }

    private static Trap At(MachineHarness m, ulong address, ulong offset, ulong code = CodeVirtual)
    {
        m.X[10] = address;
        return m.Run(code + offset);
    }

    private sealed class Register : IBusDevice
    {
        private ulong _value;

        public string Name => "register";

        public ulong Size => 4096;

        public int Writes { get; private set; }

        public bool TryRead(ulong offset, int bytes, out ulong value)
        {
            value = _value;
            return true;
        }

        public bool TryWrite(ulong offset, int bytes, ulong value)
        {
            Writes++;
            _value = value;
            return true;
        }
    }
}
