using RvJit.Machine;

namespace RvJit.Monitor.Runtime;

/// <summary>
/// The enclave's S-mode, native: what Keystone's runtime Eyrie does for an eapp (Keystone runtime/call/syscall.c,
/// sys/boot.c, sys/entry.S, util/rt_util.c). One object per enclave. An edge call leaves a continuation here, hands the
/// hart to the host and returns; the host's RESUME comes back through <see cref="StopReturned"/>.
/// <para>
/// Deliberately unlike upstream: any fatal trap ends the enclave (upstream loops on most); pointers that the eapp may
/// not use make the call fail instead of the runtime.
/// </para>
/// </summary>
public sealed unsafe partial class EnclaveRuntime : IEnclaveSupervisor, ITrapHandler
{
    private const int A0 = 10;
    private const int A7 = 17;
    private const int StackRegister = 2;
    private const ulong Failed = ulong.MaxValue;

    /// <summary>With paging, one part in so many of the UTM is for edge calls.</summary>
    private const ulong EdgeShare = 4;

    private readonly SecurityMonitor _monitor;
    private readonly EnclaveCreateArguments _layout;
    private readonly TextWriter _console;
    private readonly PageStore? _store;
    private readonly EnclaveAddressSpace _space;
    private readonly EnclaveScheduler _scheduler;
    private readonly LocalCalls _local;
    private readonly DescriptorSet _descriptors = new();
    private readonly EnclaveRuntimeOptions _options;
    private readonly EappLoader _loader;
    private readonly RuntimeFeatures _features;

    /// <summary>Bytes of the UTM that edge calls use; the store has the rest.</summary>
    private readonly ulong _edgeSize;

    internal EnclaveRuntime(
        SecurityMonitor monitor, World world, EnclaveCreateArguments layout, TextWriter console, EnclaveRuntimeOptions options)
    {
        _options = options;
        _monitor = monitor;
        _layout = layout;
        _console = console;
        World = world;
        World.TrapHandler = this;
        _loader = new EappLoader(monitor.Memory, layout);
        _features = options.Features ?? _loader.Features;
        var free = new EpmAllocator(layout.FreeAddress, layout.EpmAddress + layout.EpmSize);
        _edgeSize = monitor.SharedBufferSize(layout);
        if (_features.Paging)
        {
            _edgeSize = layout.UtmSize / EdgeShare & ~(ulong)(KeystoneAbi.PageSize - 1);
            int slots = (int)((layout.UtmSize - _edgeSize) / KeystoneAbi.PageSize);
            _store = new PageStore(monitor.Memory, layout.UtmAddress + _edgeSize, slots);
            free.TryConsume(PageStore.RecordPages(slots));
        }

        _space = new EnclaveAddressSpace(world, free) { Store = _store };
        _scheduler = new EnclaveScheduler(_space);
        _local = new LocalCalls(_space, monitor);
    }

    public World World { get; }

    public void Enter(Hart hart)
    {
        World.ApplyPmp(hart.Pmp);
        hart.EnterWorld(World);
    }

    public void Leave(Hart hart)
    {
    }

    public void Dispose()
    {
        _scheduler.Dispose();
        World.Dispose();
        _store?.Dispose();
    }

    public void Boot(Hart hart)
    {
        bool loaded = _loader.TryAccountRuntime(_space.Free) && _loader.TryLoadEapp(_space);

        HartState* state = hart.State;
        new Span<ulong>(state->X, 32).Clear();
        state->Pc = _loader.Entry;
        state->X[StackRegister] = EnclaveAddressSpace.StackTop;
        if (loaded && _features.EnvironmentSetup)
        {
            loaded = UserStack.TryWrite(
                _space, _loader, hart.Extensions, _options.Arguments, _monitor.Random(hart).Value, _monitor.Random(hart).Value, out ulong pointer);
            state->X[StackRegister] = pointer;
        }

        if (!loaded)
        {
            Print("[loader] FATAL: failed to load.");
            _monitor.Exit(hart, Failed);
            return;
        }

        _monitor.SetTimer(hart);
        hart.Transitions.Count(TransitionKind.EnclaveSupervisorToUser);
    }

    public TrapOutcome Handle(Hart hart, in Trap trap)
    {
        switch (trap.Cause)
        {
            case TrapCause.Requested:
                return Interrupted(hart, trap);
            case TrapCause.EnvironmentCallFromU:
                Serve(hart);
                return TrapOutcome.Resume;
            default:
                Fault(hart, trap);
                return TrapOutcome.Resume;
        }
    }

    /// <summary>
    /// The runtime's own timer, or somebody who wants the hart: a signal for the host's thread, or its end. The host gets it back as from a timer tick
    /// and its kernel serves the request.
    /// </summary>
    private TrapOutcome Interrupted(Hart hart, in Trap trap)
    {
        if (hart.TryTake(HartRequests.Timer))
        {
            hart.Transitions.Count(TransitionKind.EnclaveUserToSupervisor);
            _scheduler.Preempt(hart);
            hart.Transitions.Count(TransitionKind.EnclaveSupervisorToUser);
        }

        if (hart.Requests == HartRequests.None)
            return TrapOutcome.Resume;
        _monitor.Interrupt(hart);
        return hart.World.TrapHandler!.Handle(hart, trap);
    }

    private void Fault(Hart hart, in Trap trap)
    {
        hart.Transitions.Count(TransitionKind.EnclaveUserToSupervisor);
        if (IsServed(trap))
        {
            hart.Transitions.Count(TransitionKind.EnclaveSupervisorToUser);
            return;
        }

        if (_space.Corruption is { } corruption)
            Print($"[runtime] {corruption}");
        string what = trap.Cause is TrapCause.LoadPageFault or TrapCause.StorePageFault
            ? "page fault"
            : "non-handlable interrupt/exception";
        Print($"[runtime] {what} at 0x{hart.State->Pc:x} on 0x{trap.Value:x} (scause: 0x{(ulong)trap.Cause:x})");
        _monitor.Exit(hart, Failed);
    }

    /// <summary>With paging, a page fault may only mean that the page is elsewhere.</summary>
    private bool IsServed(in Trap trap) => trap.Cause switch
    {
        TrapCause.InstructionPageFault => _space.IsResident(trap.Value, Access.Execute),
        TrapCause.LoadPageFault => _space.IsResident(trap.Value, Access.Read),
        TrapCause.StorePageFault => _space.IsResident(trap.Value, Access.Write),
        _ => false,
    };

    private void Serve(Hart hart)
    {
        var mark = new EdgeCallMark(hart);
        hart.Transitions.Count(TransitionKind.EnclaveUserToSupervisor);
        HartState* state = hart.State;
        state->Pc += 4;
        ulong number = state->X[A7];
        ulong* a = state->X + A0;
        switch (number)
        {
            case RuntimeCall.Exit:
            case LinuxCall.ExitGroup when _features.LinuxSyscalls:
                _monitor.Exit(hart, a[0]);
                return;
            case RuntimeCall.Ocall:
                BeginOcall(hart, mark, a[0], a[1], a[2], a[3], a[4]);
                return;
            case RuntimeCall.RegisterReceiver:
                SbiReturn registered = _monitor.RegisterEnclaveReceiver(hart, a[0]);
                Return(hart, registered.Error == KeystoneError.Success ? registered.Value : Failed);
                return;
            case RuntimeCall.SharedCopy:
                Return(hart, SharedCopy(hart, a[0], a[1], a[2]));
                return;
            case RuntimeCall.AttestEnclave:
                Return(hart, Attest(hart, a[0], a[1], a[2]));
                return;
            case RuntimeCall.GetSealingKey:
                Return(hart, Seal(hart, a[0], a[1], a[2], a[3]));
                return;
        }

        if (_features.LinuxSyscalls && IsThreadCall(number))
            ServeThreadCall(hart, number, a);
        else if (IsSharing(number))
            ServeSharing(hart, number, a);
        else if (IsAsynchronous(number))
            ServeAsynchronous(hart, mark, number, a);
        else if (TouchesSealed(number, a[0], a[1]))
            Return(hart, Failed);
        else if (_features.LinuxSyscalls && LocalCalls.Handles(number))
            Return(hart, (ulong)_local.Serve(hart, number, a[0], a[1], a[2], a[3], a[4]));
        else if (_features.FileSyscalls && number is LinuxCall.Read or LinuxCall.Write or LinuxCall.Readv or LinuxCall.Writev)
            BeginTransfer(hart, mark, number, a[0], a[1], a[2]);
        else if ((_features.FileSyscalls && ForwardedFileCalls.Handles(number))
            || (_features.NetworkSyscalls && ForwardedNetworkCalls.Handles(number)))
            BeginForward(hart, mark, new ForwardedSyscall(number, a[0], a[1], a[2], a[3], a[4], a[5]));
        else
            Return(hart, Failed);
    }

    /// <summary>The call's result, and back to the eapp.</summary>
    private static void Return(Hart hart, ulong result)
    {
        hart.State->X[A0] = result;
        hart.Transitions.Count(TransitionKind.EnclaveSupervisorToUser);
    }

    private void Print(string line)
    {
        lock (_console)
            _console.WriteLine(line);
    }
}
