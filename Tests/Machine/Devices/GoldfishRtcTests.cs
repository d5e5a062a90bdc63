using NUnit.Framework;
using RvJit.Machine.Devices;

namespace RvJit.Tests.Machine.Devices;

/// <summary>The wall clock and its alarm.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class GoldfishRtcTests : IDisposable
{
    private const ulong TimeLow = 0x00;
    private const ulong TimeHigh = 0x04;
    private const ulong AlarmLow = 0x08;
    private const ulong AlarmHigh = 0x0C;
    private const ulong InterruptEnable = 0x10;
    private const ulong ClearAlarm = 0x14;
    private const ulong AlarmStatus = 0x18;
    private const ulong ClearInterrupt = 0x1C;
    private const ulong Second = 1_000_000_000;

    private readonly MachineClock _clock = new();
    private readonly RecordedLine _line = new();
    private readonly GoldfishRtc _rtc;

    public GoldfishRtcTests() => _rtc = new GoldfishRtc(_clock, _line);

    private ulong Now
    {
        get
        {
            ulong low = _rtc.Read(TimeLow);
            return (_rtc.Read(TimeHigh) << 32) | low;
        }
    }

    public void Dispose() => _clock.Dispose();

    [Test]
    public void ShowsNanosecondsSince1970()
    {
        ulong host = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() * Second;
        Assert.That(Now, Is.InRange(host - (2 * Second), host + (60 * Second)));
    }

    [Test]
    public void CanBeSet()
    {
        const ulong Moment = 1_000_000_000 * Second;
        _rtc.Write(TimeHigh, Moment >> 32);
        _rtc.Write(TimeLow, unchecked((uint)Moment));

        Assert.That(Now, Is.InRange(Moment, Moment + (60 * Second)));
    }

    [Test]
    public void TheAlarmInterruptsWhenItsTimeComes()
    {
        _rtc.Write(InterruptEnable, 1);
        ulong due = Now + (Second / 50);
        _rtc.Write(AlarmHigh, due >> 32);
        _rtc.Write(AlarmLow, (uint)due);

        Assert.That(() => _line.Level, Is.True.After(5000, 1));
        Assert.That(Now, Is.GreaterThanOrEqualTo(due));
        Assert.That(_rtc.Read(AlarmStatus), Is.Zero);
        _rtc.Write(ClearInterrupt, 1);
        Assert.That(_line.Level, Is.False);
    }

    [Test]
    public void AnAlarmThatIsClearedDoesNotCome()
    {
        ulong due = Now + (1000 * Second);
        _rtc.Write(AlarmHigh, due >> 32);
        _rtc.Write(AlarmLow, (uint)due);
        Assert.That(_rtc.Read(AlarmStatus), Is.EqualTo(1));
        Assert.That((_rtc.Read(AlarmHigh) << 32) | _rtc.Read(AlarmLow), Is.EqualTo(due));

        _rtc.Write(ClearAlarm, 1);

        Assert.That(_rtc.Read(AlarmStatus), Is.Zero);
    }

    [Test]
    public void TheLineFollowsTheEnableBit()
    {
        _rtc.Write(AlarmHigh, 0);
        _rtc.Write(AlarmLow, 1);
        Assert.That(_line.Level, Is.False);
        _rtc.Write(InterruptEnable, 1);
        Assert.That(_line.Level, Is.True);
    }
}
