using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;
using static RvJit.Tests.Support.PageTables;

namespace RvJit.Tests.Paging;

/// <summary>Code that changes behind page tables: what runs is what memory says after fence.i, by whatever address.</summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
[TestFixture(Tier.Auto)]
public unsafe class PagedCodeTests(Tier tier)
{
    private const ulong Caller = 0x1000;
    private const ulong Function = 0x10000;
    private const ulong Alias = 0x20000;
    private const ulong FunctionPhysical = MachineHarness.Ram + 0x8000;
    private const int Rounds = 1000;

    private static uint Addi(int imm) => Encoder.Word("addi", rd: 10, rs1: 0, imm: imm);

    private static uint Return => Encoder.Word("jalr", rd: 0, rs1: 1);

    /// <summary>Calls the function, rewrites its instruction to return another number, fence.i, again; sums in s1.</summary>
    [TestCase(Function)]
    [TestCase(Alias)]
    public void AHartRewritesTheFunctionItJustRan(ulong writtenThrough)
    {
        using MachineHarness m = Make(out _);
        m.Assemble(FunctionPhysical, Addi(0), Return);
        RewriteLoop(m);
        Start(m, writtenThrough);

        Assert.Multiple(() =>
        {
            Assert.That(m.Run(Caller).Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(m.X[9], Is.EqualTo(Enumerable.Range(0, Rounds).Aggregate(0UL, (sum, i) => sum + (ulong)(i & 1))));
        });
    }

    /// <summary>The rewritten instruction has its halves on two pages; the store hits the second.</summary>
    [Test]
    public void AnInstructionAcrossPagesIsReadAnewEachTime()
    {
        using MachineHarness m = Make(out PageTables tables);
        tables.Map(Function + 0x1000, FunctionPhysical + 0x3000, AllRights);
        tables.Map(Alias + 0x1000, FunctionPhysical + 0x3000, AllRights);
        uint word = Addi(0);
        new Span<ushort>(m.Bus.Memory.Pointer(FunctionPhysical + 0xFFE, 2), 1)[0] = (ushort)word;
        m.Assemble(FunctionPhysical + 0x3002, Return);
        ulong sum = 0;
        for (int round = 0; round < 300; round++)
        {
            word = Addi(round & 1);
            m.X[12] = word >> 16;
            m.X[13] = Alias + 0x1000;
            m.Assemble(MachineHarness.Code, Encoder.Word("sh", rs1: 13, rs2: 12), Encoder.Word("fence.i"), Encoder.Word("jalr", rd: 1, rs1: 8));
            m.X[8] = Function + 0xFFE;
            Assert.That(m.Run(Caller).Cause, Is.EqualTo(TrapCause.Breakpoint));
            sum += m.X[10];
        }

        Assert.That(sum, Is.EqualTo(150UL));
    }

    /// <summary>A device writes code: the next entry runs it.</summary>
    [Test]
    public void ADeviceWritesCode()
    {
        using MachineHarness m = Make(out _);
        m.Assemble(FunctionPhysical, Addi(0), Return);
        m.Assemble(MachineHarness.Code, Encoder.Word("jalr", rd: 1, rs1: 8));
        m.X[8] = Function;
        for (int round = 0; round < 200; round++)
        {
            m.Assemble(FunctionPhysical, Addi(round));
            Assert.That(m.Run(Caller).Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(m.X[10], Is.EqualTo((ulong)round));
        }
    }

    /// <summary>
    /// A page becomes hot and is overwritten at once, before or while the compiler gets to it. What it makes of the page
    /// must not be found in another page, which perhaps has the block of the old one.
    /// </summary>
    [Test]
    public void APageIsGivenUpWhileItIsTranslated()
    {
        const ulong functions = 0x10_0000;
        const ulong functionsPhysical = MachineHarness.Ram + 0x4_0000;
        const int pages = 64;
        using MachineHarness m = Make(out PageTables tables);
        for (ulong page = 0; page < pages; page++)
            tables.Map(functions + (page * HostMemory.PageSize), functionsPhysical + (page * HostMemory.PageSize), AllRights);
        m.Assemble(MachineHarness.Code, Encoder.Word("jalr", rd: 1, rs1: 8));
        using Timer watchdog = StopAfterAMinute(m);
        for (int round = 0; round < 1500; round++)
        {
            // The caller's x5 iterations make the loop hot shortly before it ends.
            ulong page = (ulong)(round % pages) * HostMemory.PageSize;
            m.Assemble(
                functionsPhysical + page,
                Encoder.Word("addi", rd: 5, rs1: 5, imm: -1),
                Encoder.Word("bne", rs1: 5, rs2: 0, imm: -4),
                Addi(round),
                Return);
            m.X[5] = 2040;
            m.X[8] = functions + page;
            Assert.That(m.Run(Caller).Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(m.X[10], Is.EqualTo((ulong)round));
            m.Assemble(functionsPhysical + page, Addi(0));
        }
    }

    /// <summary>One hart rewrites, another runs: it sees each version after its own fence.i, and none after the newest.</summary>
    [Test]
    public void AnotherHartRewrites()
    {
        using MachineHarness m = Make(out PageTables tables, harts: 2);
        m.Assemble(FunctionPhysical, Addi(0), Return);

        // Hart 1: do { fence.i; call; *s1 = a0; } while (a0 != s2)
        const ulong Other = 0x100;
        m.Assemble(
            MachineHarness.Code + Other,
            Encoder.Word("fence.i"),
            Encoder.Word("jalr", rd: 1, rs1: 8),
            Encoder.Word("sd", rs1: 9, rs2: 10),
            Encoder.Word("bne", rs1: 10, rs2: 18, imm: -12));
        HartState* other = m.Harts[1].State;
        other->X[8] = Function;
        other->X[9] = 0x30000;
        other->X[18] = 1000;
        tables.Map(0x30000, MachineHarness.Data, AllRights);
        m.Word(MachineHarness.Data) = 0;

        // Hart 0: for (i = 1; i <= 1000; i++) { store addi a0, x0, i; wait until hart 1 returned it; }
        m.Assemble(
            MachineHarness.Code,
            Encoder.Word("slli", rd: 6, rs1: 5, imm: 20),
            Encoder.Word("or", rd: 6, rs1: 6, rs2: 12),
            Encoder.Word("sw", rs1: 13, rs2: 6),
            Encoder.Word("ld", rd: 7, rs1: 9),
            Encoder.Word("bne", rs1: 7, rs2: 5, imm: -4),
            Encoder.Word("addi", rd: 5, rs1: 5, imm: 1),
            Encoder.Word("bne", rs1: 5, rs2: 18, imm: -24));
        m.X[5] = 1;
        m.X[9] = 0x30000;
        m.X[12] = Addi(0);
        m.X[13] = Alias;
        m.X[18] = 1001;
        Trap ended = default;
        var thread = new Thread(() => ended = m.Run(Caller + Other, hart: 1));
        thread.Start();
        using Timer watchdog = StopAfterAMinute(m);
        Trap trap = m.Run(Caller);
        thread.Join();

        Assert.Multiple(() =>
        {
            Assert.That(trap.Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(ended.Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(m.Word(MachineHarness.Data), Is.EqualTo(1000UL));
        });
    }

    /// <summary>Two harts add under a lock made of lr and sc: nothing is lost.</summary>
    [Test]
    public void ReservationsHoldBetweenHarts()
    {
        using MachineHarness m = Make(out PageTables tables, harts: 2);
        tables.Map(0x30000, MachineHarness.Data, AllRights);
        m.Word(MachineHarness.Data) = 0;
        m.Assemble(
            MachineHarness.Code,
            Encoder.Word("lr.d", rd: 5, rs1: 9),
            Encoder.Word("addi", rd: 5, rs1: 5, imm: 1),
            Encoder.Word("sc.d", rd: 6, rs1: 9, rs2: 5),
            Encoder.Word("bne", rs1: 6, rs2: 0, imm: -12),
            Encoder.Word("addi", rd: 18, rs1: 18, imm: -1),
            Encoder.Word("bne", rs1: 18, rs2: 0, imm: -20));
        foreach (Hart hart in m.Harts)
        {
            hart.State->X[9] = 0x30000;
            hart.State->X[18] = 50_000;
        }

        var thread = new Thread(() => m.Run(Caller, hart: 1));
        thread.Start();
        _ = m.Run(Caller);
        thread.Join();

        Assert.That(m.Word(MachineHarness.Data), Is.EqualTo(100_000UL));
    }

    private MachineHarness Make(out PageTables tables, int harts = 1)
    {
        var m = new MachineHarness(tier, harts);
        tables = new PageTables(m, 3);
        tables.Map(Caller, MachineHarness.Code, AllRights);
        tables.Map(Function, FunctionPhysical, AllRights);
        tables.Map(Alias, FunctionPhysical, AllRights);
        foreach (var view in m.Views)
            view.SetMode(MachineHarness.Mode(Privilege.Supervisor, tables.Satp));
        return m;
    }

    /// <summary>A hart that runs away is stopped, and the test sees it.</summary>
    private static Timer StopAfterAMinute(MachineHarness m) => new(
        _ =>
        {
            foreach (Hart hart in m.Harts)
                hart.Request(HartRequests.Stop);
        },
        null, 60_000, Timeout.Infinite);

    private static void RewriteLoop(MachineHarness m) => m.Assemble(
        MachineHarness.Code,
        Encoder.Word("jalr", rd: 1, rs1: 8),
        Encoder.Word("add", rd: 9, rs1: 9, rs2: 10),
        Encoder.Word("xori", rd: 10, rs1: 10, imm: 1),
        Encoder.Word("slli", rd: 6, rs1: 10, imm: 20),
        Encoder.Word("or", rd: 6, rs1: 6, rs2: 12),
        Encoder.Word("sw", rs1: 13, rs2: 6),
        Encoder.Word("fence.i"),
        Encoder.Word("addi", rd: 18, rs1: 18, imm: -1),
        Encoder.Word("bne", rs1: 18, rs2: 0, imm: -32));

    private static void Start(MachineHarness m, ulong writtenThrough)
    {
        m.X[8] = Function;
        m.X[9] = 0;
        m.X[12] = Addi(0);
        m.X[13] = writtenThrough;
        m.X[18] = Rounds;
    }
}
