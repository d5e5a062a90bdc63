using RvJit.Machine;
using RvJit.Machine.Board;
using RvJit.Machine.Paging;
using RvJit.Monitor.Sbi;

namespace RvJit.Monitor.Supervisor;

/// <summary>
/// An enclave whose S-mode is guest code, as on hardware: the loader starts at the EPM's base, untranslated, and brings
/// up a runtime that owns page tables, traps and the eapp. This is the monitor's part of it: the enclave's memory under
/// its PMP, its S-level CSRs, and M-mode, which takes what is not delegated (Keystone sm/src/enclave.c, thread.c,
/// sbi_trap_hack.c).
/// </summary>
public sealed unsafe partial class GuestSupervisor : IEnclaveSupervisor, ITrapHandler, IAlarm
{
    /// <summary>
    /// medeleg as OpenSBI leaves it: misaligned fetches, breakpoints, ecalls of U-mode and page faults go to S-mode. The
    /// others come to the monitor, which hands them on. mideleg is 0 in an enclave.
    /// </summary>
    private const ulong DelegatedExceptions =
        1UL << (int)TrapCause.InstructionAddressMisaligned
        | 1UL << (int)TrapCause.Breakpoint
        | 1UL << (int)TrapCause.EnvironmentCallFromU
        | 1UL << (int)TrapCause.InstructionPageFault
        | 1UL << (int)TrapCause.LoadPageFault
        | 1UL << (int)TrapCause.StorePageFault;

    private readonly SecurityMonitor _monitor;
    private readonly EnclaveCreateArguments _layout;
    private readonly GuestSupervisorFactory _factory;
    private readonly MachineMemory _machine;
    private readonly EnclaveConsole _console;

    /// <summary>Guards <see cref="_hart"/> against the clock's thread.</summary>
    private readonly Lock _gate = new();
    private SupervisorContext _context = SupervisorContext.Fresh(MachineCounters.BaseBits);
    private PmpRegisters? _pmp;
    private PagedMemory? _memory;
    private PrivilegedUnit? _unit;
    private Hart? _hart;

    internal GuestSupervisor(SecurityMonitor monitor, in EnclaveCreateArguments layout, GuestSupervisorFactory factory, TextWriter console)
    {
        _monitor = monitor;
        _layout = layout;
        _factory = factory;
        _console = new EnclaveConsole(console);
        _machine = new MachineMemory(new SystemBus(monitor.Memory), layout.EpmAddress, layout.EpmSize);
    }

    public World? World => null;

    public void Enter(Hart hart)
    {
        if (_pmp is null)
        {
            _pmp = new PmpRegisters(hart.Pmp.Count);
            _memory = new PagedMemory(_machine, _pmp);
        }

        // What PMP grants an enclave is the same at each entry, unless the monitor has given it something else.
        if (!_pmp.SameAs(hart.Pmp))
        {
            _pmp.CopyFrom(hart.Pmp);
            _memory!.FlushAll();
        }

        PrivilegedUnit unit = _factory.UnitOf(hart);
        unit.DelegatedExceptions = DelegatedExceptions;
        unit.Interrupts.Delegated = unit.Features.UserTraps ? UserTraps.Software : 0;
        _memory!.Bind(hart);
        unit.Install(this);
        _context.Restore(unit);
        _unit = unit;
        lock (_gate)
            _hart = hart;
    }

    public void Leave(Hart hart)
    {
        lock (_gate)
            _hart = null;
        _context.Save(_unit!);
        _unit!.Remove();
        _memory!.Unbind();
    }

    /// <summary>The loader's first instruction is next, with the registers that it expects.</summary>
    public void Boot(Hart hart)
    {
    }

    public void StopReturned(Hart hart)
    {
    }

    public TrapOutcome Handle(Hart hart, in Trap trap)
    {
        if (trap.Cause == TrapCause.Requested)
            return Interrupted(hart, trap);
        EndEdgeCall(hart);
        if (trap.Cause == TrapCause.EnvironmentCallFromS)
        {
            _unit!.Traps.NoteReturn();
            Call(hart);
        }
        else
        {
            Redirect(hart, trap);
        }

        return TrapOutcome.Resume;
    }

    /// <summary>The timer that the runtime set has come.</summary>
    public void Ring()
    {
        lock (_gate)
            _hart?.Request(HartRequests.Interrupt);
    }

    public void Dispose()
    {
        _factory.Clock.SetAlarm(this, ulong.MaxValue);
        _console.Flush();
        _machine.Dispose();
    }

    /// <summary>The timer, or somebody who wants the host's thread: the host gets the hart and its kernel serves the request.</summary>
    private TrapOutcome Interrupted(Hart hart, in Trap trap)
    {
        if (hart.Requests == HartRequests.None)
            return TrapOutcome.Resume;
        _interruptions++;
        _monitor.Interrupt(hart, _unit!.Mode);
        return hart.World.TrapHandler!.Handle(hart, trap);
    }

    /// <summary>An exception, which S-mode takes: by itself when it is delegated, or else through the monitor.</summary>
    private void Redirect(Hart hart, in Trap trap)
    {
        bool fromUser = _unit!.Mode == Privilege.User;
        if (trap.Cause == TrapCause.EnvironmentCallFromU)
        {
            _mark = new EdgeCallMark(hart);
            _interruptionsBefore = _interruptions;
        }

        if ((DelegatedExceptions >> (int)trap.Cause & 1) == 0)
        {
            hart.Transitions.Count(fromUser ? TransitionKind.EnclaveUserToMachine : TransitionKind.EnclaveSupervisorToMachine);
            hart.Transitions.Count(TransitionKind.MachineToEnclaveSupervisor);
        }
        else if (fromUser)
        {
            hart.Transitions.Count(TransitionKind.EnclaveUserToSupervisor);
        }

        if (!_unit.Traps.TryRedirect(hart, trap, out string reason))
        {
            _console.WriteLine($"[monitor] enclave ended: {reason}");
            _monitor.Exit(hart, Failed);
        }
    }
}
