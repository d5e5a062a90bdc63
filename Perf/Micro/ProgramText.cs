using System.Buffers.Binary;

namespace RvJit.Perf.Micro;

/// <summary>The instructions of an ELF file: its first executable section that is more than a few stubs.</summary>
internal static class ProgramText
{
    private const int SectionTable = 0x28, SectionSize = 0x3A, SectionCount = 0x3C;
    private const ulong Executable = 4;
    private const int LeastBytes = 0x1000;

    public static byte[] Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int table = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(SectionTable));
        int size = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(SectionSize));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(SectionCount));
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> section = file.AsSpan(table + (i * size), size);
            ulong flags = BinaryPrimitives.ReadUInt64LittleEndian(section[8..]);
            int offset = (int)BinaryPrimitives.ReadUInt64LittleEndian(section[24..]);
            int bytes = (int)BinaryPrimitives.ReadUInt64LittleEndian(section[32..]);
            if ((flags & Executable) != 0 && bytes >= LeastBytes)
                return file[offset..(offset + bytes)];
        }

        throw new InvalidOperationException($"{path} has no section of code");
    }
}
