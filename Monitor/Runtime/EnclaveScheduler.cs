using RvJit.Machine;

namespace RvJit.Monitor.Runtime;

/// <summary>
/// The threads of an eapp, one of which has the hart: an enclave has one hart at a time (Keystone: n_thread below
/// MAX_ENCL_THREADS), so its runtime divides it. A thread gives the hart up when it waits, and by the runtime's timer
/// when others are ready. Nothing here happens on any thread but the hart's; only the timer's tick comes from elsewhere, as
/// a request to the hart.
/// </summary>
internal sealed unsafe class EnclaveScheduler(EnclaveAddressSpace user) : IDisposable
{
    /// <summary>How long a thread has the hart while others are ready.</summary>
    private static readonly TimeSpan _quantum = TimeSpan.FromMilliseconds(4);

    private const int MainId = 1; // what upstream's set_tid_address answers
    private const int FirstId = 3; // 2 is the process
    private const int A0 = 10;

    private readonly Queue<EnclaveThread> _ready = new();
    private readonly List<EnclaveThread> _waiting = [];
    private Timer? _timer;
    private int _nextId = FirstId;

    public EnclaveThread Current { get; private set; } = new(MainId);

    /// <summary>Whether the current thread is all there is.</summary>
    public bool IsAlone => _ready.Count == 0 && _waiting.Count == 0;

    /// <summary>A copy of the current thread, ready to run; its a0 is 0.</summary>
    public EnclaveThread Add(Hart hart)
    {
        var thread = new EnclaveThread(_nextId++);
        thread.Context.Save(hart.State);
        thread.Context.X[A0] = 0;
        thread.UserTraps = hart.UserTraps?.ForNewThread(hart.Extensions);
        _ready.Enqueue(thread);
        Arm(_quantum);
        return thread;
    }

    /// <summary>The current thread waits; what its call returns when nobody wakes it is already in a0.</summary>
    public void Wait(Hart hart, ulong address, uint bits, long deadline)
    {
        EnclaveThread thread = Current;
        thread.Context.Save(hart.State);
        (thread.WaitAddress, thread.WaitBits, thread.Deadline) = (address, bits, deadline);
        _waiting.Add(thread);
    }

    /// <summary>Wakes waiters of a word in the order in which they came; how many. Their calls return 0.</summary>
    public int Wake(ulong address, int most, uint bits)
    {
        int woken = 0;
        for (int i = 0; i < _waiting.Count && woken < most;)
        {
            EnclaveThread thread = _waiting[i];
            if (thread.WaitAddress != address || (thread.WaitBits & bits) == 0)
            {
                i++;
                continue;
            }

            _waiting.RemoveAt(i);
            thread.Context.X[A0] = 0;
            _ready.Enqueue(thread);
            woken++;
        }

        return woken;
    }

    /// <summary>Waiters of one word become waiters of another; how many.</summary>
    public int Requeue(ulong from, ulong to, int most)
    {
        int moved = 0;
        foreach (EnclaveThread thread in _waiting)
        {
            if (moved == most)
                break;
            if (thread.WaitAddress != from)
                continue;
            thread.WaitAddress = to;
            moved++;
        }

        return moved;
    }

    /// <summary>The current thread is over.</summary>
    public void End()
    {
        if (Current.ClearId == 0)
            return;
        if (user.TryWrite(Current.ClearId, 0))
            Wake(Current.ClearId, 1, uint.MaxValue);
    }

    /// <summary>The timer's tick: another thread's turn, if there is one. A thread that is alone is not disturbed again.</summary>
    public void Preempt(Hart hart)
    {
        if (IsAlone)
            _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        else
            Yield(hart);
    }

    /// <summary>The current thread goes to the end of the line.</summary>
    public void Yield(Hart hart)
    {
        EndWaits();
        if (_ready.Count == 0)
            return;
        Current.Context.Save(hart.State);
        _ready.Enqueue(Current);
        TryRunNext(hart);
    }

    /// <summary>Gives the hart to the thread that is ready longest; false when none is.</summary>
    public bool TryRunNext(Hart hart)
    {
        EndWaits();
        if (!_ready.TryDequeue(out EnclaveThread? next))
            return false;
        Current.UserTraps = hart.UserTraps;
        Current = next;
        next.Context.Restore(hart.State);
        if (next.UserTraps != hart.UserTraps)
            hart.SwitchUserInterrupts(next.UserTraps);
        return true;
    }

    /// <summary>
    /// Nobody is ready: the hart sleeps until a deadline or a request. False when there is no deadline: every thread
    /// waits for another one.
    /// </summary>
    public bool TryIdle(Hart hart)
    {
        long deadline = EnclaveThread.NoDeadline;
        foreach (EnclaveThread thread in _waiting)
            deadline = Math.Min(deadline, thread.Deadline);
        if (deadline == EnclaveThread.NoDeadline)
            return false;
        long milliseconds = Math.Max(1, (deadline - EnclaveClock.Now + 999_999) / 1_000_000);
        Arm(TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue)));
        hart.AwaitRequest();
        return true;
    }

    public void Dispose() => _timer?.Dispose();

    private void Arm(TimeSpan due)
    {
        _timer ??= new Timer(_ => Tick());
        _timer.Change(due, _quantum);
    }

    /// <summary>Waits whose time is over end with what is in their a0.</summary>
    private void EndWaits()
    {
        if (_waiting.Count == 0)
            return;
        long now = EnclaveClock.Now;
        for (int i = 0; i < _waiting.Count;)
        {
            if (_waiting[i].Deadline > now)
            {
                i++;
                continue;
            }

            _ready.Enqueue(_waiting[i]);
            _waiting.RemoveAt(i);
        }
    }

    /// <summary>On a thread of the timer's: asks whatever hart is in the enclave now.</summary>
    private void Tick() => user.World.WhileHartsStay(() =>
    {
        foreach (Hart hart in user.World.Harts)
            hart.Request(HartRequests.Timer);
        return true;
    });
}
