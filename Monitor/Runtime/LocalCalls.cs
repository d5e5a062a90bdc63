using System.Runtime.InteropServices;
using System.Text;
using RvJit.Machine;

namespace RvJit.Monitor.Runtime;

/// <summary>Linux system calls that the runtime answers itself (Keystone runtime/call/linux_wrap.c).</summary>
internal sealed class LocalCalls(EnclaveAddressSpace space, SecurityMonitor monitor)
{
    private const ulong MapPrivateAnonymous = 0x22;
    private const ulong MapStack = 0x2_0000;
    private const ulong MapNoReserve = 0x4000;
    private const ulong DontNeed = 4;
    private const long EnclavePid = 2;
    private const int UnameField = 65;

    public static bool Handles(ulong number) => number
        is LinuxCall.ClockGettime or LinuxCall.RtSigaction or LinuxCall.RtSigprocmask
        or LinuxCall.Uname or LinuxCall.Getpid or LinuxCall.Brk or LinuxCall.Munmap or LinuxCall.Mmap
        or LinuxCall.Mprotect or LinuxCall.Madvise or LinuxCall.Getrandom;

    public long Serve(Hart hart, ulong number, ulong a0, ulong a1, ulong a2, ulong a3, ulong a4) => number switch
    {
        LinuxCall.RtSigaction or LinuxCall.RtSigprocmask => 0,
        LinuxCall.Getpid => EnclavePid,
        LinuxCall.Uname => Uname(a0),
        LinuxCall.ClockGettime => ClockGettime(a1),
        LinuxCall.Getrandom => Getrandom(hart, a0, a1),
        LinuxCall.Brk => space.TrySetBreak(a0, out ulong now) ? (long)now : (long)space.Break, // upstream: -1, which a libc takes for success
        LinuxCall.Mmap => Mmap(a1, a2, a3, a4),
        LinuxCall.Munmap => Munmap(a0, a1),
        LinuxCall.Madvise => Advise(a0, a1, a2),
        LinuxCall.Mprotect => space.TryProtect(a0, a1 / KeystoneAbi.PageSize, AccessOf(a2)) ? 0 : -1,
        _ => -1,
    };

    /// <summary>A word of the monitor's randomness at a time, each an SBI call.</summary>
    public long Getrandom(Hart hart, ulong address, ulong bytes)
    {
        for (ulong done = 0; done < bytes;)
        {
            ulong word = monitor.Random(hart).Value;
            int n = (int)Math.Min(8, bytes - done);
            if (!space.TryWrite(address + done, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in word))[..n]))
                return -1;
            done += (ulong)n;
        }

        return (long)bytes;
    }

    private long ClockGettime(ulong address)
    {
        long now = EnclaveClock.Now;
        return space.TryWrite(address, now / EnclaveClock.NanosecondsPerSecond)
            && space.TryWrite(address + sizeof(long), now % EnclaveClock.NanosecondsPerSecond) ? 0 : -1;
    }

    private long Advise(ulong address, ulong length, ulong advice)
    {
        if (advice == DontNeed)
            space.Clear(address, (length + KeystoneAbi.PageSize - 1) / KeystoneAbi.PageSize);
        return 0;
    }

    private long Uname(ulong address)
    {
        string[] fields = ["Linux", "Encl", "5.16.0", "Eyrie", "NA", ""];
        byte[] name = new byte[UnameField * fields.Length];
        for (int i = 0; i < fields.Length; i++)
            Encoding.ASCII.GetBytes(fields[i], name.AsSpan(i * UnameField));
        return space.TryWrite(address, name) ? 0 : -1;
    }

    private long Mmap(ulong length, ulong protection, ulong flags, ulong fd)
    {
        // Beyond upstream: what a libc says of stacks and arenas.
        if (((uint)flags & ~(MapStack | MapNoReserve)) != MapPrivateAnonymous || (int)fd != -1 || length == 0 || length > World.AddressLimit)
            return -1;
        ulong pages = (length + KeystoneAbi.PageSize - 1) / KeystoneAbi.PageSize;
        return space.TryFindHole(pages, out ulong address) && space.TryAllocate(address, pages, AccessOf(protection))
            ? (long)address
            : -1;
    }

    private long Munmap(ulong address, ulong length)
    {
        space.Release(address, length / KeystoneAbi.PageSize);
        return 0;
    }

    /// <summary>PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4 are the bits of <see cref="Access"/>.</summary>
    private static Access AccessOf(ulong protection) => (Access)(protection & 7);
}
