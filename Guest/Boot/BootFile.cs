using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using RvJit.Guest.Elf;

namespace RvJit.Guest.Boot;

/// <summary>What a file is that somebody wants to boot.</summary>
internal static class BootFile
{
    // struct riscv_image_header (Linux, Documentation/arch/riscv/boot-image-header.rst).
    private const int ImageHeaderBytes = 64;
    private const int ImageSizeField = 16;
    private const int ImageMagicField = 56;
    private const uint ImageMagic = 0x0543_5352;

    public static bool TryRead(string path, [NotNullWhen(true)] out byte[]? data, [NotNullWhen(false)] out string? error) =>
        ElfReader.TryReadBytes(path, out data, out error);

    public static bool IsElf(byte[] data) => data.AsSpan().StartsWith("\u007fELF"u8);

    /// <summary>Why these bytes are surely no code, or null.</summary>
    public static string? Refuse(string path, byte[] data)
    {
        if (data.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return $"{path} is compressed; unpack it first (gunzip)";
        return data.AsSpan().StartsWith("#!"u8) ? $"{path} is a script; give an ELF file or a raw image" : null;
    }

    /// <summary>The memory a kernel image needs with what it clears at its start; 0 for other files.</summary>
    public static ulong KernelMemoryBytes(byte[] data) =>
        data.Length >= ImageHeaderBytes && BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(ImageMagicField)) == ImageMagic
            ? BinaryPrimitives.ReadUInt64LittleEndian(data.AsSpan(ImageSizeField))
            : 0;
}
