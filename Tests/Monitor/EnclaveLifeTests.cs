using NUnit.Framework;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.Runtime;

namespace RvJit.Tests.Monitor;

/// <summary>States, gates and error numbers (Keystone sm/src/enclave.c, sm-sbi-opensbi.c).</summary>
public class EnclaveLifeTests
{
    [TestCase(0UL, KeystoneError.Deprecated)]
    [TestCase(1999UL, KeystoneError.Deprecated)]
    [TestCase(2001UL, KeystoneError.Success)]
    [TestCase(2004UL, KeystoneError.NotImplemented)]
    [TestCase(2999UL, KeystoneError.NotImplemented)]
    [TestCase(3001UL, KeystoneError.SbiProhibited)]
    [TestCase(3006UL, KeystoneError.SbiProhibited)]
    [TestCase(3999UL, KeystoneError.SbiProhibited)]
    [TestCase(4000UL, KeystoneError.Success)]
    [TestCase(4001UL, KeystoneError.NotImplemented)]
    [TestCase(ulong.MaxValue, KeystoneError.NotImplemented)]
    public void TheGateOfAHost(ulong function, KeystoneError expected)
    {
        using var board = new MonitorBoard();
        Assert.That(board.Monitor.Gate(board.Hart, function), Is.EqualTo(expected));
    }

    [TestCase(1999UL, KeystoneError.Deprecated)]
    [TestCase(2001UL, KeystoneError.SbiProhibited)]
    [TestCase(2999UL, KeystoneError.SbiProhibited)]
    [TestCase(3001UL, KeystoneError.Success)]
    [TestCase(3005UL, KeystoneError.NotImplemented)]
    public void TheGateOfAnEnclave(ulong function, KeystoneError expected)
    {
        using var board = new MonitorBoard();
        board.Start();
        Assert.That(board.Monitor.Gate(board.Hart, function), Is.EqualTo(expected));
        Assert.That(board.Monitor.Create(board.Hart, default).Error, Is.EqualTo(KeystoneError.SbiProhibited));
        Assert.That(board.Monitor.Destroy(board.Hart, 0).Error, Is.EqualTo(KeystoneError.SbiProhibited));
        Assert.That(board.Resume(0)!.Value.Error, Is.EqualTo(KeystoneError.SbiProhibited));
    }

    [Test]
    public void NumbersOfErrors() => Assert.Multiple(() =>
    {
        Assert.That((ulong)KeystoneError.Interrupted, Is.EqualTo(100002));
        Assert.That((ulong)KeystoneError.NotResumable, Is.EqualTo(100010));
        Assert.That((ulong)KeystoneError.EdgeCallHost, Is.EqualTo(100011));
        Assert.That((ulong)KeystoneError.SbiProhibited, Is.EqualTo(100014));
        Assert.That((ulong)KeystoneError.NotFresh, Is.EqualTo(100016));
    });

    [Test]
    public void AFreshEnclaveRunsOnceAndIsNotResumed()
    {
        using var board = new MonitorBoard();
        SbiReturn created = board.Monitor.Create(board.Hart, board.LoadSmall());
        Assert.That(created, Is.EqualTo(new SbiReturn(KeystoneError.Success, 0)));
        Assert.That(board.Resume(0)!.Value.Error, Is.EqualTo(KeystoneError.NotResumable));
        Assert.That(board.Run(0), Is.Null);
        Hart second = board.AddHart();
        Assert.That(board.Monitor.Destroy(second, 0).Error, Is.EqualTo(KeystoneError.NotDestroyable));
        Assert.That(Ask(board, second, resume: false), Is.EqualTo(KeystoneError.NotFresh));
        Assert.That(Ask(board, second, resume: true), Is.EqualTo(KeystoneError.NotResumable));
    }

    [Test]
    public void AStoppedEnclaveResumesAndCanBeDestroyed()
    {
        using var board = new MonitorBoard();
        board.Start();
        board.Ecall(RuntimeCall.Ocall, 7);
        Assert.That(board.Returned, Is.EqualTo(new SbiReturn(KeystoneError.EdgeCallHost)));
        Assert.That(board.Run(0)!.Value.Error, Is.EqualTo(KeystoneError.NotFresh));
        Assert.That(board.Resume(0), Is.Null);
        board.Ecall(RuntimeCall.Ocall, 7);
        Assert.That(board.Monitor.Destroy(board.Hart, 0).Error, Is.EqualTo(KeystoneError.Success));
        Assert.That(board.Resume(0)!.Value.Error, Is.EqualTo(KeystoneError.NotResumable));
        Assert.That(board.Run(0)!.Value.Error, Is.EqualTo(KeystoneError.NotFresh));
    }

    [Test]
    public void WhatHasExitedIsNeverResumed()
    {
        using var board = new MonitorBoard();
        board.Start();
        board.Ecall(RuntimeCall.Exit, 42);
        Assert.That(board.Returned, Is.EqualTo(new SbiReturn(KeystoneError.Success, 42)));
        Assert.That(board.Resume(0)!.Value.Error, Is.EqualTo(KeystoneError.NotResumable));
        Assert.That(board.Run(0)!.Value.Error, Is.EqualTo(KeystoneError.NotFresh));
        Assert.That(board.Monitor.Destroy(board.Hart, 0).Error, Is.EqualTo(KeystoneError.Success));
    }

    [TestCase(0UL)]
    [TestCase(15UL)]
    [TestCase(16UL)]
    [TestCase(ulong.MaxValue)]
    public void AnUnknownEnclave(ulong id)
    {
        using var board = new MonitorBoard();
        Assert.That(board.Run(id)!.Value.Error, Is.EqualTo(KeystoneError.NotFresh));
        Assert.That(board.Resume(id)!.Value.Error, Is.EqualTo(KeystoneError.NotResumable));
        Assert.That(board.Monitor.Destroy(board.Hart, id).Error, Is.EqualTo(KeystoneError.NotDestroyable));
    }

    [Test]
    public void AHostCannotStopOrExit()
    {
        using var board = new MonitorBoard();
        Assert.That(board.Monitor.Stop(board.Hart, StopRequest.EdgeCallHost), Is.EqualTo(KeystoneError.SbiProhibited));
        Assert.That(board.Monitor.Exit(board.Hart, 0), Is.EqualTo(KeystoneError.SbiProhibited));
        Assert.That(board.Monitor.Random(board.Hart).Error, Is.EqualTo(KeystoneError.SbiProhibited));
    }

    [TestCase(StopRequest.TimerInterrupt, KeystoneError.Interrupted)]
    [TestCase(StopRequest.EdgeCallHost, KeystoneError.EdgeCallHost)]
    [TestCase(StopRequest.ExitEnclave, KeystoneError.UnknownError)]
    [TestCase((StopRequest)99, KeystoneError.UnknownError)]
    public void WhatTheHostHearsOfAStop(StopRequest request, KeystoneError expected)
    {
        using var board = new MonitorBoard();
        board.Start();
        Assert.That(board.Monitor.Stop(board.Hart, request), Is.EqualTo(KeystoneError.Success));
        Assert.That(board.Returned, Is.EqualTo(new SbiReturn(expected)));
    }

    [TestCase(16, 14)]
    [TestCase(64, 62)]
    public void MoreRegistersMeanMoreEnclaves(int registers, int enclaves)
    {
        using var board = new MonitorBoard(new SecurityMonitorOptions { PmpEntries = registers }, ramBytes: 1 << 30);
        for (int i = 0; i < enclaves; i++)
        {
            SbiReturn created = board.Monitor.Create(board.Hart, board.LoadSmall());
            Assert.That(created, Is.EqualTo(new SbiReturn(KeystoneError.Success, (ulong)i)));
            Assert.That(board.Run((ulong)i), Is.Null);
            board.Ecall(RuntimeCall.Ocall, 1);
        }

        Assert.That(board.Monitor.Create(board.Hart, board.LoadSmall()).Error, Is.EqualTo(KeystoneError.PmpFailure));
        for (int i = 0; i < enclaves; i++)
        {
            Assert.That(board.Resume((ulong)i), Is.Null);
            board.Ecall(RuntimeCall.Exit, (ulong)i);
            Assert.That(board.Returned, Is.EqualTo(new SbiReturn(KeystoneError.Success, (ulong)i)));
        }
    }

    [Test]
    public void ARandomWordIsNeverTheSame()
    {
        using var board = new MonitorBoard();
        board.Start();
        Assert.That(Enumerable.Range(0, 1000).Select(_ => board.Monitor.Random(board.Hart).Value), Is.Unique);
    }

    [Test]
    public void ThereAreNoPlugins()
    {
        using var board = new MonitorBoard();
        Assert.That(board.Monitor.Refuse(board.Hart, KeystoneFunction.CallPlugin).Error, Is.EqualTo(KeystoneError.NotImplemented));
        board.Start();
        Assert.That(board.Monitor.Refuse(board.Hart, KeystoneFunction.CallPlugin).Error, Is.EqualTo(KeystoneError.NotImplemented));
    }

    [Test]
    public void SixEnclavesAtOnceAndIdsAreReused()
    {
        using var board = new MonitorBoard();
        for (ulong i = 0; i < 6; i++)
            Assert.That(board.Monitor.Create(board.Hart, board.LoadSmall()), Is.EqualTo(new SbiReturn(KeystoneError.Success, i)));
        EnclaveCreateArguments seventh = board.LoadSmall();
        Assert.That(board.Monitor.Create(board.Hart, seventh).Error, Is.EqualTo(KeystoneError.PmpFailure));
        board.Monitor.Destroy(board.Hart, 3);
        Assert.That(board.Monitor.Create(board.Hart, seventh), Is.EqualTo(new SbiReturn(KeystoneError.Success, 3)));
    }

    [Test]
    public void WithSixteenRegistersFourteenFit()
    {
        using var board = new MonitorBoard(new SecurityMonitorOptions { PmpEntries = 16 });
        for (int i = 0; i < 14; i++)
            Assert.That(board.Monitor.Create(board.Hart, board.LoadSmall()).Error, Is.EqualTo(KeystoneError.Success));
        Assert.That(board.Monitor.Create(board.Hart, board.LoadSmall()).Error, Is.EqualTo(KeystoneError.PmpFailure));
    }

    private static KeystoneError Ask(MonitorBoard board, Hart hart, bool resume)
    {
        var answer = new Answer();
        if (resume)
            board.Monitor.Resume(hart, 0, answer);
        else
            board.Monitor.Run(hart, 0, answer);
        return answer.Error;
    }

    private sealed class Answer : IHostResumption
    {
        public KeystoneError Error { get; private set; } = KeystoneError.UnknownError;

        public void EnclaveReturned(Hart hart, KeystoneError error, ulong value) => Error = error;
    }
}
