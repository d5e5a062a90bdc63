using System.Diagnostics;
using NUnit.Framework;
using RvJit.Machine;
using RvJit.Machine.Paging;
using RvJit.Tests.Support;
using RvJit.Translator;
using static RvJit.Tests.Support.PageTables;

namespace RvJit.Tests.Paging;

/// <summary>Accesses that share a comparison with the TLB, over branches and copies of registers.</summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
[TestFixture(Tier.Auto)]
public unsafe class PageFactTests(Tier tier)
{
    private const ulong Code = 0x1000;
    private const ulong Pages = 0x8000;
    private const ulong Flag = 0x20000;
    private const ulong FlagPhysical = MachineHarness.Data + 0x10_0000;
    private const int Iterations = 3000;
    private const int Targets = 20;

    /// <summary>
    /// A structure at any place around a page's end, whose next page is the next one in memory, too, or is not; words are read
    /// and written by its pointer, a copy of that, and a sum with it, on two ways through the loop.
    /// </summary>
    [Test]
    public void AStructureMayLieOverAPagesEnd([Values(-4096, -40, -32, -24, -16, -8, 0)] int place, [Values] bool neighbours)
    {
        using MachineHarness m = Make(neighbours, out _);
        m.Assemble(
            MachineHarness.Code,
            Encoder.Word("ld", rd: 5, rs1: 10, imm: 0),
            Encoder.Word("addi", rd: 8, rs1: 10, imm: 0),
            Encoder.Word("andi", rd: 6, rs1: 11, imm: 1),
            Encoder.Word("beq", rs1: 6, rs2: 0, imm: 12),
            Encoder.Word("add", rd: 5, rs1: 5, rs2: 11),
            Encoder.Word("sd", rs1: 8, rs2: 5, imm: 8),
            Encoder.Word("addi", rd: 12, rs1: 8, imm: 24), // both ways
            Encoder.Word("ld", rd: 7, rs1: 10, imm: 8),
            Encoder.Word("ld", rd: 28, rs1: 12, imm: 0),
            Encoder.Word("add", rd: 28, rs1: 28, rs2: 7),
            Encoder.Word("sd", rs1: 12, rs2: 28, imm: 8),
            Encoder.Word("sd", rs1: 10, rs2: 28, imm: 16),
            Encoder.Word("sd", rs1: 12, rs2: 11, imm: 0),
            Encoder.Word("ld", rd: 29, rs1: 8, imm: 32),
            Encoder.Word("sd", rs1: 8, rs2: 29, imm: 0),
            Encoder.Word("addi", rd: 11, rs1: 11, imm: -1),
            Encoder.Word("bne", rs1: 11, rs2: 0, imm: -64));
        m.X[10] = Pages + HostMemory.PageSize + (ulong)(long)place;
        m.X[11] = Iterations;
        ulong[] words = new ulong[5];
        for (int k = 0; k < words.Length; k++)
            m.Word(Physical(m.X[10] + (8 * (ulong)k), neighbours)) = 0;
        Trap trap = m.Run(Code);

        for (ulong n = Iterations; n != 0; n--)
        {
            if ((n & 1) != 0)
                words[1] = words[0] + n;
            words[0] = words[2] = words[4] = words[3] + words[1];
            words[3] = n;
        }

        Assert.Multiple(() =>
        {
            Assert.That(trap.Cause, Is.EqualTo(TrapCause.Breakpoint));
            for (int k = 0; k < words.Length; k++)
                Assert.That(m.Word(Physical(m.X[10] + (8 * (ulong)k), neighbours)), Is.EqualTo(words[k]), $"word {k}");
        });
    }

    /// <summary>A page whose writes are made precisely, or fault, may be read by the same pointer before: each access keeps its own right.</summary>
    [Test]
    public void WhatWasReadMayNotBeWrittenForThat()
    {
        using MachineHarness m = Make(neighbours: true, out PageTables tables);
        tables.Map(Pages, MachineHarness.Data, V | R | A | D);
        m.Assemble(
            MachineHarness.Code,
            Encoder.Word("ld", rd: 5, rs1: 10, imm: 0),
            Encoder.Word("addi", rd: 11, rs1: 11, imm: -1),
            Encoder.Word("bne", rs1: 11, rs2: 0, imm: -8),
            Encoder.Word("sd", rs1: 10, rs2: 5, imm: 8));
        m.X[10] = Pages;
        m.X[11] = Iterations;

        Assert.Multiple(() =>
        {
            Assert.That(m.Run(Code), Is.EqualTo(new Trap(TrapCause.StorePageFault, Pages + 8)));
            Assert.That(m.X[11], Is.Zero);
        });
    }

    /// <summary>A hart writes in a loop; when another has taken the page away and fenced it, nothing is written there any more.</summary>
    [Test]
    public void NothingIsKnownAfterAFenceOfAnotherHart()
    {
        using MachineHarness m = Make(neighbours: true, out PageTables tables);
        tables.Map(Flag, FlagPhysical, AllRights);
        m.Word(FlagPhysical) = 0;
        for (int k = 0; k < Targets; k++)
            new Span<byte>(m.Bus.Memory.Pointer(Target(k), HostMemory.PageSize), HostMemory.PageSize).Clear();
        m.Assemble(
            MachineHarness.Code,
            Encoder.Word("sd", rs1: 10, rs2: 11, imm: 0),
            Encoder.Word("addi", rd: 11, rs1: 11, imm: 1),
            Encoder.Word("andi", rd: 6, rs1: 11, imm: 1),
            Encoder.Word("beq", rs1: 6, rs2: 0, imm: 8),
            Encoder.Word("sd", rs1: 10, rs2: 11, imm: 8),
            Encoder.Word("sd", rs1: 10, rs2: 11, imm: 16), // both ways
            Encoder.Word("ld", rd: 5, rs1: 9, imm: 0),
            Encoder.Word("beq", rs1: 5, rs2: 0, imm: -28));
        m.X[9] = Flag;
        m.X[10] = Pages;
        m.X[11] = 1;
        Trap ended = default;
        var hart = new Thread(() => ended = m.Run(Code));
        hart.Start();
        var fences = new List<(ulong Then, ulong Later)>();
        for (int k = 0; k + 1 < Targets && IsWritten(m, Target(k)); k++)
        {
            tables.Map(Pages, Target(k + 1), AllRights);
            MachineMemory.FenceRemote(m.View, null, null);
            ulong then = Written(m, k);
            if (IsWritten(m, Target(k + 1)))
                fences.Add((then, Written(m, k)));
        }

        m.Word(FlagPhysical) = 1;
        hart.Join();

        Assert.Multiple(() =>
        {
            Assert.That(ended.Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(fences, Has.Count.EqualTo(Targets - 1));
            Assert.That(fences.TrueForAll(f => f.Then == f.Later), string.Join(' ', fences));
        });
    }

    /// <summary>The pages that the hart is made to write to, one after the other.</summary>
    private static ulong Target(int k) => MachineHarness.Data + ((ulong)k * HostMemory.PageSize);

    private static ulong Written(MachineHarness m, int k) => m.Word(Target(k)) + m.Word(Target(k) + 8) + m.Word(Target(k) + 16);

    /// <summary>Waits until the hart has gone round many times; false when it does not.</summary>
    private static bool IsWritten(MachineHarness m, ulong physical)
    {
        var clock = Stopwatch.StartNew();
        ulong first = Volatile.Read(ref m.Word(physical));
        while (Volatile.Read(ref m.Word(physical)) < first + 1000 && clock.Elapsed < TimeSpan.FromMinutes(1))
            Thread.Yield();
        return clock.Elapsed < TimeSpan.FromMinutes(1);
    }

    private MachineHarness Make(bool neighbours, out PageTables tables)
    {
        var m = new MachineHarness(tier);
        tables = new PageTables(m, 3);
        tables.Map(Code, MachineHarness.Code, AllRights);
        foreach (ulong page in (ulong[])[Pages, Pages + HostMemory.PageSize])
            tables.Map(page, Physical(page, neighbours), AllRights);
        m.View.SetMode(MachineHarness.Mode(Privilege.Supervisor, tables.Satp));
        return m;
    }

    private static ulong Physical(ulong address, bool neighbours) =>
        MachineHarness.Data + (address - Pages) + (!neighbours && address - Pages >= HostMemory.PageSize ? 0x3000UL : 0);
}
