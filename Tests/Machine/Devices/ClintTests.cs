using NUnit.Framework;
using RvJit.Machine;
using RvJit.Machine.Devices;

namespace RvJit.Tests.Machine.Devices;

/// <summary>Software and timer interrupts, at the offsets of SiFive's CLINT.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ClintTests : IDisposable
{
    private const ulong Compare = 0x4000;
    private const ulong Time = 0xBFF8;
    private const ulong Second = 10_000_000;

    private readonly MachineClock _clock = new();
    private readonly RecordedLines[] _harts = [new(), new()];
    private readonly Clint _clint;

    public ClintTests() => _clint = new Clint(_clock, _harts);

    public void Dispose() => _clock.Dispose();

    [Test]
    public void SoftwareInterruptsAreOneBitAHart()
    {
        _clint.Write(4, 0xFFFF_FFFF);

        Assert.That(_harts[0][InterruptBit.MachineSoftware], Is.False);
        Assert.That(_harts[1][InterruptBit.MachineSoftware], Is.True);
        Assert.That(_clint.Read(4), Is.EqualTo(1));
        Assert.That(_clint.Read(0, 8), Is.EqualTo(1UL << 32));
        _clint.Write(4, 0xFFFF_FFFE);
        Assert.That(_harts[1][InterruptBit.MachineSoftware], Is.False);
    }

    [Test]
    public void ATimeThatHasPassedRaisesTheTimerAtOnce()
    {
        _clint.Write(Compare + 8, 0, 8);

        Assert.That(_harts[1][InterruptBit.MachineTimer], Is.True);
        Assert.That(_harts[0][InterruptBit.MachineTimer], Is.False);
        _clint.Write(Compare + 8, _clint.Read(Time, 8) + (1000 * Second), 8);
        Assert.That(_harts[1][InterruptBit.MachineTimer], Is.False);
    }

    [Test]
    public void TheTimerRisesWhenItsTimeComes()
    {
        ulong due = _clint.Read(Time, 8) + (Second / 50);
        _clint.Write(Compare, due, 8);
        Assert.That(_harts[0][InterruptBit.MachineTimer], Is.EqualTo(_clock.Time >= due));

        Assert.That(() => _harts[0][InterruptBit.MachineTimer], Is.True.After(5000, 1));
        Assert.That(_clock.Time, Is.GreaterThanOrEqualTo(due));
    }

    [Test]
    public void WritingTheTimeMovesTheTimers()
    {
        _clint.Write(Compare, 1_000_000 * Second, 8);
        Assert.That(_harts[0][InterruptBit.MachineTimer], Is.False);

        _clint.Write(Time, 2_000_000 * Second, 8);

        Assert.That(_harts[0][InterruptBit.MachineTimer], Is.True);
        Assert.That(_clint.Read(Time, 8), Is.InRange(2_000_000 * Second, 2_000_100 * Second));
    }

    [Test]
    public void HalvesOfARegisterAreWrittenApart()
    {
        _clint.Write(Compare, 0x1111_2222_3333_4444, 8);
        _clint.Write(Compare + 4, 0x7777_8888);
        Assert.That(_clint.Read(Compare, 8), Is.EqualTo(0x7777_8888_3333_4444));
        _clint.Write(Compare, 0x5555_6666);
        Assert.That(_clint.Read(Compare, 8), Is.EqualTo(0x7777_8888_5555_6666));
        Assert.That(_clint.Read(Compare + 4), Is.EqualTo(0x7777_8888));
    }

    [Test]
    public void AfterResetNoTimerIsPending()
    {
        Assert.That(_clint.Read(Compare, 8), Is.EqualTo(ulong.MaxValue));
        Assert.That(_harts[0][InterruptBit.MachineTimer], Is.False);
        Assert.That(_clint.Read(Time, 8), Is.LessThan(3600 * Second));
    }

    [TestCase(0UL, 1)]
    [TestCase(0UL, 2)]
    [TestCase(4UL, 8)]
    [TestCase(0x4002UL, 4)]
    public void OtherWidthsAndAlignmentsFault(ulong offset, int bytes)
    {
        Assert.That(_clint.TryRead(offset, bytes, out _), Is.False);
        Assert.That(_clint.TryWrite(offset, bytes, 1), Is.False);
    }

    [Test]
    public void HartsThatDoNotExistReadZero()
    {
        _clint.Write(4 * 2, 1);
        _clint.Write(Compare + (8 * 2), 0, 8);

        Assert.That(_clint.Read(4 * 2), Is.Zero);
        Assert.That(_clint.Read(Compare + (8 * 2), 8), Is.Zero);
    }
}
