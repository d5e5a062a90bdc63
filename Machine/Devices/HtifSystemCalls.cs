using RvJit.Machine.Board;

namespace RvJit.Machine.Devices;

/// <summary>
/// System calls that a program without a kernel asks the host for: eight words in its memory, number and arguments,
/// the first of which becomes the result (riscv-isa-sim, fesvr "syscall"). Files of the host are out of reach: only
/// writing to the console and ending are served.
/// </summary>
internal sealed class HtifSystemCalls(DmaMemory memory, ICharacterPort port)
{
    // Linux's numbers (include/uapi/asm-generic/unistd.h, errno-base.h).
    private const ulong Write = 64;
    private const ulong Exit = 93;
    private const ulong StandardOutput = 1;
    private const ulong StandardError = 2;
    private const long BadDescriptor = 9;
    private const long BadAddress = 14;
    private const long NoSuchCall = 38;

    private const int Words = 8;
    private const int ChunkBytes = 4096;

    /// <summary>Performs the call at an address; an exit code when it ends the program.</summary>
    public int? Perform(ulong address)
    {
        Span<ulong> call = stackalloc ulong[Words];
        for (int i = 0; i < Words; i++)
        {
            if (!memory.TryReadValue(address + ((ulong)i * sizeof(ulong)), out call[i]))
                return null;
        }

        if (call[0] == Exit)
            return (int)call[1];
        long result = call[0] == Write ? WriteBytes(call[1], call[2], call[3]) : -NoSuchCall;
        memory.TryWriteValue(address, (ulong)result);
        return null;
    }

    private long WriteBytes(ulong descriptor, ulong address, ulong length)
    {
        if (descriptor is not (StandardOutput or StandardError))
            return -BadDescriptor;
        if (!memory.Contains(address, length))
            return -BadAddress;
        Span<byte> chunk = stackalloc byte[ChunkBytes];
        for (ulong done = 0; done < length;)
        {
            Span<byte> part = chunk[..(int)Math.Min(ChunkBytes, length - done)];
            memory.TryRead(address + done, part);
            port.Write(part);
            done += (ulong)part.Length;
        }

        return (long)length;
    }
}
