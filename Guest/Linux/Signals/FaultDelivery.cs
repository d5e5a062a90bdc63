using RvJit.Guest.Linux.Mapping;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Signals;

/// <summary>Exceptions of guest instructions as signals (arch/riscv/kernel/traps.c, mm/fault.c).</summary>
internal static unsafe class FaultDelivery
{
    public static void Raise(LinuxThread thread, in Trap trap)
    {
        thread.Hart.Transitions.Count(TransitionKind.HostUserToSupervisor);
        if (Describe(thread, trap) is { } info)
        {
            thread.Process.Signals.Force(thread, info);
            SignalDelivery.Deliver(thread);
        }

        thread.Hart.Transitions.Count(TransitionKind.HostSupervisorToUser);
    }

    /// <summary>The signal, or null when the access is allowed by now (another thread mapped it) and is to be made again.</summary>
    private static SigInfo? Describe(LinuxThread thread, in Trap trap)
    {
        ulong pc = thread.Hart.State->Pc;
        return trap.Cause switch
        {
            TrapCause.IllegalInstruction => SigInfo.Fault(Signal.SIGILL, SigInfo.IllIllOpc, pc),
            TrapCause.Breakpoint => SigInfo.Fault(Signal.SIGTRAP, SigInfo.TrapBrkpt, pc),
            TrapCause.InstructionAddressMisaligned or TrapCause.LoadAddressMisaligned or TrapCause.StoreAddressMisaligned =>
                SigInfo.Fault(Signal.SIGBUS, SigInfo.BusAdrAln, pc),
            TrapCause.InstructionAccessFault or TrapCause.LoadAccessFault or TrapCause.StoreAccessFault =>
                SigInfo.Fault(Signal.SIGSEGV, SigInfo.SegvAccErr, pc),
            TrapCause.InstructionPageFault => PageFault(thread, trap.Value, Access.Execute),
            TrapCause.LoadPageFault => PageFault(thread, trap.Value, Access.Read),
            TrapCause.StorePageFault => PageFault(thread, trap.Value, Access.Write),
            _ => SigInfo.Fault(Signal.SIGILL, SigInfo.IllIllOpc, pc),
        };
    }

    private static SigInfo? PageFault(LinuxThread thread, ulong address, Access access)
    {
        if (!thread.Process.Map.TryFind(address, out Vma area))
            return SigInfo.Fault(Signal.SIGSEGV, SigInfo.SegvMapErr, address);
        if ((area.Flags & VmaFlags.PastEnd) != 0 && (area.Access & access) != 0)
            return thread.Process.Map.TryReachFile(address) ? null : SigInfo.Fault(Signal.SIGBUS, SigInfo.BusAdrErr, address);
        Access granted = (area.Access & Access.Write) != 0 ? area.Access | Access.Read : area.Access;
        bool raced = (granted & access) != 0 && thread.World.TryPointer(address, 1, access) != null;
        return raced ? null : SigInfo.Fault(Signal.SIGSEGV, SigInfo.SegvAccErr, address);
    }
}
