using System.Runtime.ExceptionServices;
using RvJit.Guest.Linux.Signals;
using RvJit.Guest.Linux.Threads;
using RvJit.Machine;

namespace RvJit.Guest.Linux;

/// <summary>How a process ended: by exit with a code, or killed by a signal.</summary>
public readonly record struct ExitStatus(int Code, int Signal)
{
    /// <summary>What a shell reports.</summary>
    public int ShellCode => Signal != 0 ? 128 + Signal : Code & 0xFF;
}

/// <summary>The threads of a process and its end.</summary>
public sealed partial class LinuxProcess
{
    /// <summary>A host thread runs the interpreter's loop and C# handlers; guest stacks are elsewhere.</summary>
    private const int HostStackBytes = 1 << 20;

    private readonly Lock _threadsLock = new();
    private readonly List<Action> _exitHooks = [];
    private readonly List<TransitionCounters> _counters = [];
    private readonly TaskCompletionSource<ExitStatus> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LinuxThread[] _threads = [];
    private ExitStatus _status;
    private ExceptionDispatchInfo? _failure;
    private int _exiting;

    /// <summary>The live threads; the array never changes.</summary>
    public IReadOnlyList<LinuxThread> Threads => Volatile.Read(ref _threads);

    /// <summary>exit_group was called or a fatal signal came: every thread is on its way out.</summary>
    public bool Exiting => Volatile.Read(ref _exiting) != 0;

    public LinuxThread? FindThread(int tid) => Array.Find(Volatile.Read(ref _threads), t => t.Tid == tid);

    /// <summary>Privilege transitions of all threads, dead and alive.</summary>
    public long CountTransitions(TransitionKind kind)
    {
        lock (_threadsLock)
            return _counters.Sum(c => c[kind]);
    }

    /// <summary>Called once, in reverse order of registration, after the last thread has left guest code (close devices, flush files).</summary>
    public void OnExit(Action hook)
    {
        lock (_exitHooks)
            _exitHooks.Add(hook);
    }

    /// <summary>exit_group(2): the first to end the process decides how.</summary>
    public void Exit(int code) => End(new ExitStatus(code & 0xFF, 0));

    /// <summary>Ends the process as the default action of a signal does.</summary>
    public void Kill(int signal) => End(new ExitStatus(0, signal));

    /// <summary>Waits until every thread has left and the exit hooks ran.</summary>
    public ExitStatus WaitForExit()
    {
        ExitStatus status = _ended.Task.GetAwaiter().GetResult();
        _failure?.Throw();
        return status;
    }

    /// <summary>A task that completes as <see cref="WaitForExit"/> does.</summary>
    public Task<ExitStatus> Ended => _ended.Task;

    /// <summary>Lists a thread that is about to start. False when the process is already ending.</summary>
    internal bool TryAdd(LinuxThread thread)
    {
        lock (_threadsLock)
        {
            if (Exiting)
                return false;
            _threads = [.. _threads, thread];
            _counters.Add(thread.Hart.Transitions);
            return true;
        }
    }

    /// <summary>Gives a listed thread its host thread.</summary>
    internal void Start(LinuxThread thread, IExecutionEngine engine)
    {
        var host = new Thread(() => Run(thread, engine), HostStackBytes) { IsBackground = true, Name = $"guest {thread.Tid}" };
        host.Start();
    }

    private void Run(LinuxThread thread, IExecutionEngine engine)
    {
        try
        {
            if (thread.Native is { } native)
                native(engine);
            else
                HartRunner.Run(thread.Hart, engine);
            ThreadEnd.ClearTid(thread);
        }
        catch (Exception e) // a defect of ours: the process ends, and the caller of WaitForExit sees it
        {
            _failure ??= ExceptionDispatchInfo.Capture(e);
            Kill(Signal.SIGKILL);
        }

        Leave(thread);
    }

    private void Leave(LinuxThread thread)
    {
        bool last;
        lock (_threadsLock)
        {
            _threads = [.. _threads.Where(t => t != thread)];
            last = _threads.Length == 0;
        }

        thread.Retire();
        if (last)
            Finish();
    }

    /// <summary>The last thread is gone.</summary>
    private void Finish()
    {
        Volatile.Write(ref _exiting, 1);
        try
        {
            Action[] hooks;
            lock (_exitHooks)
                hooks = [.. _exitHooks];
            Array.Reverse(hooks);
            foreach (Action hook in hooks)
                hook();
            Map.Clear();
            Kernel?.Trace?.Exit(this, _status);
            World.Dispose();
        }
        catch (Exception e)
        {
            _failure ??= ExceptionDispatchInfo.Capture(e);
        }

        _ended.SetResult(_status);
    }

    /// <summary>What the process answers when its threads all leave by exit(2): the last code given by the first thread.</summary>
    internal void NoteThreadExit(LinuxThread thread, int code)
    {
        lock (_threadsLock)
        {
            if (!Exiting && thread.Tid == Pid)
                _status = new ExitStatus(code & 0xFF, 0);
        }
    }

    private void End(ExitStatus status)
    {
        LinuxThread[] threads;
        lock (_threadsLock)
        {
            if (Interlocked.Exchange(ref _exiting, 1) != 0)
                return;
            _status = status;
            threads = _threads;
        }

        foreach (LinuxThread thread in threads)
            thread.Interrupt(HartRequests.Stop);
    }
}
