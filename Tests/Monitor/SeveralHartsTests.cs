using NUnit.Framework;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.Runtime;

namespace RvJit.Tests.Monitor;

/// <summary>Enclaves on several harts at once, and enclaves in great number.</summary>
public unsafe class SeveralHartsTests
{
    private const ulong Secret = 0x12000;
    private const ulong Window = 0x200_0000;

    [Test]
    public void TwoHartsRunTwoEnclavesWhileAThirdThreadAttacksThem()
    {
        const int rounds = 300;
        using var board = new MonitorBoard();
        var layouts = new EnclaveCreateArguments[2];
        var harts = new Hart[2];
        for (int i = 0; i < 2; i++)
        {
            layouts[i] = board.LoadSmall();
            Assert.That(board.Monitor.Create(board.Hart, layouts[i]).Value, Is.EqualTo((ulong)i));
            board.HostWorld.TryMap(Window + ((ulong)i * layouts[i].EpmSize), layouts[i].EpmSize, layouts[i].EpmAddress, Access.ReadWrite);
            harts[i] = board.AddHart();
        }

        using var done = new CancellationTokenSource();
        var attacker = Task.Run(() =>
        {
            long breaches = 0;
            for (ulong at = 0; !done.IsCancellationRequested; at = (at + 4096 + 8) % (2 * layouts[0].EpmSize))
            {
                if (board.HostWorld.TryRead(Window + (at & ~7UL), out ulong _) || board.HostWorld.TryWrite(Window + (at & ~7UL), 0x6666UL))
                    breaches++;
            }

            return breaches;
        });
        Task[] owners = [.. Enumerable.Range(0, 2).Select(i => Task.Run(() => LiveThrough(board.Monitor, harts[i], i, rounds)))];
        Assert.That(Task.WaitAll(owners, TimeSpan.FromMinutes(5)), Is.True);
        done.Cancel();
        Assert.That(attacker.Result, Is.Zero);
        foreach (Hart hart in harts)
            Assert.That(hart.World, Is.SameAs(board.HostWorld));
    }

    [Test]
    public void ATickInterruptsTheHartsThatAreInside()
    {
        using var board = new MonitorBoard();
        board.HostWorld.TrapHandler = new Taker();
        Hart outside = board.AddHart();
        board.Start();
        board.Hart.State->Pc = 0x10004;
        board.Monitor.Tick();
        Assert.That(outside.Requests, Is.EqualTo(HartRequests.None));
        board.Hart.World.TrapHandler!.Handle(board.Hart, Trap.Requested);
        Assert.That(board.Returned, Is.EqualTo(new SbiReturn(KeystoneError.Interrupted)));
        Assert.That(board.Resume(0), Is.Null);
        Assert.That(board.Hart.State->Pc, Is.EqualTo(0x10004));
    }

    /// <summary>Ten thousand are run by hand: RVJIT_ENCLAVE_CYCLES=10000.</summary>
    [Test]
    public void CreateRunAndDestroyLeaveNothing()
    {
        int cycles = int.Parse(Environment.GetEnvironmentVariable("RVJIT_ENCLAVE_CYCLES") ?? "300");
        using var board = new MonitorBoard();
        EnclaveCreateArguments layout = board.LoadSmall();
        byte[] files = board.Memory.Span(layout.EpmAddress, (int)(layout.FreeAddress - layout.EpmAddress)).ToArray();
        void Cycle()
        {
            files.CopyTo(board.Memory.Span(layout.EpmAddress, files.Length));
            board.Run(board.Monitor.Create(board.Hart, layout).Value);
            board.Ecall(RuntimeCall.Exit, 5);
            Assert.That(board.Returned, Is.EqualTo(new SbiReturn(KeystoneError.Success, 5)));
            Assert.That(board.Monitor.Destroy(board.Hart, 0).Error, Is.EqualTo(KeystoneError.Success));
        }

        for (int i = 0; i < 50; i++)
            Cycle();
        (long managed, int handles, int maps) before = Footprint();
        for (int i = 0; i < cycles; i++)
            Cycle();
        (long managed, int handles, int maps) after = Footprint();
        TestContext.Out.WriteLine($"{cycles} cycles: managed {before.managed} to {after.managed} bytes, handles {before.handles} to {after.handles}, maps {before.maps} to {after.maps}");
        Assert.Multiple(() =>
        {
            Assert.That(after.managed - before.managed, Is.LessThan(1 << 20), "bytes that stay");
            Assert.That(after.handles - before.handles, Is.LessThan(20));
            Assert.That(after.maps - before.maps, Is.LessThan(50));
            Assert.That(board.Memory.Span(layout.EpmAddress, (int)layout.EpmSize).IndexOfAnyExcept((byte)0), Is.Negative, "the EPM is zero");
            Assert.That(board.Utm(layout).IndexOfAnyExcept((byte)0), Is.Negative, "the UTM is zero");
        });
    }

    private static (long Managed, int Handles, int Maps) Footprint()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return (GC.GetTotalMemory(forceFullCollection: true), Directory.GetFileSystemEntries("/proc/self/fd").Length, File.ReadLines("/proc/self/maps").Count());
    }

    /// <summary>An owner's part: run, then stop and resume, the enclave counting in its own memory.</summary>
    private static void LiveThrough(SecurityMonitor monitor, Hart hart, int id, int rounds)
    {
        var host = new Waiter();
        monitor.Run(hart, (ulong)id, host);
        for (ulong round = 1; round <= (ulong)rounds; round++)
        {
            Assert.That(hart.World.TryWrite(Secret, round), Is.True);
            hart.State->X[10] = 7;
            hart.State->X[12] = 0;
            hart.State->X[17] = RuntimeCall.Ocall;
            hart.World.TrapHandler!.Handle(hart, new Trap(TrapCause.EnvironmentCallFromU, 0));
            Assert.That(host.Error, Is.EqualTo(KeystoneError.EdgeCallHost));
            monitor.Resume(hart, (ulong)id, host);
            Assert.That(hart.World.TryRead(Secret, out ulong now) && now == round, Is.True, $"round {round}");
        }

        monitor.Exit(hart, 0);
        Assert.That(host.Error, Is.EqualTo(KeystoneError.Success));
    }

    private sealed class Waiter : IHostResumption
    {
        public KeystoneError Error { get; private set; }

        public void EnclaveReturned(Hart hart, KeystoneError error, ulong value) => Error = error;
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
