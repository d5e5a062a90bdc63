using RvJit.Machine.Board;

namespace RvJit.Machine.Devices;

/// <summary>
/// Wall-clock time in nanoseconds since 1970, with an alarm (Android Goldfish virtual hardware, "RTC"). Reading the low
/// word latches the high one; writing the low word sets what the high one, written before, prepared.
/// </summary>
public sealed class GoldfishRtc(MachineClock clock, IInterruptLine line) : IBusDevice, IAlarm
{
    public const ulong AddressSpace = 0x1000;

    private const ulong TimeLow = 0x00;
    private const ulong TimeHigh = 0x04;
    private const ulong AlarmLow = 0x08;
    private const ulong AlarmHigh = 0x0C;
    private const ulong InterruptEnable = 0x10;
    private const ulong ClearAlarm = 0x14;
    private const ulong AlarmStatus = 0x18;
    private const ulong ClearInterrupt = 0x1C;

    private const ulong NanosecondsPerHostTick = 1_000_000_000 / TimeSpan.TicksPerSecond;
    private const ulong NanosecondsPerMachineTick = 1_000_000_000 / UserCsrs.TimebaseHertz;

    private readonly Lock _lock = new();
    private ulong _offset;
    private uint _latchedHigh;
    private uint _preparedHigh;
    private uint _alarmHigh;
    private ulong _alarm;
    private bool _armed;
    private bool _pending;
    private bool _enabled;

    public string Name => "rtc";

    public ulong Size => AddressSpace;

    private ulong Now => ((ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * NanosecondsPerHostTick) + _offset;

    public bool TryRead(ulong offset, int bytes, out ulong value)
    {
        value = 0;
        if (!IsLegal(offset, bytes))
            return false;
        lock (_lock)
        {
            switch (offset)
            {
                case TimeLow:
                    ulong now = Now;
                    _latchedHigh = (uint)(now >> 32);
                    value = (uint)now;
                    break;
                case TimeHigh:
                    value = _latchedHigh;
                    break;
                case AlarmLow:
                    value = (uint)_alarm;
                    break;
                case AlarmHigh:
                    value = _alarm >> 32;
                    break;
                case InterruptEnable:
                    value = _enabled ? 1UL : 0;
                    break;
                case AlarmStatus:
                    value = _armed ? 1UL : 0;
                    break;
            }
        }

        return true;
    }

    public bool TryWrite(ulong offset, int bytes, ulong value)
    {
        if (!IsLegal(offset, bytes))
            return false;
        lock (_lock)
        {
            switch (offset)
            {
                case TimeHigh:
                    _preparedHigh = (uint)value;
                    break;
                case TimeLow:
                    _offset += (((ulong)_preparedHigh << 32) | (uint)value) - Now;
                    break;
                case AlarmHigh:
                    _alarmHigh = (uint)value;
                    break;
                case AlarmLow:
                    _alarm = ((ulong)_alarmHigh << 32) | (uint)value;
                    _armed = true;
                    break;
                case InterruptEnable:
                    _enabled = (value & 1) != 0;
                    break;
                case ClearAlarm:
                    _armed = false;
                    break;
                case ClearInterrupt:
                    _pending = false;
                    break;
            }

            Update();
        }

        return true;
    }

    public void Ring()
    {
        lock (_lock)
            Update();
    }

    private static bool IsLegal(ulong offset, int bytes) => bytes == 4 && (offset & 3) == 0;

    private void Update()
    {
        ulong now = Now;
        if (_armed && _alarm <= now)
        {
            _armed = false;
            _pending = true;
        }

        clock.SetAlarm(this, _armed ? clock.Time + ((_alarm - now) / NanosecondsPerMachineTick) + 1 : ulong.MaxValue);
        line.Set(_pending && _enabled);
    }
}
