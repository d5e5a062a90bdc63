using System.Runtime.InteropServices;
using RvJit.Machine.Paging;

namespace RvJit.Machine;

/// <summary>Why a hart is asked to leave translated code; bits.</summary>
[Flags]
public enum HartRequests
{
    None = 0,

    /// <summary>A signal or interrupt is pending for the owner of the world's traps.</summary>
    Interrupt = 1,

    /// <summary>The hart's thread shall end.</summary>
    Stop = 2,

    /// <summary>The hart has retired as many instructions as it was given.</summary>
    Limit = 4,

    /// <summary>A timer of the native owner of S-mode has run out.</summary>
    Timer = 8,
}

/// <summary>One hardware thread: register state, the world it executes in, its PMP registers and counters.</summary>
public sealed unsafe class Hart : IDisposable
{
    private World? _world;
    private MemoryView? _memory;
    private readonly object _idle = new();
    private bool _isIdle;
    private int _requests;

    public Hart(int id, int pmpEntries = PmpRegisters.DefaultEntries)
    {
        Id = id;
        State = (HartState*)NativeMemory.AlignedAlloc(HartState.Size, 64);
        NativeMemory.Clear(State, HartState.Size);
        State->Mxcsr = FloatingPointControl.MxcsrDefault;
        State->ReservationAddress = HartState.NoReservation;
        State->RetiredLimit = ulong.MaxValue;
        State->Self = GCHandle.ToIntPtr(GCHandle.Alloc(this));
        Pmp = new PmpRegisters(pmpEntries);
    }

    public int Id { get; }

    public HartState* State { get; private set; }

    public PmpRegisters Pmp { get; }

    public TransitionCounters Transitions { get; } = new();

    /// <summary>What the current owner of the hart (a Linux thread, say) hangs on it.</summary>
    public object? Context { get; set; }

    /// <summary>Who owns the traps of a hart that is in no world.</summary>
    public ITrapHandler? TrapHandler { get; set; }

    public ExtensionSet Extensions { get; init; } = ExtensionSet.Max;

    public ICsrFile Csrs { get; set; } = UserCsrs.Instance;

    /// <summary>M- and S-mode in guest code; null when the supervisor is native.</summary>
    public IPrivilegedUnit? Privileged { get; set; }

    /// <summary>User-level traps under a native supervisor; null where the hart has none, or its supervisor is guest code.</summary>
    public UserTraps? UserTraps { get; private set; }

    /// <summary>What uipi instructions work on; null: nothing is there to send or to receive.</summary>
    public UserInterruptPort? UserInterruptPort { get; private set; }

    /// <summary>Address translation in guest code; null when the hart lives in a world.</summary>
    public ITranslation? Translation => _memory as ITranslation;

    /// <summary>What instructions see as memory, precisely.</summary>
    public MemoryView Memory => _memory ?? throw new InvalidOperationException($"hart {Id} has no memory");

    public World World => _world ?? throw new InvalidOperationException($"hart {Id} has no world");

    /// <summary>Moves the hart to a world. Only the hart's own thread calls this, outside translated code.</summary>
    public void EnterWorld(World world)
    {
        if (_world == world)
            return;
        _world?.Remove(this);
        world.Add(this);
        _world = world;
        _memory = world;
        State->Memory = world.Base;
        State->ReservationAddress = HartState.NoReservation;
    }

    /// <summary>Whether the hart is in this world now.</summary>
    public bool IsIn(World world) => _world == world;

    /// <summary>The hart that a state block belongs to, for code that has nothing else.</summary>
    public static Hart Of(HartState* state) => (Hart)GCHandle.FromIntPtr(state->Self).Target!;

    /// <summary>
    /// The hart goes on with the user-level traps of another context, or with none. Only the hart's own thread calls this,
    /// outside translated code.
    /// </summary>
    public void SwitchUserInterrupts(UserTraps? next)
    {
        SwitchUserInterrupts(next?.Port);
        UserTraps = next;
        next?.Attach(this);
    }

    /// <summary>The same for a context whose user-level traps are in <see cref="Privileged"/>, or that has none.</summary>
    public void SwitchUserInterrupts(UserInterruptPort? next)
    {
        UserTraps = null;
        UserInterruptPort?.Detach();
        UserInterruptPort = next;
        next?.Attach(this);
    }

    /// <summary>
    /// Gives the hart memory that is no world's, and takes it out of its world. Only the hart's own thread calls this,
    /// outside translated code; State.Memory is the new memory's matter.
    /// </summary>
    public void UseMemory(MemoryView memory)
    {
        LeaveWorld();
        _memory = memory;
        State->Alone = 0;
        State->ReservationAddress = HartState.NoReservation;
    }

    /// <summary>Leaves its world: for memory of another kind, or for good.</summary>
    public void LeaveWorld()
    {
        _world?.Remove(this);
        _world = null;
        _memory = null;
    }

    /// <summary>From any thread: asks the hart to leave translated code and report <see cref="TrapCause.Requested"/>.</summary>
    public void Request(HartRequests request)
    {
        Interlocked.Or(ref _requests, (int)request);
        Volatile.Write(ref State->Poll, 1);
        if (!Volatile.Read(ref _isIdle))
            return;
        lock (_idle)
            Monitor.PulseAll(_idle);
    }

    /// <summary>From any thread, also when the hart has ended: it leaves translated code, or a wait, and looks around.</summary>
    public void Nudge()
    {
        lock (_idle)
        {
            if (State == null)
                return;
            Volatile.Write(ref State->Poll, 1);
            if (_isIdle)
                Monitor.PulseAll(_idle);
        }
    }

    /// <summary>
    /// The hart's own thread has seen <see cref="HartState.Poll"/> and cleared it: true when there are requests to leave
    /// for; otherwise a user interrupt is taken if there is one.
    /// </summary>
    public bool MustLeave()
    {
        if (Requests == HartRequests.None)
        {
            if (UserTraps is { } traps)
                traps.TryTakeInterrupt(this);
            else
                Privileged?.TakeUserInterrupt();
            return false;
        }

        if (UserTraps is not null)
            Volatile.Write(ref State->Poll, 1); // its interrupts are looked at when the requests have been served
        return true;
    }

    /// <summary>Blocks the hart's own thread until there is a request.</summary>
    public void AwaitRequest()
    {
        lock (_idle)
        {
            Volatile.Write(ref _isIdle, true);
            Interlocked.MemoryBarrier();
            while (Requests == HartRequests.None)
                Monitor.Wait(_idle);
            _isIdle = false;
        }
    }

    /// <summary>
    /// Blocks the hart's own thread until there is a request, a condition holds (whoever makes it true calls
    /// <see cref="Nudge"/> afterwards), or <see cref="HostClock.Ticks"/> has reached a deadline.
    /// </summary>
    public void AwaitRequest(Func<bool> condition, ulong deadline)
    {
        const ulong TicksPerMillisecond = UserCsrs.TimebaseHertz / 1000;
        if (HostClock.Ticks >= deadline || ShortWait.ComesTrue((Hart: this, Condition: condition), static w => w.Hart.Requests != HartRequests.None || w.Condition()))
            return;
        lock (_idle)
        {
            Volatile.Write(ref _isIdle, true);
            Interlocked.MemoryBarrier();
            for (ulong now = HostClock.Ticks; now < deadline && Requests == HartRequests.None && !condition(); now = HostClock.Ticks)
                Monitor.Wait(_idle, (int)Math.Min(((deadline - now) / TicksPerMillisecond) + 1, int.MaxValue));
            _isIdle = false;
        }
    }

    public HartRequests Requests => (HartRequests)Volatile.Read(ref _requests);

    /// <summary>The hart's own thread takes the requests it is going to serve.</summary>
    public HartRequests TakeRequests() => (HartRequests)Interlocked.Exchange(ref _requests, 0);

    /// <summary>Takes one kind of request and leaves the others; whether it was there.</summary>
    public bool TryTake(HartRequests request) => ((HartRequests)Interlocked.And(ref _requests, (int)~request) & request) != 0;

    /// <summary>Its thread is finished; there is no state any more.</summary>
    public bool HasEnded => State == null;

    public void Dispose()
    {
        SwitchUserInterrupts((UserInterruptPort?)null);
        LeaveWorld();
        lock (_idle)
        {
            if (State == null)
                return;
            GCHandle.FromIntPtr(State->Self).Free();
            NativeMemory.AlignedFree(State);
            State = null;
        }
    }
}
