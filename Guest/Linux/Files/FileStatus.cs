using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace RvJit.Guest.Linux.Files;

/// <summary>What stat(2) tells about a file, free of any machine's layout.</summary>
public record struct FileStatus
{
    public const uint FileTypeMask = 0xF000;
    public const uint Fifo = 0x1000;
    public const uint CharacterDevice = 0x2000;
    public const uint Directory = 0x4000;
    public const uint Regular = 0x8000;
    public const uint SymbolicLink = 0xA000;
    public const uint Socket = 0xC000;

    /// <summary>Bytes of struct stat on riscv64.</summary>
    public const int GuestSize = 128;

    /// <summary>Bytes of struct statx, on every machine.</summary>
    public const int StatxSize = 256;

    /// <summary>STATX_BASIC_STATS: what struct stat needs.</summary>
    public const uint BasicMask = 0x7ff;

    public ulong Device;
    public ulong Inode;
    public uint Mode;
    public uint Links;
    public uint User;
    public uint Group;
    public ulong SpecialDevice;
    public long Size;
    public uint BlockSize;
    public ulong Blocks;
    public FileTime Accessed;
    public FileTime Modified;
    public FileTime Changed;

    public readonly uint Type => Mode & FileTypeMask;

    /// <summary>Reads struct statx (linux/stat.h), whose layout is the same for every machine.</summary>
    public static FileStatus FromStatx(ReadOnlySpan<byte> statx) => new()
    {
        BlockSize = MemoryMarshal.Read<uint>(statx[4..]),
        Links = MemoryMarshal.Read<uint>(statx[16..]),
        User = MemoryMarshal.Read<uint>(statx[20..]),
        Group = MemoryMarshal.Read<uint>(statx[24..]),
        Mode = MemoryMarshal.Read<ushort>(statx[28..]),
        Inode = MemoryMarshal.Read<ulong>(statx[32..]),
        Size = MemoryMarshal.Read<long>(statx[40..]),
        Blocks = MemoryMarshal.Read<ulong>(statx[48..]),
        Accessed = TimeAt(statx, 64),
        Changed = TimeAt(statx, 96),
        Modified = TimeAt(statx, 112),
        SpecialDevice = EncodeDevice(MemoryMarshal.Read<uint>(statx[128..]), MemoryMarshal.Read<uint>(statx[132..])),
        Device = EncodeDevice(MemoryMarshal.Read<uint>(statx[136..]), MemoryMarshal.Read<uint>(statx[140..])),
    };

    /// <summary>
    /// Writes struct stat of riscv64 (asm-generic/stat.h): st_dev 0, st_ino 8, st_mode 16, st_nlink 20, st_uid 24,
    /// st_gid 28, st_rdev 32, st_size 48, st_blksize 56, st_blocks 64, st_atime 72, st_mtime 88, st_ctime 104.
    /// </summary>
    public readonly void WriteGuest(Span<byte> stat)
    {
        stat.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(stat, Device);
        BinaryPrimitives.WriteUInt64LittleEndian(stat[8..], Inode);
        BinaryPrimitives.WriteUInt32LittleEndian(stat[16..], Mode);
        BinaryPrimitives.WriteUInt32LittleEndian(stat[20..], Links);
        BinaryPrimitives.WriteUInt32LittleEndian(stat[24..], User);
        BinaryPrimitives.WriteUInt32LittleEndian(stat[28..], Group);
        BinaryPrimitives.WriteUInt64LittleEndian(stat[32..], SpecialDevice);
        BinaryPrimitives.WriteInt64LittleEndian(stat[48..], Size);
        BinaryPrimitives.WriteUInt32LittleEndian(stat[56..], BlockSize);
        BinaryPrimitives.WriteUInt64LittleEndian(stat[64..], Blocks);
        WriteTime(stat[72..], Accessed);
        WriteTime(stat[88..], Modified);
        WriteTime(stat[104..], Changed);
    }

    /// <summary>Writes struct statx of a file that the host does not know.</summary>
    public readonly void WriteStatx(Span<byte> statx)
    {
        statx.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(statx, BasicMask);
        BinaryPrimitives.WriteUInt32LittleEndian(statx[4..], BlockSize);
        BinaryPrimitives.WriteUInt32LittleEndian(statx[16..], Links);
        BinaryPrimitives.WriteUInt32LittleEndian(statx[20..], User);
        BinaryPrimitives.WriteUInt32LittleEndian(statx[24..], Group);
        BinaryPrimitives.WriteUInt16LittleEndian(statx[28..], (ushort)Mode);
        BinaryPrimitives.WriteUInt64LittleEndian(statx[32..], Inode);
        BinaryPrimitives.WriteInt64LittleEndian(statx[40..], Size);
        BinaryPrimitives.WriteUInt64LittleEndian(statx[48..], Blocks);
    }

    private static FileTime TimeAt(ReadOnlySpan<byte> statx, int offset) =>
        new(MemoryMarshal.Read<long>(statx[offset..]), MemoryMarshal.Read<uint>(statx[(offset + 8)..]));

    private static void WriteTime(Span<byte> to, FileTime time)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to, time.Seconds);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], time.Nanoseconds);
    }

    /// <summary>new_encode_dev (linux/kdev_t.h), widened as glibc's makedev does.</summary>
    private static ulong EncodeDevice(uint major, uint minor) =>
        ((ulong)(major & 0xfffff000) << 32) | ((ulong)(major & 0xfff) << 8) | ((ulong)(minor & 0xffffff00) << 12) | (minor & 0xff);
}

/// <summary>A time stamp of a file.</summary>
public readonly record struct FileTime(long Seconds, uint Nanoseconds);
