using System.Text;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Identity;

/// <summary>prctl(2), personality(2) and what riscv adds: hwprobe and flush_icache.</summary>
internal sealed class ControlSyscalls(IExecutionEngine engine) : ISyscallGroup
{
    private const int NameBytes = 16;

    public void Register(SyscallTable table)
    {
        table.Add(92, "personality", static (LinuxThread _, in SyscallArguments _) => 0);
        table.Add(167, "prctl", Control);
        table.Add(258, "riscv_hwprobe", HardwareProbe.Serve);
        table.Add(259, "riscv_flush_icache", FlushInstructionCache);
    }

    private static long Control(LinuxThread thread, in SyscallArguments args)
    {
        const int SetDeathSignal = 1;
        const int GetDeathSignal = 2;
        const int GetDumpable = 3;
        const int SetDumpable = 4;
        const int SetName = 15;
        const int GetName = 16;
        const int GetSeccomp = 21;
        const int CapabilityRead = 23;
        const int GetSecureBits = 27;
        const int SetTimerSlack = 29;
        const int GetTimerSlack = 30;
        const int SetNoNewPrivileges = 38;
        const int GetNoNewPrivileges = 39;
        const int GetThpDisable = 42;
        const int SetVma = 0x53564d41;
        switch ((int)args.A0)
        {
            case SetDeathSignal or SetDumpable or SetTimerSlack or SetNoNewPrivileges:
                return 0;
            case GetDeathSignal:
                return thread.World.TryWrite(args.A1, 0) ? 0 : -Errno.EFAULT;
            case GetDumpable:
                return 1;
            case GetSeccomp or GetSecureBits or GetThpDisable or GetNoNewPrivileges or CapabilityRead:
                return 0;
            case GetTimerSlack:
                return 50_000;
            case SetName:
                if (thread.World.TryReadString(args.A1, NameBytes) is { } name)
                    thread.Name = Encoding.UTF8.GetString(name);
                else if (!SetUnterminatedName(thread, args.A1))
                    return -Errno.EFAULT;
                return 0;
            case GetName:
                Span<byte> bytes = stackalloc byte[NameBytes];
                bytes.Clear();
                byte[] text = Encoding.UTF8.GetBytes(thread.Name);
                text.AsSpan(0, Math.Min(text.Length, NameBytes - 1)).CopyTo(bytes);
                return thread.World.TryWrite(args.A1, bytes) ? 0 : -Errno.EFAULT;
            case SetVma:
            default:
                return -Errno.EINVAL;
        }
    }

    private static bool SetUnterminatedName(LinuxThread thread, ulong address)
    {
        Span<byte> bytes = stackalloc byte[NameBytes - 1];
        if (!thread.World.TryRead(address, bytes))
            return false;
        thread.Name = Encoding.UTF8.GetString(bytes);
        return true;
    }

    private long FlushInstructionCache(LinuxThread thread, in SyscallArguments args)
    {
        const ulong Local = 1;
        if ((args.A2 & ~Local) != 0)
            return -Errno.EINVAL;
        engine.FenceInstruction(thread.Hart);
        return 0;
    }
}
