using NUnit.Framework;
using RvJit.Machine;
using RvJit.Monitor;
using RvJit.Monitor.Runtime;

namespace RvJit.Tests.Monitor;

/// <summary>Registration of receivers between enclave and host, and what becomes of user interrupts as worlds change.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class EnclaveUserInterruptTests : IDisposable
{
    private readonly MonitorBoard _board = new();
    private readonly UserInterruptSenders _hostSenders = new();
    private readonly UserInterruptPort _hostPort;

    public EnclaveUserInterruptTests()
    {
        _hostPort = new UserInterruptPort(_board.Monitor.UserInterrupts) { Senders = _hostSenders };
        _board.Hart.SwitchUserInterrupts(new UserTraps(_hostPort, ExtensionSet.Max) { DelegatedInterrupts = UserTraps.Software });
    }

    private UserInterruptController Controller => _board.Monitor.UserInterrupts;

    public void Dispose() => _board.Dispose();

    [Test]
    public void AnEnclaveHasRegistersOfItsOwn()
    {
        UserTraps host = _board.Hart.UserTraps!;
        _board.Start();
        UserTraps enclave = _board.Hart.UserTraps!;
        Assert.That(enclave, Is.Not.SameAs(host));
        Assert.That((enclave.DelegatedExceptions, enclave.DelegatedInterrupts), Is.EqualTo((0UL, UserTraps.Software)));

        _board.Ecall(RuntimeCall.Ocall, 1);
        Assert.That(_board.Hart.UserTraps, Is.SameAs(host));
        _board.Resume(0);
        Assert.That(_board.Hart.UserTraps, Is.SameAs(enclave));
    }

    /// <summary>Threads of an eapp share senders and nothing else; a stop in between changes nothing.</summary>
    [Test]
    public void EachThreadOfAnEappHasItsOwn()
    {
        _board.Start();
        UserTraps first = _board.Hart.UserTraps!;
        _board.Ecall(LinuxCall.Clone, 0x10900); // CLONE_VM, CLONE_SIGHAND, CLONE_THREAD
        _board.Ecall(LinuxCall.SchedYield);
        UserTraps second = _board.Hart.UserTraps!;
        Assert.That(second, Is.Not.SameAs(first));
        Assert.That(_board.Hart.UserInterruptPort!.Receiver, Is.Null);

        _board.Ecall(RuntimeCall.Ocall, 1);
        _board.Resume(0);
        Assert.That(_board.Hart.UserTraps, Is.SameAs(second));
        _board.Ecall(LinuxCall.SchedYield);
        Assert.That(_board.Hart.UserTraps, Is.SameAs(first));
    }

    [Test]
    public void BothSidesRegisterAndSend()
    {
        _board.Start();
        ulong toEnclave = _board.Ecall(RuntimeCall.RegisterReceiver, 3);
        UserInterruptPort enclave = _board.Hart.UserInterruptPort!;
        _board.Ecall(RuntimeCall.Ocall, 1);
        SbiReturn toHost = _board.Monitor.RegisterHostReceiver(_board.Hart, 0, 9);
        Assert.That((toEnclave, toHost), Is.EqualTo((0UL, new SbiReturn(KeystoneError.Success, 0))));

        _hostPort.Send(toEnclave);
        Assert.That(enclave.Receiver!.Pending, Is.EqualTo(1UL << 3), "posted while it is outside");
        Assert.That(Controller.Statistics.Posted, Is.EqualTo(1));

        _board.Resume(0);
        Assert.That(enclave.IsRaised);
        Assert.That(enclave.Read(), Is.EqualTo(1UL << 3));
        enclave.Send(toHost.Value);
        Assert.That(_hostPort.Receiver!.Pending, Is.EqualTo(1UL << 9));
    }

    [Test]
    public void RegistrationRefusesWhatItCannotDo()
    {
        _board.Start();
        Assert.That(_board.Ecall(RuntimeCall.RegisterReceiver, UserInterruptController.Vectors), Is.EqualTo(ulong.MaxValue));
        Assert.That(_board.Monitor.RegisterHostReceiver(_board.Hart, 0, 1).Error, Is.EqualTo(KeystoneError.SbiProhibited));
        _board.Ecall(RuntimeCall.Ocall, 1);
        Assert.That(_board.Monitor.RegisterEnclaveReceiver(_board.Hart, 1).Error, Is.EqualTo(KeystoneError.SbiProhibited));
        Assert.That(_board.Monitor.RegisterHostReceiver(_board.Hart, 7, 1).Error, Is.EqualTo(KeystoneError.InvalidId));
        Assert.That(_board.Monitor.RegisterHostReceiver(_board.Hart, 0, 64).Error, Is.EqualTo(KeystoneError.IllegalArgument));
        _board.Hart.SwitchUserInterrupts((UserTraps?)null);
        Assert.That(_board.Monitor.RegisterHostReceiver(_board.Hart, 0, 1).Error, Is.EqualTo(KeystoneError.NotImplemented));
    }

    [Test]
    public void RegistrationEndsWhenATableIsFull()
    {
        _board.Start();
        for (int n = 0; n < UserInterruptSenders.MostEntries; n++)
            Assert.That(_board.Ecall(RuntimeCall.RegisterReceiver, 3), Is.EqualTo((ulong)n));
        Assert.That(_board.Ecall(RuntimeCall.RegisterReceiver, 3), Is.EqualTo(ulong.MaxValue));
    }

    /// <summary>What is sent to an enclave that is gone does not reach its successor, whose entry in the table is another's.</summary>
    [Test]
    public void DestroyEndsAllRights()
    {
        _board.Start();
        ulong index = _board.Ecall(RuntimeCall.RegisterReceiver, 3);
        UserInterruptReceiver receiver = _board.Hart.UserInterruptPort!.Receiver!;
        _board.Ecall(RuntimeCall.Exit, 0);
        Assert.That(_board.Monitor.Destroy(_board.Hart, 0).Error, Is.EqualTo(KeystoneError.Success));

        _hostPort.Send(index);

        Assert.That(receiver.Pending, Is.Zero);
        Assert.That(Controller.Statistics.Refused, Is.EqualTo(1));
    }
}
