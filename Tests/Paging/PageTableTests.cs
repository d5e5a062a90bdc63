using NUnit.Framework;
using RvJit.Machine;
using RvJit.Machine.Paging;
using RvJit.Tests.Support;
using RvJit.Translator;
using static RvJit.Tests.Support.PageTables;

namespace RvJit.Tests.Paging;

/// <summary>What a page-table entry means, by the privileged manual; one load, store or fetch each.</summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public unsafe class PageTableTests(Tier tier)
{
    private const ulong CodeVirtual = 0x1000;
    private const ulong Virtual = 0x4000_0000;

    private const TrapCause Stops = TrapCause.Breakpoint;

    private static readonly object[] _entries =
    [
        // bits, S loads, S stores, S fetches
        new object[] { V | R | A | D, Stops, TrapCause.StorePageFault, TrapCause.InstructionPageFault },
        new object[] { V | R | W | A | D, Stops, Stops, TrapCause.InstructionPageFault },
        new object[] { V | X | A | D, TrapCause.LoadPageFault, TrapCause.StorePageFault, Stops },
        new object[] { AllRights, Stops, Stops, Stops },
        new object[] { AllRights & ~V, TrapCause.LoadPageFault, TrapCause.StorePageFault, TrapCause.InstructionPageFault },
        new object[] { V | W | A | D, TrapCause.LoadPageFault, TrapCause.StorePageFault, TrapCause.InstructionPageFault },
        new object[] { V | W | X | A | D, TrapCause.LoadPageFault, TrapCause.StorePageFault, TrapCause.InstructionPageFault },
        new object[] { AllRights | U, TrapCause.LoadPageFault, TrapCause.StorePageFault, TrapCause.InstructionPageFault },
        new object[] { AllRights & ~A, TrapCause.LoadPageFault, TrapCause.StorePageFault, TrapCause.InstructionPageFault },
        new object[] { AllRights & ~D, Stops, TrapCause.StorePageFault, Stops },
        new object[] { AllRights | (1UL << 54), TrapCause.LoadPageFault, TrapCause.StorePageFault, TrapCause.InstructionPageFault },
        new object[] { AllRights | (1UL << 60), TrapCause.LoadPageFault, TrapCause.StorePageFault, TrapCause.InstructionPageFault },
        new object[] { AllRights | (1UL << 61), TrapCause.LoadPageFault, TrapCause.StorePageFault, TrapCause.InstructionPageFault },
        new object[] { AllRights | Napot, TrapCause.LoadPageFault, TrapCause.StorePageFault, TrapCause.InstructionPageFault },
    ];

    [TestCaseSource(nameof(_entries))]
    public void AnEntryGrantsSupervisor(ulong bits, TrapCause load, TrapCause store, TrapCause fetch)
    {
        using var b = new Bench(tier);
        b.Tables.Map(Virtual, MachineHarness.Data, bits);

        Assert.Multiple(() =>
        {
            Assert.That(b.Load(Virtual + 8).Cause, Is.EqualTo(load));
            Assert.That(b.Store(Virtual + 8).Cause, Is.EqualTo(store));
            Assert.That(b.Fetch(Virtual + 0x80).Cause, Is.EqualTo(fetch));
        });
    }

    [TestCase(3)]
    [TestCase(4)]
    [TestCase(5)]
    public void LargeLeavesMapWhatTheirLevelSays(int levels)
    {
        using var b = new Bench(tier, levels);
        b.Tables.Map(Virtual, MachineHarness.Ram, AllRights, level: 1);
        ulong expected = b.M.Word(MachineHarness.Data + 0x1238) = 0xABCDEF;

        Assert.Multiple(() =>
        {
            Assert.That(b.Load(Virtual + 0x20_1238 - 0x20_0000).Cause, Is.EqualTo(Stops));
            Assert.That(b.Load(Virtual + 0x1238).Cause, Is.EqualTo(Stops));
            Assert.That(b.Store(Virtual + 0x1F_FFF8).Cause, Is.EqualTo(Stops));
            Assert.That(b.M.Word(MachineHarness.Data - 8), Is.EqualTo(Bench.Stored));
            Assert.That(expected, Is.EqualTo(b.M.Word(MachineHarness.Data + 0x1238)));
        });
    }

    [TestCase(1, 12)]
    [TestCase(1, 20)]
    [TestCase(2, 21)]
    public void AMisalignedLargeLeafFaults(int level, int bit)
    {
        using var b = new Bench(tier);
        b.Tables.Map(Virtual, 0x8000_0000 | (1UL << bit), AllRights, level);

        Assert.That(b.Load(Virtual), Is.EqualTo(new Trap(TrapCause.LoadPageFault, Virtual)));
    }

    [TestCase(3, 0x40_0000_0000UL)]
    [TestCase(3, 0xFFFF_FFBF_FFFF_F000UL)]
    [TestCase(4, 0x8000_0000_0000UL)]
    [TestCase(5, 0x0100_0000_0000_0000UL)]
    public void AddressesMustBeSignExtended(int levels, ulong address)
    {
        using var b = new Bench(tier, levels);

        Assert.Multiple(() =>
        {
            Assert.That(b.Load(address), Is.EqualTo(new Trap(TrapCause.LoadPageFault, address)));
            Assert.That(b.Fetch(address), Is.EqualTo(new Trap(TrapCause.InstructionPageFault, address)));
        });
    }

    [Test]
    public void UserPagesNeedSumAndAreNeverExecutedBySupervisor()
    {
        using var b = new Bench(tier);
        b.Tables.Map(Virtual, MachineHarness.Data, AllRights | U);
        b.SetMode(MachineHarness.Mode(Privilege.Supervisor, b.Tables.Satp, sum: true));

        Assert.Multiple(() =>
        {
            Assert.That(b.Load(Virtual).Cause, Is.EqualTo(Stops));
            Assert.That(b.Store(Virtual).Cause, Is.EqualTo(Stops));
            Assert.That(b.Fetch(Virtual).Cause, Is.EqualTo(TrapCause.InstructionPageFault));
            b.SetMode(MachineHarness.Mode(Privilege.Supervisor, b.Tables.Satp));
            Assert.That(b.Load(Virtual).Cause, Is.EqualTo(TrapCause.LoadPageFault), "what SUM let in must not stay");
        });
    }

    [Test]
    public void MxrMakesExecutablePagesReadable()
    {
        using var b = new Bench(tier);
        b.Tables.Map(Virtual, MachineHarness.Data, V | X | A | D);
        b.SetMode(MachineHarness.Mode(Privilege.Supervisor, b.Tables.Satp, mxr: true));

        Assert.Multiple(() =>
        {
            Assert.That(b.Load(Virtual).Cause, Is.EqualTo(Stops));
            b.SetMode(MachineHarness.Mode(Privilege.Supervisor, b.Tables.Satp));
            Assert.That(b.Load(Virtual).Cause, Is.EqualTo(TrapCause.LoadPageFault), "what MXR let in must not stay");
        });
    }

    /// <summary>mstatus.MPRV: M-mode fetches untranslated and accesses as S-mode would.</summary>
    [Test]
    public void ModifiedPrivilegeTranslatesDataOnly()
    {
        using var b = new Bench(tier);
        b.Tables.Map(Virtual, MachineHarness.Data, AllRights);
        b.SetMode(MachineHarness.Mode(Privilege.Supervisor, b.Tables.Satp) with { Fetch = Privilege.Machine });

        Assert.Multiple(() =>
        {
            Assert.That(b.Store(Virtual, MachineHarness.Code).Cause, Is.EqualTo(Stops));
            Assert.That(b.M.Word(MachineHarness.Data), Is.EqualTo(Bench.Stored));
            Assert.That(b.Load(0x7000, MachineHarness.Code), Is.EqualTo(new Trap(TrapCause.LoadPageFault, 0x7000)));
        });
    }

    [Test]
    public void HardwareSetsAccessedAndDirtyWhenItMay()
    {
        using var b = new Bench(tier);
        ulong entry = b.Tables.Map(Virtual, MachineHarness.Data, V | R | W);
        b.SetMode(MachineHarness.Mode(Privilege.Supervisor, b.Tables.Satp, update: true));

        Assert.Multiple(() =>
        {
            Assert.That(b.Load(Virtual).Cause, Is.EqualTo(Stops));
            Assert.That(b.M.Word(entry) & (A | D), Is.EqualTo(A));
            Assert.That(b.Store(Virtual).Cause, Is.EqualTo(Stops));
            Assert.That(b.M.Word(entry) & (A | D), Is.EqualTo(A | D));
        });
    }

    [Test]
    public void ANapotEntryMapsSixtyFourKibibytes()
    {
        using var b = new Bench(tier);
        for (ulong page = 0; page < 16; page++)
            b.Tables.Map(Virtual + (page << 12), MachineHarness.Data | 0x8000, AllRights | Napot);

        Assert.Multiple(() =>
        {
            Assert.That(b.Store(Virtual + 0xF128).Cause, Is.EqualTo(Stops));
            Assert.That(b.M.Word(MachineHarness.Data + 0xF128), Is.EqualTo(Bench.Stored));
            Assert.That(b.Store(Virtual + 0x10).Cause, Is.EqualTo(Stops));
            Assert.That(b.M.Word(MachineHarness.Data + 0x10), Is.EqualTo(Bench.Stored));
        });
    }

    [TestCase(0UL, false, Stops)]
    [TestCase(1UL, true, Stops)]
    [TestCase(2UL, true, Stops)]
    [TestCase(3UL, true, TrapCause.LoadPageFault)]
    [TestCase(1UL, false, TrapCause.LoadPageFault)]
    public void MemoryTypesMeanSomethingOnlyWhenEnabled(ulong type, bool enabled, TrapCause expected)
    {
        using var b = new Bench(tier);
        b.Tables.Map(Virtual, MachineHarness.Data, AllRights | (type << 61));
        b.SetMode(MachineHarness.Mode(Privilege.Supervisor, b.Tables.Satp, types: enabled));

        Assert.That(b.Load(Virtual).Cause, Is.EqualTo(expected));
    }

    [Test]
    public void AFenceForgetsWhatAnEntryWas([Values] bool byAddress, [Values(0, 1)] int level)
    {
        using var b = new Bench(tier);
        ulong size = level == 0 ? 0x1000UL : 0x20_0000;
        ulong entry = b.Tables.Map(Virtual, MachineHarness.Data, AllRights, level);
        Trap before = b.Load(Virtual + size - 8);
        b.M.Word(entry) = 0;
        b.M.View.Flush(byAddress ? Virtual : null, null);

        Assert.Multiple(() =>
        {
            Assert.That(before.Cause, Is.EqualTo(Stops));
            Assert.That(b.Load(Virtual + size - 8), Is.EqualTo(new Trap(TrapCause.LoadPageFault, Virtual + size - 8)));
        });
    }

    [Test]
    public void AddressSpacesTakeTurnsWithoutFences()
    {
        using var b = new Bench(tier);
        var other = new PageTables(b.M, 3);
        other.Map(CodeVirtual, MachineHarness.Code, AllRights);
        other.Map(Virtual, MachineHarness.Data + 0x1000, AllRights);
        b.Tables.Map(Virtual, MachineHarness.Data, AllRights);
        b.M.Word(MachineHarness.Data) = 1;
        b.M.Word(MachineHarness.Data + 0x1000) = 2;
        var seen = new List<ulong>();
        for (int turn = 0; turn < 4; turn++)
        {
            ulong satp = turn % 2 == 0 ? b.Tables.SatpOf(1) : other.SatpOf(2);
            b.SetMode(MachineHarness.Mode(Privilege.Supervisor, satp));
            _ = b.Load(Virtual);
            seen.Add(b.M.X[12]);
        }

        Assert.That(seen, Is.EqualTo(new ulong[] { 1, 2, 1, 2 }));
    }

    /// <summary>A load, a store and a fetch at an address that the test chooses, each from supervisor code.</summary>
    private sealed class Bench : IDisposable
    {
        public const ulong Stored = 0x5A5A_1234;
        private const ulong StoreOffset = 0x100;

        public Bench(Tier tier, int levels = 3)
        {
            M = new MachineHarness(tier);
            Tables = new PageTables(M, levels);
            Tables.Map(CodeVirtual, MachineHarness.Code, AllRights);
            M.Assemble(MachineHarness.Code, Encoder.Word("ld", rd: 12, rs1: 10));
            M.Assemble(MachineHarness.Code + StoreOffset, Encoder.Word("sd", rs1: 10, rs2: 11));
            SetMode(MachineHarness.Mode(Privilege.Supervisor, Tables.Satp));
        }

        public MachineHarness M { get; }

        public PageTables Tables { get; }

        public void SetMode(in TranslationMode mode) => M.View.SetMode(mode);

        public Trap Load(ulong address, ulong code = CodeVirtual) => At(address, code);

        public Trap Store(ulong address, ulong code = CodeVirtual) => At(address, code + StoreOffset);

        public Trap Fetch(ulong address) => M.Run(address);

        public void Dispose() => M.Dispose();

        private Trap At(ulong address, ulong code)
        {
            M.X[10] = address;
            M.X[11] = Stored;
            return M.Run(code);
        }
    }
}
