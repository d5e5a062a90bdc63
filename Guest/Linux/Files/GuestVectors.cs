using System.Runtime.CompilerServices;
using RvJit.Guest.Linux.Files.Host;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Files;

/// <summary>struct iovec as the guest writes it.</summary>
internal readonly record struct GuestVector(ulong Address, ulong Length);

/// <summary>From guest buffers to host pointers, with Linux's answer to buffers that are valid only in part.</summary>
internal static unsafe class GuestVectors
{
    /// <summary>UIO_MAXIOV.</summary>
    public const int Most = 1024;

    /// <summary>MAX_RW_COUNT: what one call moves at most.</summary>
    public const ulong MostBytes = 0x7ffff000;

    /// <summary>
    /// The longest valid start of a buffer: null when not even its first byte is. Linux copies page by page and stops
    /// at the first fault, so a transfer is as long as that start.
    /// </summary>
    public static byte* Clip(World world, ulong address, ulong length, Access access, out nuint valid)
    {
        byte* whole = world.TryPointer(address, length, access);
        if (whole != null)
        {
            valid = (nuint)length;
            return whole;
        }

        ulong done = 0;
        byte* start = null;
        while (done < length)
        {
            ulong at = address + done;
            ulong chunk = Math.Min(HostMemory.PageSize - (at & (HostMemory.PageSize - 1)), length - done);
            byte* p = world.TryPointer(at, chunk, access);
            if (p == null)
                break;
            if (done == 0)
                start = p;
            done += chunk;
        }

        valid = (nuint)done;
        return start;
    }

    /// <summary>Reads an iovec array: the number of entries, EINVAL or EFAULT.</summary>
    public static long Read(World world, ulong address, ulong count, Span<GuestVector> vectors)
    {
        if (count > Most)
            return -Errno.EINVAL;
        if (!world.TryRead(address, System.Runtime.InteropServices.MemoryMarshal.AsBytes(vectors[..(int)count])))
            return -Errno.EFAULT;
        foreach (GuestVector v in vectors[..(int)count])
        {
            if ((long)v.Length < 0)
                return -Errno.EINVAL;
        }

        return (long)count;
    }

    /// <summary>
    /// Host pointers for guest buffers, leaving out their first <paramref name="skip"/> bytes: the number of entries,
    /// or EFAULT when nothing is valid though something was asked for.
    /// </summary>
    public static long Import(World world, ReadOnlySpan<GuestVector> guest, Access access, ulong skip, HostVector* host, out ulong total)
    {
        int count = 0;
        bool fault = false;
        total = 0;
        foreach (GuestVector v in guest)
        {
            if (skip >= v.Length)
            {
                skip -= v.Length;
                continue;
            }

            ulong length = Math.Min(v.Length - skip, MostBytes - total);
            if (length == 0)
                break;
            byte* p = Clip(world, v.Address + skip, length, access, out nuint valid);
            fault = valid < length;
            if (valid != 0)
            {
                host[count].Base = p;
                host[count++].Length = valid;
                total += valid;
            }

            skip = 0;
            if (fault)
                break;
        }

        return count == 0 && fault ? -Errno.EFAULT : count;
    }

    /// <summary>The host has filled the first <paramref name="bytes"/> bytes of guest buffers; none after an error.</summary>
    public static void NoteWritten(World world, ReadOnlySpan<GuestVector> guest, long bytes)
    {
        foreach (GuestVector v in guest)
        {
            if (bytes <= 0)
                return;
            world.NoteNativeWrite(v.Address, Math.Min(v.Length, (ulong)bytes));
            bytes -= (long)v.Length;
        }
    }
}

/// <summary>Reads and writes between guest buffers and files, waiting where the guest expects to wait.</summary>
internal static unsafe class Transfers
{
    /// <summary>
    /// Buffers are looked up after each wait, never before: what the guest maps may change while a thread waits.
    /// </summary>
    [SkipLocalsInit]
    public static long Read(LinuxThread thread, GuestFile file, ReadOnlySpan<GuestVector> guest, long offset)
    {
        HostVector* host = stackalloc HostVector[guest.Length];
        while (true)
        {
            if (file.WaitsBeforeReading)
            {
                long waited = file.Await(thread, PollEvents.In);
                if (waited < 0)
                    return waited;
            }

            long count = GuestVectors.Import(thread.World, guest, Access.Write, 0, host, out _);
            if (count < 0)
                return count;
            long done = file.Read(thread, host, (int)count, offset);
            GuestVectors.NoteWritten(thread.World, guest, done);
            if (done == -Errno.EINTR && file is HostFile)
                continue;
            if (done != -Errno.EAGAIN || !file.Blocks)
                return done;
            long result = file.Await(thread, PollEvents.In);
            if (result < 0)
                return result;
        }
    }

    /// <summary>A blocking write goes on until everything is written; an interruption or error leaves what was done.</summary>
    [SkipLocalsInit]
    public static long Write(LinuxThread thread, GuestFile file, ReadOnlySpan<GuestVector> guest, long offset)
    {
        HostVector* host = stackalloc HostVector[guest.Length];
        ulong done = 0;
        while (true)
        {
            long count = GuestVectors.Import(thread.World, guest, Access.Read, done, host, out ulong total);
            long result = count < 0 ? count : file.Write(thread, host, (int)count, offset);
            if (result == -Errno.EINTR && file is HostFile)
                continue;
            if (result == -Errno.EAGAIN && file.Blocks)
            {
                result = file.Await(thread, PollEvents.Out);
                if (result == 0)
                    continue;
            }

            if (result == -Errno.EPIPE)
                SignalBridge.BrokenPipe(thread);
            if (result < 0)
                return done > 0 ? (long)done : result;
            done += (ulong)result;
            if ((ulong)result >= total || result == 0 || !file.Blocks || offset >= 0)
                return (long)done;
        }
    }
}
