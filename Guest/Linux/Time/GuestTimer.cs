using RvJit.Guest.Linux.Files;
using RvJit.Guest.Linux.Files.Host;

namespace RvJit.Guest.Linux.Time;

/// <summary>struct itimerspec: the period after the first expiry (0: none) and the time to it (0: disarmed).</summary>
internal readonly record struct TimerSetting(TimeSpec Interval, TimeSpec Value)
{
    public bool IsValid => Interval.IsValid && Value.IsValid;
}

/// <summary>
/// A timer that calls back on a thread of the host's pool. Its expiries lie on a grid from the first one, so that late
/// callbacks do not add up; expiries that were missed altogether are counted, not made up for.
/// </summary>
internal sealed class GuestTimer : IDisposable
{
    private const long NanosecondsPerMillisecond = 1_000_000;
    private const long LongestWait = int.MaxValue; // milliseconds; a longer one is waited for in pieces

    private readonly Lock _lock = new();
    private readonly Action<long> _expired;
    private readonly Timer _timer;
    private long _next = ThreadWaker.Forever;
    private long _interval;

    /// <param name="expired">Told how many expiries were missed since the last call.</param>
    public GuestTimer(Action<long> expired)
    {
        _expired = expired;
        _timer = new Timer(static state => ((GuestTimer)state!).Tick(), this, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>What is left, and the period.</summary>
    public TimerSetting Current
    {
        get
        {
            lock (_lock)
                return Look();
        }
    }

    /// <summary>Arms the timer for a CLOCK_MONOTONIC time in nanoseconds, or disarms it; tells what was left before.</summary>
    public TimerSetting Set(long first, long interval)
    {
        lock (_lock)
        {
            TimerSetting before = Look();
            _next = first;
            _interval = interval;
            Arm();
            return before;
        }
    }

    public void Dispose() => _timer.Dispose();

    private TimerSetting Look() => new(
        TimeSpec.Of(_interval), _next == ThreadWaker.Forever ? default : TimeSpec.Of(Math.Max(1, _next - ThreadWaker.Now)));

    private void Arm()
    {
        if (_next == ThreadWaker.Forever)
        {
            _ = _timer.Change(Timeout.Infinite, Timeout.Infinite);
            return;
        }

        long left = Math.Max(0, _next - ThreadWaker.Now);
        long milliseconds = (left / NanosecondsPerMillisecond) + (left % NanosecondsPerMillisecond == 0 ? 0 : 1);
        _ = _timer.Change(Math.Min(milliseconds, LongestWait), Timeout.Infinite);
    }

    private void Tick()
    {
        long missed = 0;
        lock (_lock)
        {
            long now = ThreadWaker.Now;
            bool early = now < _next; // also when it was disarmed meanwhile
            if (!early)
            {
                missed = _interval == 0 ? 0 : (now - _next) / _interval;
                _next = _interval == 0 ? ThreadWaker.Forever : _next + ((missed + 1) * _interval);
            }

            Arm();
            if (early)
                return;
        }

        _expired(missed);
    }
}
