using System.Runtime.CompilerServices;
using System.Text;
using RvJit.Guest.Linux.Files.Host;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Files;

/// <summary>System calls that tell about the machine, and its entropy.</summary>
public sealed unsafe class SystemInformation : ISyscallGroup
{
    /// <summary>What uname calls the kernel: new enough for current C libraries (they refuse older ones than they were built for).</summary>
    public const string Release = "6.12.0-rvjit";

    private const int NameBytes = 65; // each field of struct new_utsname

    // struct sysinfo; the host's C library may have a longer one.
    private const int InformationBytes = 112;
    private const int LongestInformation = 512;
    private const int TotalRam = 32;
    private const int FreeRam = 40;
    private const int SwapEnd = 80;
    private const int TotalHigh = 88;
    private const int MemoryUnit = 104;

    public void Register(SyscallTable table)
    {
        table.Add(160, "uname", Names);
        table.Add(168, "getcpu", Processor);
        table.Add(179, "sysinfo", Information);
        table.Add(278, "getrandom", Random);
    }

    private static long Names(LinuxThread thread, in SyscallArguments args)
    {
        Span<byte> names = stackalloc byte[6 * NameBytes];
        names.Clear();
        string[] fields = ["Linux", Environment.MachineName, Release, "#1 SMP", "riscv64", "(none)"];
        for (int i = 0; i < fields.Length; i++)
        {
            Span<byte> field = names.Slice(i * NameBytes, NameBytes - 1);
            Encoding.UTF8.TryGetBytes(fields[i].AsSpan(0, Math.Min(fields[i].Length, NameBytes - 1)), field, out _);
        }

        return thread.World.TryWrite(args.A0, names) ? 0 : -Errno.EFAULT;
    }

    private static long Processor(LinuxThread thread, in SyscallArguments args)
    {
        World world = thread.World;
        bool written = (args.A0 == 0 || world.TryWrite(args.A0, HostCalls.CurrentProcessor()))
            && (args.A1 == 0 || world.TryWrite(args.A1, 0));
        return written ? 0 : -Errno.EFAULT;
    }

    /// <summary>
    /// Bytes of memory in all and not yet used: the guest's, which is sparse, as far as the host can back it.
    /// </summary>
    internal static (ulong Total, ulong Free) MemoryOf(PhysicalMemory memory)
    {
        byte* info = stackalloc byte[LongestInformation];
        if (HostCalls.SystemInformation(info) < 0)
            return (memory.Size, memory.Size);
        ulong unit = Math.Max(1, *(uint*)(info + MemoryUnit));
        ulong total = Math.Min(memory.Size, *(ulong*)(info + TotalRam) * unit);
        return (total, Math.Min(total, *(ulong*)(info + FreeRam) * unit));
    }

    /// <summary>struct sysinfo is the same on all 64-bit machines.</summary>
    [SkipLocalsInit]
    private static long Information(LinuxThread thread, in SyscallArguments args)
    {
        byte* info = stackalloc byte[LongestInformation];
        long error = HostCalls.SystemInformation(info);
        if (error < 0)
            return error;
        (ulong total, ulong free) = MemoryOf(thread.Process.Memory);
        new Span<byte>(info + TotalRam, SwapEnd - TotalRam).Clear(); // no shared, buffered or swapped memory, as in /proc/meminfo
        *(ulong*)(info + TotalRam) = total;
        *(ulong*)(info + FreeRam) = free;
        *(ulong*)(info + TotalHigh) = 0;
        *(ulong*)(info + TotalHigh + sizeof(ulong)) = 0;
        *(uint*)(info + MemoryUnit) = 1;
        return thread.World.TryWrite(args.A0, new ReadOnlySpan<byte>(info, InformationBytes)) ? 0 : -Errno.EFAULT;
    }

    private static long Random(LinuxThread thread, in SyscallArguments args)
    {
        const ulong KnownFlags = 7; // GRND_NONBLOCK, GRND_RANDOM, GRND_INSECURE
        if ((args.A2 & ~KnownFlags) != 0)
            return -Errno.EINVAL;
        byte* p = GuestVectors.Clip(thread.World, args.A0, Math.Min(args.A1, int.MaxValue), Access.Write, out nuint valid);
        return p == null ? -Errno.EFAULT : HostCalls.GetRandom(p, valid, (uint)args.A2);
    }
}
