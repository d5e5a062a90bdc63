using System.Runtime.InteropServices;

namespace RvJit.Fuzz.Guest;

/// <summary>What generated programs find where, under qemu and in our worlds alike. Everything else faults.</summary>
internal static class Layout
{
    public const int PageBytes = 0x1000;

    /// <summary>The serving program under qemu; it jumps to <see cref="Code"/> with one jal, so it stands within 1 MiB.</summary>
    public const ulong Server = 0x0FF0_0000;

    /// <summary>Its buffers and signal stack.</summary>
    public const ulong ServerData = 0x0FE0_0000;
    public const int ServerDataBytes = 0x10000;

    /// <summary>Readable, writable, executable; breakpoints wherever the program is not.</summary>
    public const ulong Code = 0x1000_0000;
    public const int CodeBytes = 0x10000;

    public const ulong Data = 0x2000_0000;
    public const int DataBytes = 0x4000;

    /// <summary>Constants: may only be read.</summary>
    public const ulong Pool = 0x2000_8000;
    public const int PoolBytes = 0x1000;

    /// <summary>The last page of an Sv39 process.</summary>
    public const ulong Top = (1UL << 38) - TopBytes;
    public const int TopBytes = 0x1000;

    /// <summary>Ends a program. Its wide form only reports the state.</summary>
    public const ushort End = 0x9002;

    /// <summary>Code with breakpoints behind it, up to a length.</summary>
    public static byte[] Padded(ReadOnlySpan<byte> code, int bytes)
    {
        byte[] padded = new byte[bytes];
        MemoryMarshal.Cast<byte, ushort>(padded.AsSpan()).Fill(End);
        code.CopyTo(padded);
        return padded;
    }
}
