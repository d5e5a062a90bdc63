using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Isa;

/// <summary>What vectors cannot say: traps to the environment, counters, misaligned atomics.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed class SystemInstructionTests(Tier tier) : IDisposable
{
    private const uint CompressedBreakpoint = 0x9002;
    private const uint Nop = 0x13;

    private static readonly string[] s_readModifyWrites =
    [
        .. from operation in (string[])["swap", "add", "xor", "and", "or", "min", "max", "minu", "maxu"]
           from size in (string[])["w", "d"]
           select $"amo{operation}.{size}",
        "sc.w", "sc.d",
    ];

    private readonly GuestHarness _guest = new(tier);

    public void Dispose() => _guest.Dispose();

    [Test]
    public void EcallTrapsWithNothingElseChanged()
    {
        Trap trap = _guest.RunCode(Nop, Encoder.Word("ecall"));

        Assert.That(trap, Is.EqualTo(new Trap(TrapCause.EnvironmentCallFromU, 0)));
        Assert.That(_guest.Pc, Is.EqualTo(GuestHarness.CodeAddress + 4));
    }

    [TestCase(0x00100073u)]
    [TestCase(CompressedBreakpoint)]
    public void BreakpointsTrapWithTheirAddress(uint word)
    {
        Trap trap = _guest.RunCode(Nop, word);

        Assert.That(trap, Is.EqualTo(new Trap(TrapCause.Breakpoint, GuestHarness.CodeAddress + 4)));
        Assert.That(_guest.Pc, Is.EqualTo(GuestHarness.CodeAddress + 4));
    }

    [TestCase(0x0000u)]
    [TestCase(0xFFFFFFFFu)]
    [TestCase(0x30200073u)]
    [TestCase(0x10500073u)]
    [TestCase(0x2001u)]
    public void IllegalInstructionsTrapWithTheirBits(uint word)
    {
        Trap trap = _guest.RunCode(Nop, word);

        Assert.That(trap, Is.EqualTo(new Trap(TrapCause.IllegalInstruction, word)));
        Assert.That(_guest.Pc, Is.EqualTo(GuestHarness.CodeAddress + 4));
    }

    [Test]
    public void MisalignedAtomicsTrap([ValueSource(nameof(s_readModifyWrites))] string name, [Values(1u, 2u, 4u)] uint offset)
    {
        bool aligned = offset == 4 && name.EndsWith(".w", StringComparison.Ordinal);
        _guest.X[11] = GuestHarness.DataAddress + offset;
        _guest.X[10] = 99;

        Trap trap = _guest.RunCode(Encoder.Word(name, rd: 10, rs1: 11, rs2: 12));

        Assert.That(trap, aligned
            ? Is.EqualTo(new Trap(TrapCause.Breakpoint, GuestHarness.CodeAddress + 4))
            : Is.EqualTo(new Trap(TrapCause.StoreAddressMisaligned, GuestHarness.DataAddress + offset)));
        if (!aligned)
            Assert.That(_guest.X[10], Is.EqualTo(99));
    }

    [TestCase("lr.w", 2u)]
    [TestCase("lr.d", 4u)]
    public void MisalignedLoadReservedTrapsAsALoad(string name, uint offset)
    {
        _guest.X[11] = GuestHarness.DataAddress + offset;

        Assert.That(_guest.RunCode(Encoder.Word(name, rd: 10, rs1: 11)),
            Is.EqualTo(new Trap(TrapCause.LoadAddressMisaligned, GuestHarness.DataAddress + offset)));
    }

    [TestCase(Csr.Cycle)]
    [TestCase(Csr.Time)]
    [TestCase(Csr.Instret)]
    public void CountersGrowAndCannotBeWritten(int csr)
    {
        Trap trap = _guest.RunCode(
            Encoder.Word("csrrs", rd: 10, csr: csr), Nop, Encoder.Word("csrrc", rd: 11, csr: csr), Encoder.Word("csrrsi", rd: 12, csr: csr));
        Assert.That(trap.Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(_guest.X[11], Is.GreaterThanOrEqualTo(_guest.X[10]));
        Assert.That(_guest.X[12], Is.GreaterThanOrEqualTo(_guest.X[11]));

        uint write = Encoder.Word("csrrw", rd: 10, rs1: 5, csr: csr);
        Assert.That(_guest.RunCode(write), Is.EqualTo(new Trap(TrapCause.IllegalInstruction, write)));
        uint set = Encoder.Word("csrrsi", rd: 10, uimm: 1, csr: csr);
        Assert.That(_guest.RunCode(set), Is.EqualTo(new Trap(TrapCause.IllegalInstruction, set)));
    }

    [Test]
    public void InstructionsReadWhatFenceIOrdersBehindAStore()
    {
        // The code patches the instruction behind the fence: addi a0,a0,1 becomes addi a0,a0,2. Twice around.
        ulong patched = GuestHarness.CodeAddress + 12;
        _guest.X[11] = patched;
        _guest.X[12] = Encoder.Word("addi", rd: 10, rs1: 10, imm: 2);
        uint[] code =
        [
            Encoder.Word("addi", rd: 10, rs1: 10, imm: 16), Encoder.Word("sw", rs1: 11, rs2: 12), Encoder.Word("fence.i"),
            Encoder.Word("addi", rd: 10, rs1: 10, imm: 1),
        ];
        _guest.Assemble(GuestHarness.CodeAddress, code);
        _guest.X[10] = 0;
        Assert.That(_guest.Run(patched).Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(_guest.X[10], Is.EqualTo(1));

        Assert.That(_guest.Run(GuestHarness.CodeAddress).Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(_guest.X[10], Is.EqualTo(1 + 16 + 2));

        Assert.That(_guest.Run(patched).Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(_guest.X[10], Is.EqualTo(1 + 16 + 2 + 2));
    }

    [Test]
    public void AnInstructionMayLieAcrossPages([Values(0u, 2u)] uint before)
    {
        ulong pc = GuestHarness.CodeAddress + 0x1000 - before;
        _guest.Assemble(pc, Encoder.Word("addi", rd: 10, imm: 77));

        Trap trap = _guest.Run(pc);

        Assert.That(trap, Is.EqualTo(new Trap(TrapCause.Breakpoint, pc + 4)));
        Assert.That(_guest.X[10], Is.EqualTo(77));
    }

    [Test]
    public void TheSecondHalfOfAnInstructionFaultsWithItsOwnAddress()
    {
        ulong end = GuestHarness.CodeAddress + GuestHarness.DefaultBytes;
        ushort firstHalf = (ushort)Encoder.Word("addi", rd: 10, imm: 77);
        Assert.That(_guest.World.TryWrite(end - 2, firstHalf));

        Trap trap = _guest.Run(end - 2);

        Assert.That(trap, Is.EqualTo(new Trap(TrapCause.InstructionPageFault, end)));
        Assert.That(_guest.Pc, Is.EqualTo(end - 2));
    }
}
