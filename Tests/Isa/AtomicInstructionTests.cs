using NUnit.Framework;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Isa;

/// <summary>What vectors of one hart cannot say of atomics: alignment, other harts, waiting.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[TestFixture(Tier.Interp)]
[TestFixture(Tier.Jit)]
public sealed unsafe class AtomicInstructionTests(Tier tier) : IDisposable
{
    private const int A0 = 10, A1 = 11, A2 = 12, A3 = 13, A4 = 14, A5 = 15, A6 = 16;
    private const ulong Rounds = 20_000;

    private readonly GuestHarness _guest = new(tier);

    public void Dispose() => _guest.Dispose();

    [TestCase("amoadd.h", 2u)]
    [TestCase("amomaxu.h", 2u)]
    [TestCase("amocas.h", 2u)]
    [TestCase("amocas.w", 4u)]
    [TestCase("amocas.d", 8u)]
    [TestCase("amocas.q", 16u)]
    public void MisalignedOnesTrap(string name, uint bytes)
    {
        for (uint offset = 1; offset < bytes; offset++)
        {
            _guest.X[A1] = GuestHarness.DataAddress + offset;

            Assert.That(_guest.RunCode(Encoder.Word(name, rd: A2, rs1: A1, rs2: A4)),
                Is.EqualTo(new Trap(TrapCause.StoreAddressMisaligned, GuestHarness.DataAddress + offset)));
        }
    }

    [Test]
    public void BytesOfOneWordAreCountedByManyHarts()
    {
        // loop: amoadd.b zero,a2,(a1); addi a0,a0,-1; bne a0,zero,loop
        _guest.Assemble(GuestHarness.CodeAddress,
            Encoder.Word("amoadd.b", rs1: A1, rs2: A2), Encoder.Word("addi", rd: A0, rs1: A0, imm: -1), Encoder.Word("bne", rs1: A0, imm: -8),
            Encoder.Word("ebreak"));

        RunTogether(hart => hart.State->X[A1] = GuestHarness.DataAddress + (ulong)(hart.Id & 1));

        Assert.That(_guest.World.TryRead(GuestHarness.DataAddress, out uint word));
        Assert.That(word, Is.EqualTo((Rounds & 0xFF) | ((Rounds & 0xFF) << 8)));
    }

    /// <summary>The first hart is alone, and its operations plain, until the second enters the world it runs in.</summary>
    [TestCase("amoadd.d")]
    [TestCase("lr.d")]
    [CancelAfter(60_000)]
    public void AHartThatComesLaterIsCountedWith(string name, CancellationToken cancel)
    {
        // loop: amoadd.d zero,a2,(a1), or again: lr.d a3,(a1); add a3,a3,a2; sc.d a4,a3,(a1); bne a4,zero,again
        // addi a0,a0,-1; bne a0,zero,loop
        uint[] count = name == "amoadd.d"
            ? [Encoder.Word(name, rs1: A1, rs2: A2)]
            : [Encoder.Word(name, rd: A3, rs1: A1), Encoder.Word("add", rd: A3, rs1: A3, rs2: A2),
                Encoder.Word("sc.d", rd: A4, rs1: A1, rs2: A3), Encoder.Word("bne", rs1: A4, imm: -12)];
        _guest.Assemble(GuestHarness.CodeAddress, [.. count, Encoder.Word("addi", rd: A0, rs1: A0, imm: -1),
            Encoder.Word("bne", rs1: A0, imm: -4 * (count.Length + 1)), Encoder.Word("ebreak")]);
        const ulong ManyRounds = 1_000_000;
        using var second = new Hart(1);
        var first = new Thread(() => Count(_guest.Hart));
        first.Start();
        while (!_guest.World.TryRead(GuestHarness.DataAddress, out ulong begun) || begun == 0)
            cancel.ThrowIfCancellationRequested();
        second.EnterWorld(_guest.World);
        Count(second);
        first.Join();
        second.LeaveWorld();

        Assert.That(_guest.World.TryRead(GuestHarness.DataAddress, out ulong counted) ? counted : 0, Is.EqualTo(2 * ManyRounds));

        void Count(Hart hart)
        {
            hart.State->Pc = GuestHarness.CodeAddress;
            hart.State->X[A0] = ManyRounds;
            hart.State->X[A1] = GuestHarness.DataAddress;
            hart.State->X[A2] = 1;
            while (_guest.Engine.Run(hart).Cause == TrapCause.Requested)
                cancel.ThrowIfCancellationRequested();
        }
    }

    [Test]
    public void QuadwordsAreCountedByManyHarts()
    {
        // loop: amocas.q a2,a2,(a1)  -- reads: equal or not, nothing changes
        // again: addi a4,a2,1; addi a5,a3,1; addi a6,a2,0; amocas.q a2,a4,(a1); bne a2,a6,again
        // addi a0,a0,-1; bne a0,zero,loop
        _guest.Assemble(GuestHarness.CodeAddress,
            Encoder.Word("amocas.q", rd: A2, rs1: A1, rs2: A2),
            Encoder.Word("addi", rd: A4, rs1: A2, imm: 1), Encoder.Word("addi", rd: A5, rs1: A3, imm: 1),
            Encoder.Word("addi", rd: A6, rs1: A2), Encoder.Word("amocas.q", rd: A2, rs1: A1, rs2: A4),
            Encoder.Word("bne", rs1: A2, rs2: A6, imm: -16),
            Encoder.Word("addi", rd: A0, rs1: A0, imm: -1), Encoder.Word("bne", rs1: A0, imm: -28), Encoder.Word("ebreak"));

        RunTogether(hart => hart.State->X[A1] = GuestHarness.DataAddress);

        Assert.That(_guest.World.TryRead(GuestHarness.DataAddress, out ulong low) && _guest.World.TryRead(GuestHarness.DataAddress + 8, out ulong high)
            && low == 2 * Rounds && high == 2 * Rounds, $"{low} is not {2 * Rounds}");
    }

    private void RunTogether(Action<Hart> prepare)
    {
        using var second = new Hart(1);
        second.EnterWorld(_guest.World);
        Thread[] threads = [.. new[] { _guest.Hart, second }.Select(hart => new Thread(() =>
        {
            hart.State->Pc = GuestHarness.CodeAddress;
            hart.State->X[A0] = Rounds;
            hart.State->X[A2] = 1;
            prepare(hart);
            Trap trap;
            do
                trap = _guest.Engine.Run(hart);
            while (trap.Cause == TrapCause.Requested);
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        second.LeaveWorld();
    }

    /// <summary>Both of them come to an end by themselves, reserved or not.</summary>
    [TestCase("wrs.nto")]
    [TestCase("wrs.sto")]
    [CancelAfter(20_000)]
    public void WaitingEnds(string name)
    {
        _guest.X[A1] = GuestHarness.DataAddress;
        Assert.That(_guest.RunCode(Encoder.Word(name)).Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(_guest.RunCode(Encoder.Word("lr.d", rd: A2, rs1: A1), Encoder.Word(name), Encoder.Word("sc.d", rd: A3, rs1: A1, rs2: A1)).Cause,
            Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(_guest.X[A3], Is.Zero, "the reservation outlives the wait");
    }

    /// <summary>loop: lr.d a2,(a1); bne a2,zero,out; wrs.nto; jal zero,loop -- until somebody stores.</summary>
    [Test]
    [CancelAfter(20_000)]
    public void AStoreOfAnotherEndsTheWait()
    {
        _guest.Assemble(GuestHarness.CodeAddress,
            Encoder.Word("lr.d", rd: A2, rs1: A1), Encoder.Word("bne", rs1: A2, imm: 12), Encoder.Word("wrs.nto"), Encoder.Word("jal", imm: -12),
            Encoder.Word("ebreak"));
        _guest.X[A1] = GuestHarness.DataAddress;
        Trap trap = default;
        var thread = new Thread(() => trap = _guest.Run(GuestHarness.CodeAddress));
        thread.Start();
        Assert.That(_guest.World.TryWrite(GuestHarness.DataAddress, 1UL << 40));
        thread.Join();

        Assert.That(trap.Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(_guest.X[A2], Is.EqualTo(1UL << 40));
    }

    [Test]
    public void LinuxProgramsHaveNoCacheBlockInvalidation()
    {
        _guest.X[A1] = GuestHarness.DataAddress;
        uint word = Encoder.Word("cbo.inval", rs1: A1);

        Assert.That(_guest.RunCode(word), Is.EqualTo(new Trap(TrapCause.IllegalInstruction, word)));
    }

    [Test]
    public void BlocksAreZeroedOnlyWherePermitted([Values] bool permitted)
    {
        uint word = Encoder.Word("cbo.zero", rs1: A1);
        _guest.Hart.Privileged = new EnvironmentConfiguration(permitted);
        _guest.State->BlockZeroTrapped = 1;
        _guest.X[A1] = GuestHarness.DataAddress + 64;
        Assert.That(_guest.World.TryWrite(GuestHarness.DataAddress + 120, ulong.MaxValue));

        Trap trap = _guest.RunCode(word);

        Assert.That(_guest.World.TryRead(GuestHarness.DataAddress + 120, out ulong value));
        Assert.That(value, Is.EqualTo(permitted ? 0 : ulong.MaxValue));
        Assert.That(trap.Cause, Is.EqualTo(permitted ? TrapCause.Breakpoint : TrapCause.IllegalInstruction));
    }

    [TestCase(3)]
    [TestCase(31)]
    public void PerformanceCountersCountNothing(int number)
    {
        _guest.X[A0] = 1;
        Assert.That(_guest.RunCode(Encoder.Word("csrrs", rd: A0, csr: Csr.Cycle + number)).Cause, Is.EqualTo(TrapCause.Breakpoint));
        Assert.That(_guest.X[A0], Is.Zero);
    }

    /// <summary>A hart whose envcfg registers say the same of every cache-block operation.</summary>
    private sealed class EnvironmentConfiguration(bool permits) : IPrivilegedUnit
    {
        public Privilege Mode => Privilege.Supervisor;

        public TrapCause EnvironmentCall => TrapCause.EnvironmentCallFromU;

        public bool Permits(CacheBlockOperation operation) => permits;

        public bool TryReturn(Privilege level, uint word, out Trap trap) => Refuse(word, out trap);

        public void TakeUserInterrupt()
        {
        }

        public bool TryWait(uint word, out Trap trap) => Refuse(word, out trap);

        public bool TryUseFloat() => false;

        public bool TryFenceTranslation(uint word, ulong? address, ulong? space, out Trap trap) => Refuse(word, out trap);

        public bool TryOrderTranslation(uint word, out Trap trap) => Refuse(word, out trap);

        private static bool Refuse(uint word, out Trap trap)
        {
            trap = new Trap(TrapCause.IllegalInstruction, word);
            return false;
        }
    }
}
