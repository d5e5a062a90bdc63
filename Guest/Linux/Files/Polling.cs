using System.Runtime.CompilerServices;
using RvJit.Guest.Linux.Files.Host;
using RvJit.Machine;

namespace RvJit.Guest.Linux.Files;

/// <summary>ppoll and pselect6.</summary>
public sealed unsafe class Polling : ISyscallGroup
{
    private const int SelectBits = 1024;
    private const int WordBits = 64;
    private const short AnyRead = PollEvents.In | PollEvents.HangUp | PollEvents.Error | 0x40 | 0x80; // POLLRDNORM, POLLRDBAND
    private const short AnyWrite = PollEvents.Out | PollEvents.Error | 0x100 | 0x200; // POLLWRNORM, POLLWRBAND

    public void Register(SyscallTable table)
    {
        table.Add(72, "pselect6", Select);
        table.Add(73, "ppoll", Poll);
    }

    /// <summary>The deadline that a guest timeout sets; null for no timeout. 0, EFAULT or EINVAL.</summary>
    internal static long ReadTimeout(World world, ulong address, out long deadline)
    {
        deadline = ThreadWaker.Forever;
        if (address == 0)
            return 0;
        if (!world.TryRead(address, out TimeSpec time))
            return -Errno.EFAULT;
        if (!time.IsValid)
            return -Errno.EINVAL;
        deadline = ThreadWaker.After(time.Total);
        return 0;
    }

    private static long Poll(LinuxThread thread, in SyscallArguments args)
    {
        World world = thread.World;
        if (args.A1 > (ulong)thread.Process.Files.Table.Limit)
            return -Errno.EINVAL;
        int count = (int)args.A1;
        long error = ReadTimeout(world, args.A2, out long deadline);
        if (error == 0)
            error = SignalBridge.UseMask(thread, args.A3, args.A4);
        if (error < 0)
            return error;

        byte[] copy = new byte[(count + 1) * sizeof(PollEntry)];
        if (!world.TryRead(args.A0, copy.AsSpan(0, count * sizeof(PollEntry))))
            return -Errno.EFAULT;
        fixed (byte* bytes = copy)
        {
            var entries = (PollEntry*)bytes;
            long ready = Wait(thread, entries, count, deadline);
            UpdateTimeout(world, args.A2, deadline);
            if (ready < 0)
                return ready == -Errno.EINTR ? -Errno.ERESTARTNOHAND : ready;
            for (int i = 0; i < count; i++)
            {
                const int ReturnedOffset = 6;
                if (!world.TryWrite(args.A0 + (ulong)(i * sizeof(PollEntry)) + ReturnedOffset, entries[i].Returned))
                    return -Errno.EFAULT;
            }

            return ready;
        }
    }

    /// <summary>
    /// Polls guest descriptors; the events found stand in the entries. The files are held, so that a descriptor closed
    /// meanwhile is not waited for under a number that the host gave to something else.
    /// </summary>
    private static long Wait(LinuxThread thread, PollEntry* entries, int count, long deadline)
    {
        FileTable table = thread.Process.Files.Table;
        var held = new GuestFile?[count];
        short[] known = new short[count];
        int ready = 0;
        for (int i = 0; i < count; i++)
        {
            int fd = entries[i].Descriptor;
            entries[i].Descriptor = -1;
            entries[i].Returned = 0;
            if (fd < 0)
                continue;
            held[i] = table.Acquire((ulong)fd).File; // released below
            if (held[i] is not { } file)
                known[i] = PollEvents.Invalid;
            else if (file.HostDescriptor < 0)
                known[i] = file.Poll(entries[i].Events);
            else
                entries[i].Descriptor = file.HostDescriptor;
            if (known[i] != 0)
                ready++;
        }

        long result = thread.Waker.Wait(thread, entries, count, ready > 0 ? 0 : deadline);
        for (int i = 0; i < count; i++)
        {
            held[i]?.Release();
            entries[i].Returned |= known[i];
        }

        return ready == 0 ? result : ready + Math.Max(0, result);
    }

    /// <summary>Linux leaves in the timeout what was not waited, so that a call made again waits only the rest.</summary>
    private static void UpdateTimeout(World world, ulong address, long deadline)
    {
        if (address != 0 && deadline != ThreadWaker.Forever)
            _ = world.TryWrite(address, TimeSpec.Of(Math.Max(0, deadline - ThreadWaker.Now)));
    }

    private static long Select(LinuxThread thread, in SyscallArguments args)
    {
        World world = thread.World;
        int count = (int)args.A0;
        if (count < 0)
            return -Errno.EINVAL;
        count = Math.Min(count, SelectBits);
        int words = (count + WordBits - 1) / WordBits;
        ulong* sets = stackalloc ulong[3 * (SelectBits / WordBits)];
        var read = new Span<ulong>(sets, words);
        var write = new Span<ulong>(sets + (SelectBits / WordBits), words);
        var except = new Span<ulong>(sets + (2 * (SelectBits / WordBits)), words);
        long error = ReadSet(world, args.A1, read);
        error = error == 0 ? ReadSet(world, args.A2, write) : error;
        error = error == 0 ? ReadSet(world, args.A3, except) : error;
        error = error == 0 ? ReadTimeout(world, args.A4, out long deadline) : Ignore(error, out deadline);
        error = error == 0 ? UseSelectMask(thread, args.A5) : error;
        if (error < 0)
            return error;

        PollEntry* entries = stackalloc PollEntry[SelectBits + 1];
        int used = 0;
        for (int fd = 0; fd < count; fd++)
        {
            short events = (short)((Has(read, fd) ? PollEvents.In : 0) | (Has(write, fd) ? PollEvents.Out : 0)
                | (Has(except, fd) ? PollEvents.Priority : 0));
            if (events != 0)
                entries[used++] = new PollEntry(fd, events, 0);
        }

        int* descriptors = stackalloc int[used];
        for (int i = 0; i < used; i++)
            descriptors[i] = entries[i].Descriptor;
        long ready = Wait(thread, entries, used, deadline);
        UpdateTimeout(world, args.A4, deadline);
        if (ready < 0)
            return ready == -Errno.EINTR ? -Errno.ERESTARTNOHAND : ready;
        return Answer(world, args, entries, descriptors, used, read, write, except);
    }

    private static long Answer(
        World world, in SyscallArguments args, PollEntry* entries, int* descriptors, int used, Span<ulong> read, Span<ulong> write, Span<ulong> except)
    {
        long bits = 0;
        read.Clear();
        write.Clear();
        except.Clear();
        for (int i = 0; i < used; i++)
        {
            short found = entries[i].Returned;
            if ((found & PollEvents.Invalid) != 0)
                return -Errno.EBADF;
            short asked = entries[i].Events;
            bits += Mark(read, descriptors[i], (asked & PollEvents.In) != 0 && (found & AnyRead) != 0);
            bits += Mark(write, descriptors[i], (asked & PollEvents.Out) != 0 && (found & AnyWrite) != 0);
            bits += Mark(except, descriptors[i], (asked & PollEvents.Priority) != 0 && (found & PollEvents.Priority) != 0);
        }

        bool written = WriteSet(world, args.A1, read) && WriteSet(world, args.A2, write) && WriteSet(world, args.A3, except);
        return written ? bits : -Errno.EFAULT;
    }

    private static long Ignore(long error, out long deadline)
    {
        deadline = 0;
        return error;
    }

    /// <summary>The sixth argument points to a pair: address of the mask, and its size.</summary>
    private static long UseSelectMask(LinuxThread thread, ulong address)
    {
        if (address == 0)
            return 0;
        if (!thread.World.TryRead(address, out GuestVector mask))
            return -Errno.EFAULT;
        return SignalBridge.UseMask(thread, mask.Address, mask.Length);
    }

    private static long ReadSet(World world, ulong address, Span<ulong> set)
    {
        set.Clear();
        return address == 0 || world.TryRead(address, System.Runtime.InteropServices.MemoryMarshal.AsBytes(set)) ? 0 : -Errno.EFAULT;
    }

    private static bool WriteSet(World world, ulong address, Span<ulong> set) =>
        address == 0 || world.TryWrite(address, System.Runtime.InteropServices.MemoryMarshal.AsBytes(set));

    private static bool Has(Span<ulong> set, int fd) => (set[fd / WordBits] & (1UL << (fd % WordBits))) != 0;

    private static int Mark(Span<ulong> set, int fd, bool on)
    {
        if (on)
            set[fd / WordBits] |= 1UL << (fd % WordBits);
        return on ? 1 : 0;
    }
}
