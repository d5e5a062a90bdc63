using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RvJit.Guest.Elf;

/// <summary>Validates the ELF header and the program headers. Nothing of the file is believed before it is checked.</summary>
internal readonly struct ElfReader(byte[] data, string path, ulong addressLimit)
{
    internal const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const ushort MachineRiscV = 243;
    private const uint FlagFloatAbi = 6;
    private const uint FlagRve = 8;
    private const ushort PhNumExtended = 0xFFFF;

    /// <summary>Linux refuses longer program header tables than this many bytes (fs/binfmt_elf.c, load_elf_phdrs).</summary>
    private const int ProgramHeadersLimit = 65536;

    private const int LongestInterpreter = 4096;

    public static bool TryReadBytes(string path, [NotNullWhen(true)] out byte[]? data, [NotNullWhen(false)] out string? error)
    {
        data = null;
        try
        {
            if (Directory.Exists(path))
            {
                error = $"{path} is a directory; name the program file itself";
                return false;
            }

            var info = new FileInfo(path);
            if (!info.Exists)
            {
                error = $"{path} does not exist; check the path";
                return false;
            }

            if (info.Length == 0)
            {
                error = $"{path} is empty or not a regular file; give a riscv64 ELF program";
                return false;
            }

            if (info.Length > Array.MaxLength)
            {
                error = $"{path} has {info.Length} bytes; programs over 2 GiB are not supported";
                return false;
            }

            data = File.ReadAllBytes(path);
            error = null;
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            error = $"{path} cannot be read; give yourself read permission on it (chmod +r)";
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            error = $"{path} cannot be read: {e.Message}";
        }

        return false;
    }

    /// <summary>Null and the file, or what is wrong with it.</summary>
    public string? Read(out ElfFile? file)
    {
        file = null;
        if (CheckIdentity() is { } identity)
            return identity;
        if (data.Length < HeaderSize)
            return $"{path} is truncated: {data.Length} bytes do not hold an ELF header; copy or build it again";
        if (CheckKind() is { } kind)
            return kind;

        ulong headers = U64(32);
        ushort entrySize = U16(54);
        ushort count = U16(56);
        if (count == 0)
            return $"{path} has no program headers, so there is nothing to load; link it into a program";
        if (entrySize != ProgramHeaderSize)
            return $"{path} has program headers of {entrySize} bytes instead of {ProgramHeaderSize}; the file is damaged";
        if (count == PhNumExtended || count * ProgramHeaderSize > ProgramHeadersLimit)
            return $"{path} has more program headers than Linux loads ({count}); the file is damaged";
        if (!Inside(headers, (ulong)count * ProgramHeaderSize))
            return $"{path} is truncated: its program headers lie outside the file; copy or build it again";

        var segments = new ElfSegment[count];
        for (int i = 0; i < count; i++)
            segments[i] = ReadSegment((int)headers + (i * ProgramHeaderSize));
        if (CheckLoadSegments(segments) is { } loads)
            return loads;
        if (ReadInterpreter(segments, out string? interpreter) is { } badInterpreter)
            return badInterpreter;

        file = new ElfFile(data, path, (ElfType)U16(16), U64(24), U32(48), headers, segments, interpreter);
        return null;
    }

    private string? CheckIdentity()
    {
        if (data.Length == 0)
            return $"{path} is empty; give a riscv64 ELF program";
        ReadOnlySpan<byte> magic = [0x7F, (byte)'E', (byte)'L', (byte)'F'];
        ReadOnlySpan<byte> start = data.AsSpan(0, Math.Min(4, data.Length));
        if (start.StartsWith("#!"u8))
            return $"{path} is a script; run its interpreter (a riscv64 ELF program) with the script as argument";
        if (!magic[..start.Length].SequenceEqual(start))
            return $"{path} is not an ELF file; give a program built for riscv64 Linux";
        return data.Length < 16
            ? $"{path} is truncated: {data.Length} bytes do not hold an ELF header; copy or build it again"
            : null;
    }

    private string? CheckKind()
    {
        if (data[4] == 1)
            return $"{path} is a 32-bit program; only rv64 is supported, build it with -march=rv64gc -mabi=lp64d";
        if (data[4] != 2)
            return $"{path} has ELF class {data[4]}, which does not exist; the file is damaged";
        if (data[5] == 2)
            return $"{path} is big-endian; build it for little-endian riscv64";
        if (data[5] != 1)
            return $"{path} has ELF data encoding {data[5]}, which does not exist; the file is damaged";
        ushort machine = U16(18);
        if (machine != MachineRiscV)
            return $"{path} is built for {MachineName(machine)}, not RISC-V; build it with a riscv64 compiler";
        if (data[6] != 1 || U32(20) != 1)
            return $"{path} has an ELF version other than 1; the file is damaged";
        var type = (ElfType)U16(16);
        if (type is not (ElfType.Executable or ElfType.Dynamic))
            return type switch
            {
                ElfType.Relocatable => $"{path} is an object file; link it into a program first",
                ElfType.Core => $"{path} is a core dump, not a program",
                _ => $"{path} has ELF type {(ushort)type}, which is no program; the file is damaged",
            };
        uint flags = U32(48);
        if ((flags & FlagRve) != 0)
            return $"{path} uses the RVE register set; build it for rv64gc";
        if ((flags & FlagFloatAbi) == FlagFloatAbi)
            return $"{path} uses the quad-precision float ABI; build it with -mabi=lp64d";
        return null;
    }

    private ElfSegment ReadSegment(int at) => new(
        U32(at), (ElfSegmentFlags)U32(at + 4), U64(at + 8), U64(at + 16), U64(at + 24), U64(at + 32), U64(at + 40), U64(at + 48));

    private string? CheckLoadSegments(ElfSegment[] segments)
    {
        bool any = false;
        for (int i = 0; i < segments.Length; i++)
        {
            ElfSegment s = segments[i];
            if (s.Type != ElfSegment.Load || s.MemorySize == 0)
            {
                if (s.Type == ElfSegment.Load && s.FileSize != 0)
                    return $"{path}: segment {i} has more bytes in the file than in memory; the file is damaged";
                continue;
            }

            any = true;
            if (s.FileSize > s.MemorySize)
                return $"{path}: segment {i} has more bytes in the file than in memory; the file is damaged";
            if (!Inside(s.Offset, s.FileSize))
                return $"{path} is truncated: segment {i} (0x{s.FileSize:x} bytes at offset 0x{s.Offset:x}) lies outside the file; copy or build it again";
            if (s.Address >= addressLimit || s.MemorySize > addressLimit - s.Address)
                return $"{path}: segment {i} at 0x{s.Address:x} (0x{s.MemorySize:x} bytes) ends past 0x{addressLimit:x}, the end of user memory; link it lower";
        }

        if (!any)
            return $"{path} has no loadable segment, so there is nothing to run; link it into a program";
        ElfSegment[] sorted = ElfFile.SortedLoads(segments);
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i - 1].End > sorted[i].Address)
                return $"{path}: the segments at 0x{sorted[i - 1].Address:x} and 0x{sorted[i].Address:x} overlap; the file is damaged";
        }

        return null;
    }

    private string? ReadInterpreter(ElfSegment[] segments, out string? interpreter)
    {
        interpreter = null;
        foreach (ElfSegment s in segments)
        {
            if (s.Type != ElfSegment.Interpreter)
                continue;
            if (interpreter is not null)
                return $"{path} names two ELF interpreters; the file is damaged";
            if (s.FileSize is < 2 or > LongestInterpreter || !Inside(s.Offset, s.FileSize))
                return $"{path}: the name of its ELF interpreter lies outside the file; copy or build it again";
            ReadOnlySpan<byte> name = data.AsSpan((int)s.Offset, (int)s.FileSize);
            int zero = name.IndexOf((byte)0);
            if (zero != name.Length - 1)
                return $"{path}: the name of its ELF interpreter is not one zero-terminated string; the file is damaged";
            interpreter = Encoding.UTF8.GetString(name[..zero]);
        }

        return null;
    }

    private bool Inside(ulong offset, ulong bytes) => offset <= (ulong)data.Length && bytes <= (ulong)data.Length - offset;

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(at));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(at));

    private ulong U64(int at) => BinaryPrimitives.ReadUInt64LittleEndian(data.AsSpan(at));

    private static string MachineName(ushort machine) => machine switch
    {
        3 => "x86 (i386)",
        8 => "MIPS",
        20 or 21 => "PowerPC",
        22 => "s390",
        40 => "Arm",
        62 => "x86-64",
        183 => "AArch64",
        258 => "LoongArch",
        _ => $"machine {machine}",
    };
}
