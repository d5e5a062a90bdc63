using RvJit.Guest.Linux.Files;
using RvJit.Guest.Linux.Identity;
using RvJit.Guest.Linux.Mapping;
using RvJit.Guest.Linux.Signals;
using RvJit.Guest.Linux.Threads;
using RvJit.Machine;

namespace RvJit.Guest.Linux;

/// <summary>
/// The native owner of S-mode for Linux user programs: serves system calls, turns faults into signals. One kernel may
/// run several processes; every hart's <see cref="Hart.Context"/> is its <see cref="LinuxThread"/>.
/// </summary>
public sealed unsafe class LinuxKernel : ITrapHandler
{
    private const int EcallBytes = 4;

    private readonly SyscallTable _table = new();
    private int _nextId;

    /// <param name="engine">Runs the guest's code; the caller disposes it after the last process.</param>
    /// <param name="options">How processes run.</param>
    /// <param name="groups">System calls besides memory, threads, signals and identity.</param>
    /// <param name="devices">What guest programs find in /dev besides the host's files.</param>
    public LinuxKernel(
        IExecutionEngine engine, LinuxOptions options, IEnumerable<ISyscallGroup> groups, IReadOnlyList<IDeviceProvider>? devices = null)
    {
        Engine = engine;
        Options = options;
        Devices = devices ?? [];
        _nextId = (options.ProcessId ?? Environment.ProcessId) - 1;
        Trace = options.Strace ? new Trace(options.StraceOutput, _table) : null;
        ISyscallGroup[] own =
        [
            new MemorySyscalls(), new FutexSyscalls(), new ThreadSyscalls(), new SchedulingSyscalls(), new SignalSyscalls(),
            new KillSyscalls(), new IdentitySyscalls(), new LimitSyscalls(), new ControlSyscalls(engine),
        ];
        foreach (ISyscallGroup group in own.Concat(groups))
            group.Register(_table);
    }

    public IExecutionEngine Engine { get; }

    public LinuxOptions Options { get; }

    public IReadOnlyList<IDeviceProvider> Devices { get; }

    /// <summary>Called with each thread before its first instruction; the security monitor prepares its hart here.</summary>
    public event Action<LinuxThread>? ThreadStarting;

    internal Trace? Trace { get; }

    public TrapOutcome Handle(Hart hart, in Trap trap)
    {
        var thread = (LinuxThread)hart.Context!;
        switch (trap.Cause)
        {
            case TrapCause.EnvironmentCallFromU:
                Serve(thread);
                break;
            case TrapCause.Requested:
                if ((hart.TakeRequests() & HartRequests.Limit) != 0)
                    thread.Process.StopAtLimit(thread);
                if (thread.Interrupted)
                    SignalDelivery.Deliver(thread);
                break;
            default:
                FaultDelivery.Raise(thread, trap);
                break;
        }

        // A hart that a device took into another world comes home first: the request to stop reaches it there.
        bool home = hart.IsIn(thread.World);
        return home && (thread.Leaving || thread.Process.Exiting) ? TrapOutcome.Exit : TrapOutcome.Resume;
    }

    /// <summary>A system call that a native thread makes: its result, or a negated errno; ERESTARTSYS and the like when it was interrupted.</summary>
    internal long Call(LinuxThread thread, ulong number, in SyscallArguments args)
    {
        thread.Hart.Transitions.Count(TransitionKind.HostUserToSupervisor);
        long result = Trace is null ? Dispatch(thread, number, args) : DispatchTraced(thread, number, args);
        thread.Hart.Transitions.Count(TransitionKind.HostSupervisorToUser);
        return result;
    }

    /// <summary>The next process or thread id.</summary>
    internal int NextId() => Interlocked.Increment(ref _nextId);

    /// <summary>Starts a thread whose registers are set; false when its process is ending.</summary>
    internal bool TryStart(LinuxThread thread)
    {
        thread.Hart.Context = thread;
        if (!thread.Process.TryAdd(thread))
            return false;
        thread.Hart.EnterWorld(thread.World);
        if (Options.MostInstructions is { } most)
            thread.Hart.State->RetiredLimit = most;
        if (Options.Extensions.Contains("n"))
            GiveUserTraps(thread);
        ThreadStarting?.Invoke(thread);
        thread.Process.Start(thread, Engine);
        return true;
    }

    /// <summary>
    /// Each thread has user-level traps of its own, with nothing set up. Software interrupts are its own to take;
    /// exceptions are signals.
    /// </summary>
    private void GiveUserTraps(LinuxThread thread)
    {
        var port = new UserInterruptPort(Options.UserInterrupts) { Senders = thread.Process.UserInterruptSenders };
        thread.Hart.SwitchUserInterrupts(new UserTraps(port, Options.Extensions) { DelegatedInterrupts = UserTraps.Software });
    }

    private void Serve(LinuxThread thread)
    {
        HartState* s = thread.Hart.State;
        thread.Hart.Transitions.Count(TransitionKind.HostUserToSupervisor);
        s->Pc += EcallBytes;
        ulong number = s->X[17];
        thread.OriginalA0 = s->X[10];
        var args = new SyscallArguments(s->X[10], s->X[11], s->X[12], s->X[13], s->X[14], s->X[15]);
        long result = Trace is null ? Dispatch(thread, number, args) : DispatchTraced(thread, number, args);
        if (result != SyscallTable.NoReturn)
            thread.CompleteSyscall(result);
    }

    private long Dispatch(LinuxThread thread, ulong number, in SyscallArguments args)
    {
        SyscallHandler? handler = _table.Find(number);
        return handler is null ? -Errno.ENOSYS : handler(thread, args);
    }

    private long DispatchTraced(LinuxThread thread, ulong number, in SyscallArguments args)
    {
        SyscallHandler? handler = _table.Find(number);
        string call = Trace!.Call(thread, number, args, handler is not null);
        long result = handler is null ? -Errno.ENOSYS : handler(thread, args);
        Trace.Result(thread, call, number, result);
        return result;
    }
}
