using RvJit.Machine;

namespace RvJit.Guest.Linux.Files;

/// <summary>Zero-terminated strings of the guest.</summary>
internal static unsafe class GuestText
{
    /// <summary>
    /// Copies a string with its zero: its length, EFAULT, or ENAMETOOLONG when there is no zero in the first
    /// <paramref name="size"/> bytes. The copy is what is checked and used, whatever other threads of the guest do.
    /// </summary>
    public static int Read(World world, ulong address, byte* buffer, int size)
    {
        int done = 0;
        while (done < size)
        {
            ulong at = address + (ulong)done;
            int chunk = (int)Math.Min(HostMemory.PageSize - (at & (HostMemory.PageSize - 1)), (ulong)(size - done));
            byte* p = world.TryPointer(at, (ulong)chunk, Access.Read);
            if (p == null)
                return -Errno.EFAULT;
            var copy = new Span<byte>(buffer + done, chunk);
            new ReadOnlySpan<byte>(p, chunk).CopyTo(copy);
            int zero = copy.IndexOf((byte)0);
            if (zero >= 0)
                return done + zero;
            done += chunk;
        }

        return -Errno.ENAMETOOLONG;
    }
}
