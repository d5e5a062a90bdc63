using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Paging;

/// <summary>Small programs behind page tables, in every tier.</summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
[TestFixture(Tier.Auto)]
public unsafe class PagedRunTests(Tier tier)
{
    /// <summary>Addresses above the sign of each mode's range, so that canonical addresses are negative.</summary>
    private static readonly object[] _modes = [new object[] { 3, 0xFFFF_FFC0_0000_0000 }, new object[] { 4, 0xFFFF_8000_0000_0000 }, new object[] { 5, 0xFF00_0000_0000_0000 }];

    [Test]
    public void BareMachineModeRunsLoopsOverMemory()
    {
        using var m = new MachineHarness(tier);
        m.Assemble(MachineHarness.Code, SumLoop);
        m.X[10] = MachineHarness.Data;
        m.X[11] = 100_000;

        Assert.Multiple(() =>
        {
            Assert.That(m.Run(MachineHarness.Code).Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(m.Word(MachineHarness.Data), Is.EqualTo(100_000UL * 100_001 / 2));
            Assert.That(m.State->Pc, Is.EqualTo(MachineHarness.Code + 24));
        });
    }

    /// <summary>Accesses by one register in two pages, with one check in the first translation, over and over.</summary>
    [Test]
    public void AStackFrameInTwoPagesIsNotLeftForEver([Values] bool neighbours)
    {
        const int Iterations = 20_000;
        using var m = new MachineHarness(tier);
        m.Assemble(
            MachineHarness.Code,
            Encoder.Word("sd", rs1: 10, rs2: 11, imm: 8),
            Encoder.Word("sd", rs1: 10, rs2: 11, imm: -8),
            Encoder.Word("ld", rd: 12, rs1: 10, imm: 8),
            Encoder.Word("add", rd: 13, rs1: 13, rs2: 12),
            Encoder.Word("addi", rd: 11, rs1: 11, imm: -1),
            Encoder.Word("bne", rs1: 11, rs2: 0, imm: -20));
        const ulong Stack = 0x8000;
        var tables = new PageTables(m, 3);
        tables.Map(0x1000, MachineHarness.Code, PageTables.AllRights);
        tables.Map(Stack, MachineHarness.Data, PageTables.AllRights);
        ulong behind = MachineHarness.Data + ((neighbours ? 1UL : 4UL) * HostMemory.PageSize);
        tables.Map(Stack + HostMemory.PageSize, behind, PageTables.AllRights);
        m.View.SetMode(MachineHarness.Mode(Privilege.Supervisor, tables.Satp));
        m.X[10] = Stack + HostMemory.PageSize;
        m.X[11] = Iterations;
        long before = m.State->Epoch;
        Trap trap = m.Run(0x1000);

        Assert.Multiple(() =>
        {
            Assert.That(trap.Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(m.X[13], Is.EqualTo(Iterations * (Iterations + 1UL) / 2));
            Assert.That((m.Word(MachineHarness.Data + HostMemory.PageSize - 8), m.Word(behind + 8)), Is.EqualTo((1UL, 1UL)));
            if (tier == Tier.Jit)
                Assert.That(m.State->Epoch - before, Is.LessThan(Iterations));
        });
    }

    [TestCaseSource(nameof(_modes))]
    public void SupervisorRunsBehindEachMode(int levels, ulong high)
    {
        using var m = new MachineHarness(tier);
        var tables = new PageTables(m, levels);
        tables.Map(high, MachineHarness.Code, PageTables.AllRights);
        tables.Map(high + 0x5000, MachineHarness.Data, PageTables.AllRights);
        m.Assemble(MachineHarness.Code, SumLoop);
        m.View.SetMode(MachineHarness.Mode(Privilege.Supervisor, tables.Satp));
        m.X[10] = high + 0x5000;
        m.X[11] = 1000;

        Assert.Multiple(() =>
        {
            Assert.That(m.Run(high).Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(m.Word(MachineHarness.Data), Is.EqualTo(1000UL * 1001 / 2));
        });
    }

    [Test]
    public void CodeRunsOnAcrossPagesThatLieApart()
    {
        using var m = new MachineHarness(tier);
        var tables = new PageTables(m, 3);
        tables.Map(0x1000, MachineHarness.Code, PageTables.AllRights);
        tables.Map(0x2000, MachineHarness.Code + 0x5000, PageTables.AllRights);

        // The second instruction has its halves on two physical pages.
        uint crossing = Encoder.Word("addi", rd: 6, rs1: 6, imm: 1);
        m.Assemble(MachineHarness.Code + 0xFFA, Encoder.Word("addi", rd: 5, rs1: 5, imm: 1));
        new Span<ushort>(m.Bus.Memory.Pointer(MachineHarness.Code + 0xFFE, 2), 1)[0] = (ushort)crossing;
        new Span<ushort>(m.Bus.Memory.Pointer(MachineHarness.Code + 0x5000, 2), 1)[0] = (ushort)(crossing >> 16);
        m.Assemble(MachineHarness.Code + 0x5002, Encoder.Word("addi", rd: 7, rs1: 7, imm: 1), Encoder.Word("jal", rd: 0, imm: -12));
        m.View.SetMode(MachineHarness.Mode(Privilege.Supervisor, tables.Satp));
        m.Harts[0].State->RetiredLimit = ulong.MaxValue;
        m.X[8] = 0;

        // An endless loop: another thread ends it.
        using var timer = new Timer(_ => m.Harts[0].Request(HartRequests.Stop), null, 300, Timeout.Infinite);
        Trap trap = m.Run(0x1FFA);

        Assert.Multiple(() =>
        {
            Assert.That(trap, Is.EqualTo(Trap.Requested));
            Assert.That(m.X[5], Is.GreaterThan(100UL));
            Assert.That(m.X[5] - m.X[6], Is.LessThanOrEqualTo(1UL));
            Assert.That(m.X[6] - m.X[7], Is.LessThanOrEqualTo(1UL));
        });
    }

    [Test]
    public void AnAccessAcrossPagesReachesBothPhysicalPages()
    {
        using var m = new MachineHarness(tier);
        var tables = new PageTables(m, 3);
        tables.Map(0x1000, MachineHarness.Code, PageTables.AllRights);
        tables.Map(0x8000, MachineHarness.Data, PageTables.AllRights);
        tables.Map(0x9000, MachineHarness.Data + 0x7000, PageTables.AllRights);
        m.Assemble(MachineHarness.Code, Encoder.Word("sd", rs1: 10, rs2: 11, imm: -3), Encoder.Word("ld", rd: 12, rs1: 10, imm: -3));
        m.View.SetMode(MachineHarness.Mode(Privilege.Supervisor, tables.Satp));
        m.X[10] = 0x9000;
        m.X[11] = 0x1122334455667788;

        Assert.Multiple(() =>
        {
            Assert.That(m.Run(0x1000).Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(m.X[12], Is.EqualTo(0x1122334455667788UL));
            Assert.That(m.Word(MachineHarness.Data + 0xFF8) >> 40, Is.EqualTo(0x667788UL));
            Assert.That(m.Word(MachineHarness.Data + 0x7000) & 0xFF_FFFF_FFFF, Is.EqualTo(0x1122334455UL));
        });
    }

    [Test]
    public void TheSecondPartOfACrossingStoreFaultsByItsOwnAddressAndNothingIsStored()
    {
        using var m = new MachineHarness(tier);
        var tables = new PageTables(m, 3);
        tables.Map(0x1000, MachineHarness.Code, PageTables.AllRights);
        tables.Map(0x8000, MachineHarness.Data, PageTables.AllRights);
        ulong before = m.Word(MachineHarness.Data + 0xFF8);
        m.Assemble(MachineHarness.Code, Encoder.Word("sd", rs1: 10, rs2: 11, imm: -3));
        m.View.SetMode(MachineHarness.Mode(Privilege.Supervisor, tables.Satp));
        m.X[10] = 0x9000;

        Assert.Multiple(() =>
        {
            Assert.That(m.Run(0x1000), Is.EqualTo(new Trap(TrapCause.StorePageFault, 0x9000)));
            Assert.That(m.Word(MachineHarness.Data + 0xFF8), Is.EqualTo(before));
        });
    }

    [Test]
    public void TheSecondHalfOfACrossingFetchFaultsByItsOwnAddress()
    {
        using var m = new MachineHarness(tier);
        var tables = new PageTables(m, 3);
        tables.Map(0x1000, MachineHarness.Code, PageTables.AllRights);
        new Span<ushort>(m.Bus.Memory.Pointer(MachineHarness.Code + 0xFFE, 2), 1)[0] = 0x0013;
        m.View.SetMode(MachineHarness.Mode(Privilege.Supervisor, tables.Satp));

        Assert.Multiple(() =>
        {
            Assert.That(m.Run(0x1FFE), Is.EqualTo(new Trap(TrapCause.InstructionPageFault, 0x2000)));
            Assert.That(m.State->Pc, Is.EqualTo(0x1FFEUL));
        });
    }

    [Test]
    public void FloatingPointIsLookedAtUntilItIsDirty()
    {
        using var m = new MachineHarness(tier);
        m.Assemble(MachineHarness.Code, Encoder.Word("addi", rd: 5, rs1: 0, imm: 7), Encoder.Word("fcvt.d.l", rd: 1, rs1: 5, rm: 7));
        m.View.SetMode(MachineHarness.Mode(Privilege.Machine, 0) with { FloatDirty = false });
        Trap off = m.Run(MachineHarness.Code);
        m.View.SetMode(MachineHarness.Mode(Privilege.Machine, 0));
        Trap on = m.Run(MachineHarness.Code);

        Assert.Multiple(() =>
        {
            Assert.That(off.Cause, Is.EqualTo(TrapCause.IllegalInstruction));
            Assert.That(on.Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(m.State->F[1], Is.EqualTo(BitConverter.DoubleToUInt64Bits(7.0)));
        });
    }

    [TestCase(1UL)]
    [TestCase(17UL)]
    [TestCase(100_003UL)]
    public void ALimitIsExact(ulong limit)
    {
        using var m = new MachineHarness(tier, options: new EngineOptions { CountInstructions = true, Limited = true });
        m.Assemble(MachineHarness.Code, Encoder.Word("addi", rd: 5, rs1: 5, imm: 1), Encoder.Word("addi", rd: 6, rs1: 6, imm: 1), Encoder.Word("jal", rd: 0, imm: -8));
        m.State->RetiredLimit = limit;
        Trap trap = m.Run(MachineHarness.Code);

        Assert.Multiple(() =>
        {
            Assert.That(trap, Is.EqualTo(Trap.Requested));
            Assert.That(m.Harts[0].Requests, Is.EqualTo(HartRequests.Limit));
            Assert.That(m.State->Retired, Is.EqualTo(limit));
            Assert.That(m.X[5] + m.X[6] + (limit / 3), Is.EqualTo(limit));
        });
    }

    /// <summary>*a0 = a1 + ... + 1, one store each time.</summary>
    private static uint[] SumLoop =>
    [
        Encoder.Word("sd", rs1: 10, rs2: 0),
        Encoder.Word("ld", rd: 5, rs1: 10),
        Encoder.Word("add", rd: 5, rs1: 5, rs2: 11),
        Encoder.Word("sd", rs1: 10, rs2: 5),
        Encoder.Word("addi", rd: 11, rs1: 11, imm: -1),
        Encoder.Word("bne", rs1: 11, rs2: 0, imm: -16),
    ];
}
