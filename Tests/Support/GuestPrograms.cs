using System.Buffers.Binary;

namespace RvJit.Tests.Support;

/// <summary>The guest programs that the repository carries (Guest/Programs/README.md), and damaged copies of them.</summary>
public static class GuestPrograms
{
    public static string Directory { get; } = Environment.GetEnvironmentVariable("RVJIT_PROGRAMS") is { Length: > 0 } given
        ? given
        : Repository.PathOf("Guest", "Programs", "prebuilt");

    public static string Hello => PathOf("hello");

    public static string LinuxTests => PathOf("linux-tests");

    public static string Kernels => PathOf("kernels");

    public static string HostRunner => PathOf("host-runner");

    public static string PathOf(string name) => Path.Combine(Directory, name);

    /// <summary>A copy of <c>hello</c> with something wrong with it.</summary>
    public static void WriteDamagedHello(string path, Action<DamagedElf> damage)
    {
        var elf = new DamagedElf(File.ReadAllBytes(Hello));
        damage(elf);
        File.WriteAllBytes(path, elf.Bytes);
    }
}

/// <summary>ELF fields by their names in elf.h, for making files that lie.</summary>
public sealed class DamagedElf(byte[] bytes)
{
    private const int ProgramHeaderSize = 56;
    private const uint Load = 1;

    public byte[] Bytes { get; private set; } = bytes;

    public void Truncate(int length) => Bytes = Bytes[..length];

    /// <summary>e_ident[EI_CLASS]: 1 for 32 bits.</summary>
    public byte Class { set => Bytes[4] = value; }

    /// <summary>e_machine.</summary>
    public ushort Machine { set => BinaryPrimitives.WriteUInt16LittleEndian(Bytes.AsSpan(18), value); }

    /// <summary>e_entry.</summary>
    public ulong Entry { set => Write(24, value); }

    /// <summary>e_phoff.</summary>
    public ulong ProgramHeaders { set => Write(32, value); get => Read(32); }

    public void SetLoadAddress(int index, ulong address) => Write(LoadHeader(index) + 16, address);

    public void SetLoadFileSize(int index, ulong size) => Write(LoadHeader(index) + 32, size);

    public void SetLoadMemorySize(int index, ulong size) => Write(LoadHeader(index) + 40, size);

    private int LoadHeader(int index)
    {
        int count = BinaryPrimitives.ReadUInt16LittleEndian(Bytes.AsSpan(56));
        for (int i = 0; i < count; i++)
        {
            int at = (int)ProgramHeaders + (i * ProgramHeaderSize);
            if (BinaryPrimitives.ReadUInt32LittleEndian(Bytes.AsSpan(at)) == Load && index-- == 0)
                return at;
        }

        throw new ArgumentOutOfRangeException(nameof(index));
    }

    private ulong Read(int at) => BinaryPrimitives.ReadUInt64LittleEndian(Bytes.AsSpan(at));

    private void Write(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Bytes.AsSpan(at), value);
}
