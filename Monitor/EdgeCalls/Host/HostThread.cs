namespace RvJit.Monitor.EdgeCalls.Host;

/// <summary>
/// A thread of the host's side: it looks at its lanes for a while, then asks for the doorbell and sleeps at the host's door.
/// What touches the region runs between <see cref="EdgeCallRegion.TryUse"/> and <see cref="EdgeCallRegion.Release"/>; bells
/// are rung outside, as that takes the monitor's lock.
/// </summary>
internal abstract class HostThread
{
    /// <summary>Turns without an event before sleeping, as the guests' library has it.</summary>
    private const int PollTurns = 200;

    private const int PauseTurns = 8;
    private readonly Action _ring;
    private readonly Thread _thread;
    private readonly Func<bool> _awake;
    private bool _asleep;
    private bool _stop;

    protected HostThread(HostView view, Action ring, string name)
    {
        View = view;
        _ring = ring;
        _awake = () => Volatile.Read(ref _stop) || Region.IsOver || HasOrders;
        _thread = new Thread(Run) { IsBackground = true, Name = name };
    }

    protected HostView View { get; }

    protected EdgeCallRegion Region => View.Region;

    /// <summary>Somebody in this process wants something.</summary>
    protected abstract bool HasOrders { get; }

    public void Start() => _thread.Start();

    /// <summary>After this the thread touches nothing and every call has ended.</summary>
    public void Stop()
    {
        Volatile.Write(ref _stop, true);
        Region.HostDoor.Nudge();
        if (_thread.IsAlive)
            _thread.Join();
        else
            Finish();
    }

    protected void Ring() => _ring();

    /// <summary>Orders have come.</summary>
    protected void Wake()
    {
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _asleep))
            Region.HostDoor.Nudge();
    }

    /// <summary>Does what there is to do; whether there was anything. The region is live and in use.</summary>
    protected abstract bool Work(out bool bell);

    /// <summary>Work that must not keep the region in use; whether there was any.</summary>
    protected virtual bool WorkOutside() => false;

    /// <summary>Says in the region what to ring for; whether nothing has come meanwhile. In use.</summary>
    protected abstract bool TryAskForBell();

    protected abstract void RefuseBell();

    /// <summary>How long nothing but the bell and orders matters.</summary>
    protected virtual TimeSpan Patience => Timeout.InfiniteTimeSpan;

    /// <summary>The region is over, or this side is.</summary>
    protected abstract void Finish();

    private void Run()
    {
        for (int turns = 0; !Volatile.Read(ref _stop) && !Region.IsOver;)
        {
            bool any = Turn(out bool bell);
            if (bell)
                _ring();
            any |= WorkOutside();
            turns = any ? 0 : turns + 1;
            if (turns > PollTurns)
                Sleep();
            else if (!any)
                Thread.SpinWait(PauseTurns);
        }

        Finish();
    }

    private bool Turn(out bool bell)
    {
        bell = false;
        if (Region.State != AecState.Live || !Region.TryUse())
            return false;
        try
        {
            return Work(out bell);
        }
        finally
        {
            Region.Release();
        }
    }

    private void Sleep()
    {
        Volatile.Write(ref _asleep, true);
        Interlocked.MemoryBarrier();
        if (Region.State == AecState.Live && !Asks())
        {
            Volatile.Write(ref _asleep, false);
            return;
        }

        Region.HostDoor.Sleep(this, _awake, Patience);
        Volatile.Write(ref _asleep, false);
        if (Region.State == AecState.Live && Region.TryUse())
        {
            RefuseBell();
            Region.Release();
        }
    }

    private bool Asks()
    {
        if (!Region.TryUse())
            return false;
        try
        {
            return TryAskForBell();
        }
        finally
        {
            Region.Release();
        }
    }
}
