using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Translator;

/// <summary>
/// Retired instructions, counted by hand. What traps does not retire, ecall and ebreak neither (privileged manual,
/// "Environment Call and Breakpoint").
/// </summary>
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
[TestFixture(Tier.Auto)]
public unsafe class InstructionCountTests(Tier tier)
{
    private const ulong Page = HostMemory.PageSize;

    private EngineOptions Counting => new(tier, CountInstructions: true);

    [Test]
    public void LoopsAndPageChanges()
    {
        const int Iterations = 10_000;
        using var g = new GuestHarness(tier, options: Counting);
        g.Assemble(
            GuestHarness.CodeAddress,
            Encoder.Word("addi", rd: 5, rs1: 5, imm: -1),
            Encoder.Word("addi", rd: 6, rs1: 6, imm: 3),
            Encoder.Word("bne", rs1: 5, rs2: 0, imm: -8),
            Encoder.Word("jal", rd: 1, imm: (long)Page - 12 - 4));
        g.Assemble(
            GuestHarness.CodeAddress + Page - 4,
            Encoder.Word("addi", rd: 7, imm: 1),
            Encoder.Word("addi", rd: 7, rs1: 7, imm: 1),
            Encoder.Word("csrrs", rd: 10, csr: Csr.Instret),
            Encoder.Word("addi", rd: 7, rs1: 7, imm: 1));
        g.X[5] = Iterations;
        Trap trap = g.Run(GuestHarness.CodeAddress);

        Assert.Multiple(() =>
        {
            Assert.That(trap.Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(g.X[10], Is.EqualTo((3UL * Iterations) + 3));
            Assert.That(g.State->Retired, Is.EqualTo((3UL * Iterations) + 5));
        });
    }

    [Test]
    public void CallsBetweenPages()
    {
        const int Calls = 3000;
        using var g = new GuestHarness(tier, options: Counting);
        g.Assemble(
            GuestHarness.CodeAddress,
            Encoder.Word("jal", rd: 1, imm: (long)Page),
            Encoder.Word("addi", rd: 5, rs1: 5, imm: -1),
            Encoder.Word("bne", rs1: 5, rs2: 0, imm: -8));
        g.Assemble(GuestHarness.CodeAddress + Page, Encoder.Word("addi", rd: 6, rs1: 6, imm: 1), Encoder.Word("jalr", rd: 0, rs1: 1));
        g.X[5] = Calls;
        _ = g.Run(GuestHarness.CodeAddress);

        Assert.That(g.State->Retired, Is.EqualTo(5UL * Calls));
    }

    [Test]
    public void WhatTrapsDoesNotRetire()
    {
        using var g = new GuestHarness(tier, options: Counting);
        ulong end = g.Assemble(
            GuestHarness.CodeAddress,
            Encoder.Word("addi", rd: 5, imm: 1),
            Encoder.Word("sd", rs1: 8, rs2: 5),
            Encoder.Word("ld", rd: 6, rs1: 9),
            Encoder.Word("addi", rd: 5, imm: 1));
        g.Assemble(end, Encoder.Word("ecall"));
        g.X[8] = GuestHarness.DataAddress;
        Trap fault = g.Run(GuestHarness.CodeAddress);
        ulong atFault = g.State->Retired;
        g.X[9] = GuestHarness.DataAddress;
        Trap call = g.Run(g.Pc);

        Assert.Multiple(() =>
        {
            Assert.That(fault.Cause, Is.EqualTo(TrapCause.LoadPageFault));
            Assert.That(atFault, Is.EqualTo(2));
            Assert.That(call.Cause, Is.EqualTo(TrapCause.EnvironmentCallFromU));
            Assert.That(g.State->Retired, Is.EqualTo(4));
        });
    }

    [Test]
    public void MachineCountersSkipTheTrapAndTheirOwnWrite()
    {
        const int Iterations = 1000;
        using var m = new MachineHarness(tier, options: Counting);
        var unit = new PrivilegedUnit(m.Harts[0], new HartFeatures(ExtensionSet.Max), new ManualClock());
        int minstret = PrivilegedHart.Number("minstret");
        int mepc = PrivilegedHart.Number("mepc");
        ulong handler = MachineHarness.Code + 0x100;
        m.Assemble(
            MachineHarness.Code,
            Encoder.Word("csrrw", rs1: 8, csr: PrivilegedHart.Number("mtvec")),
            Encoder.Word("csrrw", csr: minstret),
            Encoder.Word("ecall"),
            Encoder.Word("addi", rd: 5, rs1: 5, imm: -1),
            Encoder.Word("bne", rs1: 5, rs2: 0, imm: -8),
            Encoder.Word("csrrs", rd: 10, csr: minstret),
            Encoder.Word("csrrs", rd: 11, csr: minstret));
        m.Assemble(
            handler,
            Encoder.Word("csrrs", rd: 6, csr: mepc),
            Encoder.Word("addi", rd: 6, rs1: 6, imm: 4),
            Encoder.Word("csrrw", rs1: 6, csr: mepc),
            Encoder.Word("mret"));
        m.X[5] = Iterations;
        m.X[8] = handler;
        m.State->Pc = MachineHarness.Code;
        Trap trap;
        while ((trap = m.Engine.Run(m.Harts[0])).Cause != TrapCause.Breakpoint)
            unit.Traps.Handle(m.Harts[0], trap);

        Assert.Multiple(() =>
        {
            Assert.That(m.X[10], Is.EqualTo(6UL * Iterations));
            Assert.That(m.X[11], Is.EqualTo((6UL * Iterations) + 1));
            Assert.That(m.State->Retired, Is.EqualTo((6UL * Iterations) + 4));
        });
    }

    [TestCase(1UL)]
    [TestCase(17UL)]
    [TestCase(401UL)]
    [TestCase(100_003UL)]
    public void ALimitIsExactInAWorld(ulong limit)
    {
        using var g = new GuestHarness(tier, options: Counting with { Limited = true });
        g.Assemble(
            GuestHarness.CodeAddress,
            Encoder.Word("addi", rd: 5, rs1: 5, imm: 1),
            Encoder.Word("addi", rd: 6, rs1: 6, imm: 1),
            Encoder.Word("jal", rd: 0, imm: -8));
        g.State->RetiredLimit = limit;
        Trap trap = g.Run(GuestHarness.CodeAddress);

        Assert.Multiple(() =>
        {
            Assert.That(trap, Is.EqualTo(Trap.Requested));
            Assert.That(g.Hart.Requests, Is.EqualTo(HartRequests.Limit));
            Assert.That(g.State->Retired, Is.EqualTo(limit));
            Assert.That(g.X[5] + g.X[6] + (limit / 3), Is.EqualTo(limit));
            Assert.That(g.Pc, Is.EqualTo(GuestHarness.CodeAddress + (limit % 3 * 4)));
        });
    }
}
