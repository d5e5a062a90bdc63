using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;
using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Tracing;

namespace RvJit.Tests.Tracing;

/// <summary>
/// Lines of the commit log, written by hand from the instructions' definitions in Spike's format (its documentation of
/// --log-commits; order of registers: by number, integer before floating-point before CSRs of that number).
/// </summary>
public unsafe class CommitLogTests
{
    private const ulong Data = MachineHarness.Data;

    [Test]
    public void RegistersAndPlainMemory() => Expect(
        [
            (Encoder.Word("addi", rd: 5, imm: -1), "x5  0xffffffffffffffff"),
            (Encoder.Word("addi", rd: 0, imm: 0), ""),
            (0x4515, "x10 0x0000000000000005"), // c.li a0, 5
            (Encoder.Word("sb", rs1: 8, rs2: 5, imm: 3), "mem 0x0000000080200003 0xff"),
            (Encoder.Word("sh", rs1: 8, rs2: 5, imm: 8), "mem 0x0000000080200008 0xffff"),
            (Encoder.Word("sw", rs1: 8, rs2: 10, imm: 16), "mem 0x0000000080200010 0x00000005"),
            (Encoder.Word("sd", rs1: 8, rs2: 10, imm: 24), "mem 0x0000000080200018 0x0000000000000005"),
            (Encoder.Word("lbu", rd: 6, rs1: 8, imm: 3), "x6  0x00000000000000ff mem 0x0000000080200003"),
            (Encoder.Word("lb", rd: 0, rs1: 8, imm: 3), "mem 0x0000000080200003"),
            (Encoder.Word("ld", rd: 8, rs1: 8, imm: 24), "x8  0x0000000000000005 mem 0x0000000080200018"),
            (Encoder.Word("jal", rd: 1, imm: 4), "x1  0x000000008000102a"),
            (Encoder.Word("auipc", rd: 31, imm: 0x1000), "x31 0x000000008000202a"),
            (Encoder.Word("bne", rs1: 0, rs2: 0, imm: 8), ""),
            (Encoder.Word("fence"), ""),
        ]);

    [Test]
    public void Atomics() => Expect(
        [
            (Encoder.Word("addi", rd: 5, imm: 7), "x5  0x0000000000000007"),
            (Encoder.Word("amoadd.w", rd: 6, rs1: 8, rs2: 5), "x6  0x0000000000000000 mem 0x0000000080200000 mem 0x0000000080200000 0x00000007"),
            (Encoder.Word("amoadd.w", rd: 0, rs1: 8, rs2: 5), "mem 0x0000000080200000 mem 0x0000000080200000 0x0000000e"),
            (Encoder.Word("amoswap.d", rd: 5, rs1: 8, rs2: 5), "x5  0x000000000000000e mem 0x0000000080200000 mem 0x0000000080200000 0x0000000000000007"),
            (Encoder.Word("lr.d", rd: 7, rs1: 8), "x7  0x0000000000000007 mem 0x0000000080200000"),
            (Encoder.Word("sc.d", rd: 0, rs1: 8, rs2: 5), "mem 0x0000000080200000 0x000000000000000e"),
            (Encoder.Word("sc.d", rd: 7, rs1: 8, rs2: 5), "x7  0x0000000000000001"),
            (Encoder.Word("amocas.w", rd: 7, rs1: 8, rs2: 6), "x7  0x000000000000000e mem 0x0000000080200000"),
            (Encoder.Word("amocas.w", rd: 7, rs1: 8, rs2: 6), "x7  0x000000000000000e mem 0x0000000080200000 mem 0x0000000080200000 0x00000000"),
        ]);

    [Test]
    public void PairsAndBlocks()
    {
        if (!QuadCompareAndSwap.IsSupported)
            Assert.Ignore("the host has no cmpxchg16b");
        string zeros = string.Concat(Enumerable.Range(0, 64).Select(n => $" mem 0x{Data + (ulong)n:x16} 0x00"));
        Expect(
        [
            (Encoder.Word("addi", rd: 4, imm: 1), "x4  0x0000000000000001"),
            (Encoder.Word("addi", rd: 5, imm: 2), "x5  0x0000000000000002"),
            (Encoder.Word("amocas.q", rd: 0, rs1: 8, rs2: 4), "mem 0x0000000080200000 mem 0x0000000080200000 0x0000000000000001 mem 0x0000000080200008 0x0000000000000002"),
            (Encoder.Word("amocas.q", rd: 6, rs1: 8, rs2: 4), "x6  0x0000000000000001 x7  0x0000000000000002 mem 0x0000000080200000"),
            (Encoder.Word("addi", rd: 28, rs1: 8, imm: 5), "x28 0x0000000080200005"),
            (Encoder.Word("cbo.zero", rs1: 28), zeros[1..]),
        ]);
    }

    [Test]
    public void FloatingPointAndItsState() => Expect(
        [
            (Csrrs(0, "mstatus", 9), "c768_mstatus 0x0000000a00002000"),
            (Encoder.Word("fcvt.d.w", rd: 1, rs1: 5), "f1  0x0000000000000000 c768_mstatus 0x8000000a00006000"),
            (Encoder.Word("addi", rd: 5, imm: 1), "x5  0x0000000000000001"),
            (Encoder.Word("fcvt.d.w", rd: 2, rs1: 5), "f2  0x3ff0000000000000"),
            (Encoder.Word("fdiv.d", rd: 3, rs1: 2, rs2: 1), "c1_fflags 0x0000000000000008 f3  0x7ff0000000000000"),
            (Encoder.Word("fdiv.d", rd: 0, rs1: 2, rs2: 1), "f0  0x7ff0000000000000 c1_fflags 0x0000000000000008"),
            (Encoder.Word("feq.d", rd: 6, rs1: 2, rs2: 2), "x6  0x0000000000000001"),
            (Encoder.Word("fsd", rs1: 8, rs2: 2), "mem 0x0000000080200000 0x3ff0000000000000"),
            (Encoder.Word("flw", rd: 4, rs1: 8, imm: 4), "f4  0xffffffff3ff00000 mem 0x0000000080200004"),
            (Encoder.Word("csrrw", rd: 7, rs1: 5, csr: Csr.Fcsr), "c1_fflags 0x0000000000000001 c2_frm 0x0000000000000000 x7  0x0000000000000008"),
        ]);

    [Test]
    public void ControlAndStatusRegistersByTheirOwnNames() => Expect(
        [
            (Encoder.Word("addi", rd: 5, imm: 0x222), "x5  0x0000000000000222"),
            (Csrrs(6, "mscratch", 0), "x6  0x0000000000000000"),
            (Csrrw(6, "mscratch", 5), "x6  0x0000000000000000 c832_mscratch 0x0000000000000222"),
            (Csrrw(0, "mideleg", 5), "c771_mideleg 0x0000000000000222"),
            (Csrrw(0, "sie", 5), "c260_sie 0x0000000000000222 c772_mie 0x0000000000000222"),
            (Encoder.Word("addi", rd: 5, imm: 2), "x5  0x0000000000000002"),
            (Csrrs(0, "sstatus", 5), "c768_mstatus 0x0000000a00000002"),
        ]);

    [Test]
    public void TrapsHaveNoLineAndModesHaveDigits()
    {
        ulong at = MachineHarness.Code;
        Expect(
            [
                (Encoder.Word("auipc", rd: 5, imm: 0), 3, $"x5  0x{at:x16}"),
                (Encoder.Word("addi", rd: 6, rs1: 5, imm: 32), 3, $"x6  0x{at + 32:x16}"),
                (Csrrw(0, "mtvec", 6), 3, $"c773_mtvec 0x{at + 32:x16}"),
                (Encoder.Word("addi", rd: 6, rs1: 5, imm: 28), 3, $"x6  0x{at + 28:x16}"),
                (Csrrw(0, "mepc", 6), 3, $"c833_mepc 0x{at + 28:x16}"),
                (Csrrw(0, "mstatus", 0), 3, "c768_mstatus 0x0000000a00000000"),
                (Encoder.Word("mret"), 3, "c768_mstatus 0x0000000a00000080"),
                (Encoder.Word("ecall"), 0, null),
                (Csrrs(7, "mcause", 0), 3, "x7  0x0000000000000008"),
            ]);
    }

    [Test]
    public void SeveralHartsHaveNumbers()
    {
        using var m = new MachineHarness(Tier.Interp, harts: 2);
        using var output = new MemoryStream();
        m.Assemble(MachineHarness.Code, Encoder.Word("addi", rd: 5, imm: 1));
        using (var log = new CommitLog(output, error => error))
        using (var engine = new TracingEngine(InstructionSet.Max, log))
        {
            foreach (Hart hart in m.Harts)
            {
                hart.State->Pc = MachineHarness.Code;
                Assert.That(engine.Run(hart).Cause, Is.EqualTo(TrapCause.Breakpoint));
            }
        }

        Assert.That(Lines(output), Is.EquivalentTo(
        [
            "core   0: 0 0x0000000080001000 (0x00100293) x5  0x0000000000000001",
            "core   1: 0 0x0000000080001000 (0x00100293) x5  0x0000000000000001",
        ]));
    }

    [Test]
    public void WhatCannotBeWrittenReachesTheHart()
    {
        using var m = new MachineHarness(Tier.Interp);
        m.Assemble(MachineHarness.Code, Encoder.Word("jal", rd: 0, imm: 0));
        using var log = new CommitLog(new FullDisk(), error => new InvalidOperationException("the disk: " + error.Message));
        using var engine = new TracingEngine(InstructionSet.Max, log);
        m.State->Pc = MachineHarness.Code;

        Assert.That(() => engine.Run(m.Harts[0]), Throws.InvalidOperationException.With.Message.EqualTo("the disk: full"));
    }

    private static uint Csrrw(int rd, string csr, int rs1) => Encoder.Word("csrrw", rd: rd, rs1: rs1, csr: PrivilegedHart.Number(csr));

    private static uint Csrrs(int rd, string csr, int rs1) => Encoder.Word("csrrs", rd: rd, rs1: rs1, csr: PrivilegedHart.Number(csr));

    private static void Expect((uint Word, string Effects)[] program) =>
        Expect([.. program.Select(line => (line.Word, 3, (string?)line.Effects))]);

    /// <summary>
    /// Runs straight code in M-mode with s0 = the data page and s1 = mstatus.FS Initial, and compares what each
    /// instruction wrote; null expects no line.
    /// </summary>
    private static void Expect((uint Word, int Mode, string? Effects)[] program)
    {
        using var m = new MachineHarness(Tier.Interp);
        (m.Word(Data), m.Word(Data + 8)) = (0, 0);
        var unit = new PrivilegedUnit(m.Harts[0], new HartFeatures(ExtensionSet.Max), new ManualClock());
        ulong pc = MachineHarness.Code;
        var expected = new List<string>();
        foreach ((uint word, int mode, string? effects) in program)
        {
            bool compressed = (word & 3) != 3;
            string bits = compressed ? $"{word:x4}" : $"{word:x8}";
            if (effects is not null)
                expected.Add($"core   0: {mode} 0x{pc:x16} (0x{bits}) {effects}".TrimEnd());
            pc = m.Assemble(pc, word);
        }

        m.X[8] = Data;
        m.X[9] = 1 << 13;
        using var output = new MemoryStream();
        using (var log = new CommitLog(output, error => error))
        using (var engine = new TracingEngine(InstructionSet.Max, log))
        {
            m.State->Pc = MachineHarness.Code;
            Trap trap;
            while ((trap = engine.Run(m.Harts[0])).Cause != TrapCause.Breakpoint)
                unit.Traps.Handle(m.Harts[0], trap);
        }

        Assert.That(Lines(output), Is.EqualTo(expected));
        Assert.That(m.State->Retired, Is.EqualTo((ulong)expected.Count));
    }

    private static string[] Lines(MemoryStream output) =>
        System.Text.Encoding.ASCII.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private sealed class FullDisk : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("full");
    }
}
