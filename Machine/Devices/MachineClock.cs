namespace RvJit.Machine.Devices;

/// <summary>
/// mtime, from the host's monotonic clock, and the one thread that rings alarms: it sleeps until the earliest. A ring
/// happens outside the lock, so an alarm may set itself again.
/// </summary>
public sealed class MachineClock : IMachineClock, IDisposable
{
    private const long NanosecondsPerTick = 1_000_000_000 / UserCsrs.TimebaseHertz;

    private readonly Lock _lock = new();
    private readonly Dictionary<IAlarm, ulong> _alarms = new(ReferenceEqualityComparer.Instance);
    private ulong _offset;
    private HostTimer? _timer;
    private bool _disposed;

    public MachineClock() => Time = 0;

    public ulong Time
    {
        get => HostClock.Ticks + Volatile.Read(ref _offset);
        set
        {
            lock (_lock)
            {
                Volatile.Write(ref _offset, value - HostClock.Ticks);
                Arm();
            }
        }
    }

    public void SetAlarm(IAlarm alarm, ulong time)
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            if (time == ulong.MaxValue)
            {
                _alarms.Remove(alarm);
                return;
            }

            _alarms[alarm] = time;
            Arm();
        }
    }

    public void Dispose()
    {
        HostTimer? timer;
        lock (_lock)
        {
            _disposed = true;
            _alarms.Clear();
            timer = _timer;
            _timer = null;
        }

        timer?.Dispose();
    }

    /// <summary>Under the lock: the timer goes off when the earliest alarm is due.</summary>
    private void Arm()
    {
        if (_alarms.Count == 0)
            return;
        _timer ??= new HostTimer(RingDue);
        ulong now = Time;
        ulong earliest = _alarms.Values.Min();
        ulong ticks = earliest > now ? earliest - now : 0;
        _timer.Set((long)Math.Min(ticks, long.MaxValue / (ulong)NanosecondsPerTick) * NanosecondsPerTick);
    }

    private void RingDue()
    {
        List<IAlarm> due;
        lock (_lock)
        {
            ulong now = Time;
            due = [.. _alarms.Where(entry => entry.Value <= now).Select(entry => entry.Key)];
            foreach (IAlarm alarm in due)
                _alarms.Remove(alarm);
            Arm();
        }

        foreach (IAlarm alarm in due)
            alarm.Ring();
    }
}
