namespace RvJit.Machine;

/// <summary>
/// Where a context of execution, a thread of a process or of an enclave, is connected to the controller: what its uipi
/// instructions work on, and what raises its USIP. A hart has that of the context it runs
/// (<see cref="Hart.SwitchUserInterrupts"/>).
/// </summary>
/// <remarks>Owned by the thread of the hart that runs the context; anybody's while none does.</remarks>
public sealed partial class UserInterruptPort(UserInterruptController controller)
{
    private UserInterruptReceiver? _receiver;
    private Hart? _hart;

    public UserInterruptController Controller { get; } = controller;

    /// <summary>Who the context is to senders, or null. No two contexts have the same.</summary>
    public UserInterruptReceiver? Receiver
    {
        get => _receiver;
        set
        {
            _receiver?.Detach();
            _receiver = value;
            if (_hart is { } hart)
                Attach(hart);
        }
    }

    /// <summary>What uipi.send sends by; one table may be many contexts'.</summary>
    public UserInterruptSenders? Senders { get; set; }

    /// <summary>Whether its supervisor lets it send; else every index means nothing.</summary>
    public bool MaySend { get; set; } = true;

    /// <summary>What it adds to USIP.</summary>
    public bool IsRaised => _receiver?.IsRaised == true;

    /// <summary>uipi.send: an index that means nothing is nothing.</summary>
    public void Send(ulong index)
    {
        if (_hart is { } hart)
            Controller.Send(MaySend ? Senders : null, index, hart.Id);
    }

    /// <summary>uipi.read: takes the pending bits.</summary>
    public ulong Read()
    {
        ulong pending = _receiver?.Take() ?? 0;
        if (pending == 0 && _hart is { } hart)
            Controller.Add(UserInterruptController.Count.Spurious, hart.Id);
        return pending;
    }

    /// <summary>uipi.activate and uipi.deactivate: whether pending bits raise USIP.</summary>
    public void SetActive(bool active)
    {
        if (_receiver is not { } receiver || _hart is not { } hart)
            return;
        receiver.IsActive = active;
        Look(hart);
    }

    /// <summary>
    /// uipi.wait: blocks until something is pending, <c>time</c> has reached the deadline, or something is requested of the
    /// hart. Who cannot receive need not wait.
    /// </summary>
    public void Wait(ulong deadline)
    {
        if (_receiver is { } receiver)
            _hart?.AwaitRequest(receiver.HasPending, deadline);
    }

    /// <summary>A hart runs the context from now on.</summary>
    internal void Attach(Hart hart)
    {
        _hart = hart;
        _receiver?.Attach(hart);
        Look(hart);
    }

    internal void Detach()
    {
        _receiver?.Detach();
        _hart = null;
    }

    private void Look(Hart hart)
    {
        if (IsRaised)
            hart.Nudge();
    }
}
