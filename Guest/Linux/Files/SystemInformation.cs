using System.Buffers.Binary;
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

    /// <summary>struct sysinfo is the same on all 64-bit machines (112 bytes); memory is the guest's.</summary>
    [SkipLocalsInit]
    private static long Information(LinuxThread thread, in SyscallArguments args)
    {
        const int Size = 112;
        const int TotalRam = 32; // and freeram after it
        const int MemoryUnit = 104;
        byte* buffer = stackalloc byte[512]; // the host's C library may have a longer one
        long error = HostCalls.SystemInformation(buffer);
        if (error < 0)
            return error;
        var info = new Span<byte>(buffer, Size);
        ulong unit = Math.Max(1, BinaryPrimitives.ReadUInt32LittleEndian(info[MemoryUnit..]));
        ulong ram = thread.Process.Memory.Size / unit;
        BinaryPrimitives.WriteUInt64LittleEndian(info[TotalRam..], ram);
        ulong free = Math.Min(ram, BinaryPrimitives.ReadUInt64LittleEndian(info[(TotalRam + 8)..]));
        BinaryPrimitives.WriteUInt64LittleEndian(info[(TotalRam + 8)..], free);
        info.Slice(TotalRam + 16, 32).Clear(); // sharedram, bufferram, totalswap, freeswap: as /proc/meminfo says
        return thread.World.TryWrite(args.A0, info) ? 0 : -Errno.EFAULT;
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
