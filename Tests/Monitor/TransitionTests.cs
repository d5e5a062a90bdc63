using NUnit.Framework;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.Runtime;

namespace RvJit.Tests.Monitor;

/// <summary>Privilege transitions, counted as hardware would make them.</summary>
public unsafe class TransitionTests
{
    [Test]
    public void ASynchronousOcallTakesExactlyEight()
    {
        using var board = new MonitorBoard();
        board.Start();
        long[] before = Snapshot(board.Hart);
        board.Ecall(RuntimeCall.Ocall, 5);
        ReturnFromIoctl(board.Hart);
        EnterIoctl(board.Hart);
        board.Resume(0);
        long[] after = Snapshot(board.Hart);
        for (int kind = 0; kind < TransitionCounters.Kinds; kind++)
            Assert.That(after[kind] - before[kind], Is.EqualTo(kind < 8 ? 1 : 0), ((TransitionKind)kind).ToString());
        Assert.That(board.Monitor.EdgeCalls.MinimumTransitions, Is.EqualTo(8));
        Assert.That(board.Monitor.EdgeCalls.MaximumTransitions, Is.EqualTo(8));
    }

    [Test]
    public void SystemCallsOfTheHandlerAreNotTheOcalls()
    {
        using var board = new MonitorBoard();
        board.Start();
        for (int calls = 0; calls < 3; calls++)
        {
            board.Ecall(RuntimeCall.Ocall, (ulong)calls);
            ReturnFromIoctl(board.Hart);
            for (int i = 0; i < calls; i++)
            {
                EnterIoctl(board.Hart);
                ReturnFromIoctl(board.Hart);
            }

            EnterIoctl(board.Hart);
            board.Resume(0);
        }

        EdgeCallStatistics statistics = board.Monitor.EdgeCalls;
        Assert.Multiple(() =>
        {
            Assert.That(statistics.Count, Is.EqualTo(3));
            Assert.That(statistics.Completed, Is.EqualTo(3));
            Assert.That(statistics.MinimumTransitions, Is.EqualTo(8));
            Assert.That(statistics.MaximumTransitions, Is.EqualTo(8));
            Assert.That(statistics.ByCall.Select(c => (c.Key, c.Value)), Is.EqualTo(new[] { (0UL, 1L), (1UL, 1L), (2UL, 1L) }));
        });
    }

    [Test]
    public void AForwardedSystemCallTakesEightToo()
    {
        using var board = new MonitorBoard();
        EnclaveCreateArguments layout = board.Start();
        board.Ecall(57, 3);
        ReturnFromIoctl(board.Hart);
        BitConverter.TryWriteBytes(board.Utm(layout)[32..], 48UL);
        BitConverter.TryWriteBytes(board.Utm(layout)[40..], 8UL);
        EnterIoctl(board.Hart);
        board.Resume(0);
        Assert.That(board.Monitor.EdgeCalls.MaximumTransitions, Is.EqualTo(8));
        Assert.That(board.Monitor.EdgeCalls.ByCall.Single(), Is.EqualTo(KeyValuePair.Create(11UL, 1L)));
    }

    [Test]
    public void AnInterruptGoesStraightToTheMonitorAndBack()
    {
        using var board = new MonitorBoard();
        board.HostWorld.TrapHandler = new Taker();
        board.Start();
        board.Hart.State->Pc = 0x10008;
        board.Hart.State->X[10] = 77;
        long[] before = Snapshot(board.Hart);
        board.Hart.Request(HartRequests.Interrupt);
        Assert.That(board.Hart.World.TrapHandler!.Handle(board.Hart, Trap.Requested), Is.EqualTo(TrapOutcome.Resume));
        Assert.That(board.Returned, Is.EqualTo(new SbiReturn(KeystoneError.Interrupted)));
        Assert.That(board.Hart.World, Is.SameAs(board.HostWorld));
        Assert.That(board.Hart.Requests, Is.EqualTo(HartRequests.None), "the host's kernel was told");

        board.Resume(0);
        Assert.That((board.Hart.State->Pc, board.Hart.State->X[10]), Is.EqualTo((0x10008, 77)));
        long[] after = Snapshot(board.Hart);
        Assert.That(Enumerable.Range(0, TransitionCounters.Kinds).Where(k => after[k] != before[k]).Cast<TransitionKind>(), Is.EquivalentTo(new[]
        {
            TransitionKind.EnclaveUserToMachine,
            TransitionKind.MachineToHostSupervisor,
            TransitionKind.HostSupervisorToMachine,
            TransitionKind.MachineToEnclaveUser,
        }));
    }

    [Test]
    public void AStopEndsTheThreadThroughTheHost()
    {
        using var board = new MonitorBoard();
        board.HostWorld.TrapHandler = new Taker();
        board.Start();
        board.Hart.Request(HartRequests.Stop);
        Assert.That(board.Hart.World.TrapHandler!.Handle(board.Hart, Trap.Requested), Is.EqualTo(TrapOutcome.Exit));
        Assert.That(board.Hart.World, Is.SameAs(board.HostWorld));
    }

    [Test]
    public void APollWithoutRequestGoesOn()
    {
        using var board = new MonitorBoard();
        board.Start();
        Assert.That(board.Hart.World.TrapHandler!.Handle(board.Hart, Trap.Requested), Is.EqualTo(TrapOutcome.Resume));
        Assert.That(board.Hart.World.IsEnclave, Is.True);
    }

    [Test]
    public void CreateAndRunOfHello()
    {
        using var board = new MonitorBoard();
        board.Start();
        TransitionCounters t = board.Hart.Transitions;
        Assert.That(t[TransitionKind.HostSupervisorToMachine], Is.EqualTo(2), "CREATE and RUN");
        Assert.That(t[TransitionKind.MachineToHostSupervisor], Is.EqualTo(1));
        Assert.That(t[TransitionKind.EnclaveSupervisorToMachine], Is.EqualTo(3), "two random words for the stack, the timer");
        Assert.That(t[TransitionKind.MachineToEnclaveSupervisor], Is.EqualTo(4));
        Assert.That(t[TransitionKind.EnclaveSupervisorToUser], Is.EqualTo(1));
    }

    private static void ReturnFromIoctl(Hart hart) => hart.Transitions.Count(TransitionKind.HostSupervisorToUser);

    private static void EnterIoctl(Hart hart) => hart.Transitions.Count(TransitionKind.HostUserToSupervisor);

    private static long[] Snapshot(Hart hart) =>
        [.. Enum.GetValues<TransitionKind>().Select(k => hart.Transitions[k])];

    private sealed class Taker : ITrapHandler
    {
        public TrapOutcome Handle(Hart hart, in Trap trap) =>
            (hart.TakeRequests() & HartRequests.Stop) != 0 ? TrapOutcome.Exit : TrapOutcome.Resume;
    }
}
