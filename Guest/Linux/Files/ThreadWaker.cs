using RvJit.Guest.Linux.Files.Host;

namespace RvJit.Guest.Linux.Files;

/// <summary>
/// Ends a thread's wait in the host kernel. Protocol: the waiter registers <see cref="Wake"/> with its thread, tests
/// <see cref="LinuxThread.Interrupted"/>, and polls its descriptors together with an event descriptor. Whoever
/// interrupts makes Interrupted true first and calls <see cref="Wake"/> after, which leaves a token in the event
/// descriptor: it is found by the poll that is running or by the next. A token may be stale (it was left when the wait
/// had just ended), so the waiter takes it, looks at Interrupted again and goes on.
/// </summary>
public sealed unsafe class ThreadWaker : IDisposable
{
    public const long Forever = long.MaxValue;

    private const int EventCloseOnExecNonBlocking = 0x80000 | 0x800;

    /// <summary>How often Interrupted is looked at when the host has no event descriptor left.</summary>
    private const long BlindInterval = 20_000_000;

    private readonly Lock _lock = new();
    private readonly Action _wake;
    private int _descriptor = -1;

    public ThreadWaker() => _wake = Wake;

    ~ThreadWaker() => Close();

    /// <summary>CLOCK_MONOTONIC in nanoseconds, the clock of deadlines.</summary>
    public static long Now
    {
        get
        {
            TimeSpec now;
            _ = HostCalls.GetTime(1, &now);
            return now.Total;
        }
    }

    /// <summary>The deadline that lies a time from now; what overflows is for ever.</summary>
    public static long After(long nanoseconds)
    {
        long now = Now;
        return nanoseconds >= Forever - now ? Forever : now + nanoseconds;
    }

    /// <summary>From any thread: ends the wait that is going on, or the next one, if the thread is interrupted.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            ulong token = 1;
            if (_descriptor >= 0)
                _ = HostCalls.Write(_descriptor, (byte*)&token, sizeof(ulong));
        }
    }

    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Waits until one of <paramref name="count"/> descriptors has an event: their number; 0 when the deadline passed;
    /// -EINTR when the thread is interrupted. The array has room for one entry more.
    /// </summary>
    internal long Wait(LinuxThread thread, PollEntry* entries, int count, long deadline)
    {
        bool blind = !HasDescriptor();
        using LinuxThread.InterruptScope scope = thread.OnInterrupt(_wake);
        entries[count] = new PollEntry(_descriptor, PollEvents.In, 0);
        while (true)
        {
            if (thread.Interrupted)
                return -Errno.EINTR;
            long left = deadline == Forever ? Forever : Math.Max(0, deadline - Now);
            TimeSpec time = TimeSpec.Of(blind ? Math.Min(left, BlindInterval) : left);
            long ready = HostCalls.Poll(entries, (nuint)count + 1, left == Forever && !blind ? null : &time);
            if (ready < 0 && ready != -Errno.EINTR)
                return ready;
            if (ready > 0 && entries[count].Returned != 0)
            {
                ulong token;
                _ = HostCalls.Read(_descriptor, (byte*)&token, sizeof(ulong));
                ready--;
            }

            if (ready > 0)
                return ready;
            if (deadline != Forever && Now >= deadline)
                return 0;
        }
    }

    /// <summary>Waits for one descriptor: 1, 0 at the deadline, or -EINTR.</summary>
    internal long Wait(LinuxThread thread, int descriptor, short events, long deadline = Forever)
    {
        PollEntry* entries = stackalloc PollEntry[2];
        entries[0] = new PollEntry(descriptor, events, 0);
        return Wait(thread, entries, 1, deadline);
    }

    /// <summary>Waits for nothing: 0 at the deadline, or -EINTR.</summary>
    internal long Sleep(LinuxThread thread, long deadline)
    {
        PollEntry entry;
        return Wait(thread, &entry, 0, deadline);
    }

    private bool HasDescriptor()
    {
        if (_descriptor < 0)
        {
            lock (_lock)
                _descriptor = (int)Math.Max(-1, HostCalls.EventDescriptor(0, EventCloseOnExecNonBlocking));
        }

        return _descriptor >= 0;
    }

    private void Close()
    {
        lock (_lock)
        {
            if (_descriptor >= 0)
                _ = HostCalls.Close(_descriptor);
            _descriptor = -1;
        }
    }
}

/// <summary>poll(2) event bits (asm-generic/poll.h).</summary>
public static class PollEvents
{
    public const short In = 1;
    public const short Priority = 2;
    public const short Out = 4;
    public const short Error = 8;
    public const short HangUp = 16;
    public const short Invalid = 32;
}
