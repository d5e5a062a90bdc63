namespace RvJit.Fuzz.Server;

/// <summary>Rights of a segment (elf.h, PF_).</summary>
[Flags]
internal enum SegmentRights : uint
{
    Execute = 1,
    Write = 2,
    Read = 4,
}

/// <param name="Address">Where it is loaded; the start of a page.</param>
/// <param name="Bytes">What the file holds of it; zeros follow in memory.</param>
/// <param name="MemoryBytes">How long it is in memory.</param>
/// <param name="Rights">How it may be accessed.</param>
internal sealed record Segment(ulong Address, byte[] Bytes, int MemoryBytes, SegmentRights Rights);

/// <summary>Makes a statically linked riscv64 executable: a header, program headers, segments (elf.h).</summary>
internal static class ElfWriter
{
    private const int HeaderBytes = 64, ProgramHeaderBytes = 56, Alignment = 0x1000;
    private const ushort Executable = 2, RiscV = 243;
    private const uint Load = 1, CompressedAndDouble = 5; // e_flags: EF_RISCV_RVC, EF_RISCV_FLOAT_ABI_DOUBLE

    public static byte[] Write(ulong entry, IReadOnlyList<Segment> segments)
    {
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write([0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        writer.Write(Executable);
        writer.Write(RiscV);
        writer.Write(1u);
        writer.Write(entry);
        writer.Write((ulong)HeaderBytes);
        writer.Write(0UL);
        writer.Write(CompressedAndDouble);
        writer.Write((ushort)HeaderBytes);
        writer.Write((ushort)ProgramHeaderBytes);
        writer.Write((ushort)segments.Count);
        writer.Write((ushort)0);
        writer.Write((ushort)0);
        writer.Write((ushort)0);
        ulong offset = Alignment;
        foreach (Segment s in segments)
        {
            writer.Write(Load);
            writer.Write((uint)s.Rights);
            writer.Write(offset);
            writer.Write(s.Address);
            writer.Write(s.Address);
            writer.Write((ulong)s.Bytes.Length);
            writer.Write((ulong)s.MemoryBytes);
            writer.Write((ulong)Alignment);
            offset = (offset + (ulong)s.Bytes.Length + Alignment - 1) & ~(ulong)(Alignment - 1);
        }

        foreach (Segment s in segments)
        {
            writer.Write(new byte[(Alignment - (file.Length % Alignment)) % Alignment]);
            writer.Write(s.Bytes);
        }

        writer.Flush();
        return file.ToArray();
    }
}
