using NUnit.Framework;
using RvJit.Machine.Board;
using RvJit.Machine.Devices;

namespace RvJit.Tests.Machine.Devices;

/// <summary>Commands of the test finisher.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class FinisherTests
{
    private readonly MachineStopper _stopper = new();
    private readonly Finisher _finisher;

    public FinisherTests() => _finisher = new Finisher(_stopper);

    [TestCase(0x5555U, MachineExitReason.PowerOff, 0)]
    [TestCase(0x0007_3333U, MachineExitReason.PowerOff, 7)]
    [TestCase(0xFFFF_3333U, MachineExitReason.PowerOff, 0xFFFF)]
    [TestCase(0x7777U, MachineExitReason.Reset, 0)]
    public void TheLowHalfIsTheCommand(uint value, MachineExitReason reason, int code)
    {
        _finisher.Write(0, value);

        Assert.That(_stopper.Exit.IsCompletedSuccessfully, Is.True);
        Assert.That(_stopper.Exit.Result, Is.EqualTo(new MachineExit(reason, code)));
    }

    [TestCase(0UL, 0x1234U)]
    [TestCase(4UL, 0x5555U)]
    public void EverythingElseIsIgnored(ulong offset, uint value)
    {
        _finisher.Write(offset, value);

        Assert.That(_stopper.Exit.IsCompleted, Is.False);
        Assert.That(_finisher.Read(offset), Is.Zero);
    }

    [Test]
    public void TheFirstExitDecides()
    {
        _finisher.Write(0, 0x0005_3333);
        _finisher.Write(0, 0x5555, 2);

        Assert.That(_stopper.Exit.Result.Code, Is.EqualTo(5));
    }

    [TestCase(1)]
    [TestCase(8)]
    public void OtherWidthsFault(int bytes) => Assert.That(_finisher.TryWrite(0, bytes, 0x5555), Is.False);
}
