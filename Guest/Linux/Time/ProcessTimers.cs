using RvJit.Guest.Linux.Signals;

namespace RvJit.Guest.Linux.Time;

/// <summary>The timers of a process that end in signals; they go with the process.</summary>
internal sealed class ProcessTimers : IDisposable
{
    private const int Most = 4096;

    private readonly Lock _lock = new();
    private readonly LinuxProcess _process;
    private readonly Dictionary<int, PosixTimer> _posix = [];
    private int _nextId;

    public ProcessTimers(LinuxProcess process)
    {
        _process = process;
        Alarm = new GuestTimer(_ => process.Signals.Send(new SigInfo { Signal = Signal.SIGALRM, Code = SigInfo.Kernel }));
        process.OnExit(Dispose);
    }

    /// <summary>ITIMER_REAL.</summary>
    public GuestTimer Alarm { get; }

    /// <summary>timer_create: a new id, or EAGAIN.</summary>
    public long Create(int clock, TimerNotice notice)
    {
        lock (_lock)
        {
            if (_posix.Count >= Most)
                return -Errno.EAGAIN;
            int id = _nextId++;
            _posix.Add(id, new PosixTimer(_process, clock, id, notice.DefaultedTo(id)));
            return id;
        }
    }

    public PosixTimer? Find(ulong id)
    {
        lock (_lock)
            return _posix.GetValueOrDefault((int)id);
    }

    public bool Delete(ulong id)
    {
        lock (_lock)
        {
            if (!_posix.Remove((int)id, out PosixTimer? timer))
                return false;
            timer.Timer.Dispose();
            return true;
        }
    }

    public void Dispose()
    {
        Alarm.Dispose();
        lock (_lock)
        {
            foreach (PosixTimer timer in _posix.Values)
                timer.Timer.Dispose();
            _posix.Clear();
        }
    }
}

/// <summary>What timer_create was told to do on expiry: the signal, the value it carries, and for whom it is.</summary>
internal readonly record struct TimerNotice(int Signal, ulong Value, int Tid, bool HasValue)
{
    /// <summary>Without a sigevent the value is the timer's id.</summary>
    public TimerNotice DefaultedTo(int id) => HasValue ? this : this with { Value = (ulong)id, HasValue = true };
}

/// <summary>A timer of timer_create.</summary>
internal sealed class PosixTimer
{
    private readonly LinuxProcess _process;
    private readonly int _id;
    private readonly TimerNotice _notice;

    public PosixTimer(LinuxProcess process, int clock, int id, TimerNotice notice)
    {
        _process = process;
        _id = id;
        _notice = notice;
        Clock = clock;
        Timer = new GuestTimer(Expire);
    }

    public int Clock { get; }

    public GuestTimer Timer { get; }

    /// <summary>Expiries that no signal told of, as of the last signal.</summary>
    public int Overrun { get; private set; }

    private void Expire(long missed)
    {
        Overrun = (int)Math.Min(missed, int.MaxValue);
        if (_notice.Signal == 0)
            return;

        // si_timerid and si_overrun lie where si_pid and si_uid do (asm-generic/siginfo.h).
        var info = new SigInfo
        {
            Signal = _notice.Signal,
            Code = SigInfo.Timer,
            Pid = _id,
            Uid = (uint)Overrun,
            Value = _notice.Value,
        };
        if (_notice.Tid == 0)
            _ = _process.Signals.Send(info);
        else if (_process.FindThread(_notice.Tid) is { } thread)
            _ = _process.Signals.Send(thread, info);
    }
}
