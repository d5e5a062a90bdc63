namespace RvJit.Machine.Board;

/// <summary>Why a machine stops.</summary>
public enum MachineExitReason
{
    /// <summary>The guest said that it is done.</summary>
    PowerOff,

    /// <summary>The guest wants to start again.</summary>
    Reset,

    /// <summary>The user, or the host, ended it.</summary>
    Quit,

    /// <summary>A hart cannot go on: a trap without a handler, or a loop of traps.</summary>
    Stuck,

    /// <summary>The limit of instructions or of time is reached.</summary>
    Limit,
}

/// <param name="Reason">Why it stopped.</param>
/// <param name="Code">Exit code of the guest, or one that stands for the reason.</param>
/// <param name="Message">What to tell the user, when there is something.</param>
public sealed record MachineExit(MachineExitReason Reason, int Code = 0, string? Message = null);

/// <summary>Where devices and harts say that the machine shall stop. The first one decides.</summary>
public sealed class MachineStopper
{
    private readonly TaskCompletionSource<MachineExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completed when the machine shall stop.</summary>
    public Task<MachineExit> Exit => _exit.Task;

    /// <summary>From any thread.</summary>
    public void Stop(MachineExit exit)
    {
        if (_exit.TrySetResult(exit))
            Stopping?.Invoke();
    }

    /// <summary>Something here is broken: who waits for <see cref="Exit"/> gets the error.</summary>
    public void Fail(Exception error)
    {
        if (_exit.TrySetException(error))
            Stopping?.Invoke();
    }

    /// <summary>Raised once, on the thread that stops the machine.</summary>
    public event Action? Stopping;
}
