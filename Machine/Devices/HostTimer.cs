using System.Runtime.InteropServices;

namespace RvJit.Machine.Devices;

/// <summary>A host timer of nanosecond resolution and the thread that waits for it (Linux timerfd).</summary>
internal sealed unsafe partial class HostTimer : IDisposable
{
    private const int ClockMonotonic = 1;
    private const int CloseOnExec = 0x80000;
    private const long Second = 1_000_000_000;

    private readonly int _descriptor;
    private readonly Thread _thread;
    private readonly Action _expired;
    private volatile bool _stopped;

    public HostTimer(Action expired)
    {
        _expired = expired;
        _descriptor = timerfd_create(ClockMonotonic, CloseOnExec);
        if (_descriptor < 0)
            throw new InvalidOperationException($"timerfd_create failed: errno {Marshal.GetLastPInvokeError()}");
        _thread = new Thread(Wait) { IsBackground = true, Name = "rvjit timer" };
        _thread.Start();
    }

    /// <summary>Expires once, so many nanoseconds from now; replaces what was set before. Any thread.</summary>
    public void Set(long nanoseconds)
    {
        nanoseconds = Math.Max(1, nanoseconds);
        TimerSpecification specification = default;
        specification.Seconds = nanoseconds / Second;
        specification.Nanoseconds = nanoseconds % Second;
        _ = timerfd_settime(_descriptor, 0, &specification, null);
    }

    public void Dispose()
    {
        _stopped = true;
        Set(1);
        if (Thread.CurrentThread != _thread)
            _thread.Join();
    }

    private void Wait()
    {
        ulong expirations;
        while (!_stopped)
        {
            if (read(_descriptor, &expirations, sizeof(ulong)) == sizeof(ulong) && !_stopped)
                _expired();
        }

        _ = close(_descriptor);
    }

    /// <summary>struct itimerspec (timerfd_create(2)): the interval, unused, then the first expiration.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimerSpecification
    {
        public long IntervalSeconds;
        public long IntervalNanoseconds;
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int timerfd_create(int clock, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int timerfd_settime(int descriptor, int flags, TimerSpecification* value, TimerSpecification* old);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, void* buffer, nuint bytes);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
