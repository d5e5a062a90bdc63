using NUnit.Framework;
using RvJit.Machine;
using RvJit.Machine.Paging;
using RvJit.Monitor;
using RvJit.Monitor.Supervisor;

namespace RvJit.Tests.Monitor;

/// <summary>What the monitor swaps when a hart goes into an enclave that has S-mode of its own; the test plays its guest code.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed unsafe class GuestSupervisorTests : IDisposable
{
    // Privileged manual, "CSR Listing".
    private const int Sstatus = 0x100;
    private const int Stvec = 0x105;
    private const int Sscratch = 0x140;
    private const int Sepc = 0x141;
    private const int Medeleg = 0x302;

    private const ulong KeystoneExtension = 0x08424b45;
    private const int A0 = 10;
    private const int A6 = 16;
    private const int A7 = 17;

    private readonly GuestSupervisorFactory _factory;
    private readonly MonitorBoard _board;

    public GuestSupervisorTests()
    {
        var console = new StringWriter();
        _factory = new GuestSupervisorFactory(() => console);
        _board = new MonitorBoard(supervisors: _factory);
    }

    public void Dispose()
    {
        _board.Dispose();
        _factory.Dispose();
    }

    [Test]
    public void ItStartsInSupervisorModeAtTheLoader()
    {
        EnclaveCreateArguments layout = _board.Start();
        Hart hart = _board.Hart;
        Assert.Multiple(() =>
        {
            Assert.That(hart.State->Pc, Is.EqualTo(layout.EpmAddress));
            Assert.That(hart.Privileged!.Mode, Is.EqualTo(Privilege.Supervisor));
            Assert.That(hart.IsIn(_board.HostWorld), Is.False);
            Assert.That(hart.Csrs.TryRead(hart, Medeleg, out _), Is.False, "M-mode is the monitor's");
            Assert.That(hart.State->FloatTrapped, Is.EqualTo(1), "sstatus.FS is Off");
        });
    }

    [Test]
    public void TheHostHasNoPrivilegedState()
    {
        _board.Start();
        Stop(_board.Hart);
        Hart hart = _board.Hart;
        Assert.Multiple(() =>
        {
            Assert.That(_board.Returned, Is.EqualTo(new SbiReturn(KeystoneError.EdgeCallHost)));
            Assert.That(hart.IsIn(_board.HostWorld), Is.True);
            Assert.That(hart.Privileged, Is.Null);
            Assert.That(hart.TrapHandler, Is.Null);
            Assert.That(hart.Csrs.TryRead(hart, Sscratch, out _), Is.False);
            Assert.That(hart.State->FloatTrapped, Is.Zero);
            Assert.That((nint)hart.State->Memory, Is.EqualTo((nint)_board.HostWorld.Base));
        });
    }

    [Test]
    public void SupervisorRegistersAreTheEnclaves()
    {
        EnclaveCreateArguments[] layouts = [_board.LoadSmall(), _board.LoadSmall()];
        foreach (EnclaveCreateArguments layout in layouts)
            Assert.That(_board.Monitor.Create(_board.Hart, layout).Error, Is.EqualTo(KeystoneError.Success));
        Hart hart = _board.Hart;
        for (ulong id = 0; id < 2; id++)
        {
            _board.Run(id);
            Write(hart, Sscratch, 100 + id);
            Write(hart, Stvec, 0x1000 + (id * 0x1000));
            Write(hart, Sepc, 0x20 + (id * 2));
            hart.State->X[9] = 700 + id;
            hart.State->F[9] = 900 + id;
            Stop(hart);
        }

        for (ulong id = 0; id < 2; id++)
        {
            _board.Resume(id);
            Assert.That(
                (Read(hart, Sscratch), Read(hart, Stvec), Read(hart, Sepc), hart.State->X[9], hart.State->F[9], hart.State->X[A0]),
                Is.EqualTo((100 + id, 0x1000 + (id * 0x1000), 0x20 + (id * 2), 700 + id, 900 + id, 0UL)));
            Assert.That(hart.State->Pc, Is.EqualTo(layouts[id].EpmAddress + 4), "behind the ecall");
            Stop(hart);
        }
    }

    [Test]
    public void AnotherHartMayResumeIt()
    {
        _board.Start();
        Write(_board.Hart, Sscratch, 77);
        Stop(_board.Hart);
        Hart second = _board.AddHart();
        _board.Monitor.Resume(second, 0, _board);
        Assert.That(Read(second, Sscratch), Is.EqualTo(77));
        Stop(second);
        Assert.That(_board.Hart.IsIn(_board.HostWorld) && second.IsIn(_board.HostWorld), Is.True);
    }

    [Test]
    public void TranslationsOutliveAVisitOfTheHost()
    {
        EnclaveCreateArguments layout = _board.Start();
        var memory = (PagedMemory)_board.Hart.Memory;
        Assert.That(memory.TryLoad(layout.EpmAddress + 64, 8, out _, out _), Is.True);
        Assert.That(memory.TryLoad(layout.UtmAddress, 8, out _, out _), Is.True);
        IReadOnlyList<(ulong Tag, ulong Addend)> before = memory.DataEntries();
        Stop(_board.Hart);
        _board.Resume(0);
        Assert.That(_board.Hart.Memory, Is.SameAs(memory));
        Assert.That(memory.DataEntries(), Is.EqualTo(before));
        Assert.That(before.Select(entry => entry.Tag), Is.EquivalentTo(new[] { layout.EpmAddress, layout.UtmAddress }));
    }

    [TestCase(Privilege.Supervisor, TransitionKind.EnclaveSupervisorToMachine, TransitionKind.MachineToEnclaveSupervisor)]
    [TestCase(Privilege.User, TransitionKind.EnclaveUserToMachine, TransitionKind.MachineToEnclaveUser)]
    public void AnInterruptComesBackToWhereItCameFrom(Privilege mode, TransitionKind way, TransitionKind back)
    {
        _board.HostWorld.TrapHandler = new Taker();
        _board.Start();
        Hart hart = _board.Hart;
        if (mode == Privilege.User)
        {
            Write(hart, Sepc, hart.State->Pc);
            Assert.That(hart.Privileged!.TryReturn(Privilege.Supervisor, 0, out _), Is.True);
        }

        Assert.That(hart.Privileged!.Mode, Is.EqualTo(mode));
        ulong pc = hart.State->Pc;
        hart.State->X[A0] = 55;
        long ways = hart.Transitions[way], backs = hart.Transitions[back];
        hart.Request(HartRequests.Interrupt);
        hart.TrapHandler!.Handle(hart, Trap.Requested);
        Assert.That(_board.Returned, Is.EqualTo(new SbiReturn(KeystoneError.Interrupted)));
        Assert.That(hart.Transitions[way] - ways, Is.EqualTo(1));

        _board.Resume(0);
        Assert.That((hart.Privileged!.Mode, hart.State->Pc, hart.State->X[A0]), Is.EqualTo((mode, pc, 55UL)));
        Assert.That(hart.Transitions[back] - backs, Is.EqualTo(1));
    }

    [Test]
    public void UndelegatedExceptionsReachSupervisorModeThroughTheMonitor()
    {
        _board.Start();
        Hart hart = _board.Hart;
        Write(hart, Stvec, 0x8888_0000);
        ulong pc = hart.State->Pc;
        long through = hart.Transitions[TransitionKind.EnclaveSupervisorToMachine];
        hart.TrapHandler!.Handle(hart, new Trap(TrapCause.LoadAccessFault, 0x8000_0000));
        Assert.That((hart.State->Pc, Read(hart, Sepc)), Is.EqualTo((0x8888_0000UL, pc)));
        Assert.That(hart.Transitions[TransitionKind.EnclaveSupervisorToMachine] - through, Is.EqualTo(1));
        hart.TrapHandler!.Handle(hart, new Trap(TrapCause.LoadPageFault, 0));
        Assert.That(hart.Transitions[TransitionKind.EnclaveSupervisorToMachine] - through, Is.EqualTo(1), "delegated");
    }

    [Test]
    public void ASupervisorThatOnlyTrapsIsEnded()
    {
        _board.Start();
        Hart hart = _board.Hart;
        for (int i = 0; i < 5000 && _board.Returned is null; i++)
            hart.TrapHandler!.Handle(hart, new Trap(TrapCause.InstructionPageFault, 0));
        Assert.That(_board.Returned, Is.EqualTo(new SbiReturn(KeystoneError.Success, ulong.MaxValue)));
    }

    private static ulong Read(Hart hart, int csr) => hart.Csrs.TryRead(hart, csr, out ulong value)
        ? value
        : throw new InvalidOperationException($"CSR 0x{csr:x} cannot be read");

    private static void Write(Hart hart, int csr, ulong value)
    {
        if (!hart.Csrs.TryWrite(hart, csr, value))
            throw new InvalidOperationException($"CSR 0x{csr:x} cannot be written");
    }

    private static void Stop(Hart hart)
    {
        hart.State->X[A0] = (ulong)StopRequest.EdgeCallHost;
        hart.State->X[A6] = (ulong)KeystoneFunction.Stop;
        hart.State->X[A7] = KeystoneExtension;
        hart.TrapHandler!.Handle(hart, new Trap(TrapCause.EnvironmentCallFromS, 0));
    }

    private sealed class Taker : ITrapHandler
    {
        public TrapOutcome Handle(Hart hart, in Trap trap)
        {
            hart.TakeRequests();
            return TrapOutcome.Resume;
        }
    }
}
