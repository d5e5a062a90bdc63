using System.Buffers.Binary;

namespace RvJit.Tests.Elf;

/// <summary>A small ELF program as bytes, with fields to spoil.</summary>
internal sealed class ElfBytes
{
    public const int HeaderSize = 64;
    public const int ProgramHeaderSize = 56;
    public const ulong TextAddress = 0x10000;
    public const ulong DataAddress = 0x12000;
    private const int FileSize = 0x3000;

    public byte[] Bytes { get; } = new byte[FileSize];

    public ElfBytes()
    {
        new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(Bytes, 0);
        U16(16, 2);
        U16(18, 243);
        U32(20, 1);
        U64(24, TextAddress + 0x1000);
        U64(32, HeaderSize);
        U32(48, 5);
        U16(52, HeaderSize);
        U16(54, ProgramHeaderSize);
        U16(56, 2);
        Segment(0, type: 1, flags: 5, offset: 0, address: TextAddress, fileSize: 0x1800, memorySize: 0x1800);
        Segment(1, type: 1, flags: 6, offset: 0x2000, address: DataAddress, fileSize: 0x800, memorySize: 0x3000);
    }

    public ElfBytes U8(int at, byte value)
    {
        Bytes[at] = value;
        return this;
    }

    public ElfBytes U16(int at, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Bytes.AsSpan(at), value);
        return this;
    }

    public ElfBytes U32(int at, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Bytes.AsSpan(at), value);
        return this;
    }

    public ElfBytes U64(int at, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Bytes.AsSpan(at), value);
        return this;
    }

    public ElfBytes Segment(int index, uint type, uint flags, ulong offset, ulong address, ulong fileSize, ulong memorySize)
    {
        int at = HeaderSize + (index * ProgramHeaderSize);
        return U32(at, type).U32(at + 4, flags).U64(at + 8, offset).U64(at + 16, address).U64(at + 24, address)
            .U64(at + 32, fileSize).U64(at + 40, memorySize).U64(at + 48, 0x1000);
    }
}
