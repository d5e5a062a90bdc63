using System.IO.Compression;

namespace RvJit.Tests.Isa;

/// <summary>What GNU objdump 2.40 says (Golden/README.md), mnemonic and operands divided by a tab.</summary>
internal static class GoldenLines
{
    /// <summary>Address of the first instruction of the wide golden lines.</summary>
    public const ulong WideBase = 0x4000_0000;

    /// <summary>Every halfword whose low bits are not 11, in order, from address 0 on, without and with aliases.</summary>
    public static IEnumerable<(uint Bits, ulong Pc, string Exact, string Friendly)> Compressed()
    {
        ulong pc = 0;
        using StreamReader lines = Open("compressed.txt.gz");
        for (uint bits = 0; bits <= 0xFFFF; bits++)
        {
            if ((bits & 3) == 3)
                continue;
            string[] texts = lines.ReadLine()!.Split('|');
            yield return (bits, pc, texts[0], texts[^1]);
            pc += 2;
        }
    }

    /// <summary>Random instances of every 32-bit row.</summary>
    public static IEnumerable<(uint Word, ulong Pc, string Exact, string Friendly)> Wide()
    {
        ulong pc = WideBase;
        using StreamReader lines = Open("wide.txt.gz");
        while (lines.ReadLine() is { } line)
        {
            string[] texts = line.Split('|');
            yield return (Convert.ToUInt32(texts[0], 16), pc, texts[1], texts[2]);
            pc += 4;
        }
    }

    /// <summary>Name or hexadecimal number of each CSR.</summary>
    public static string[] Csrs()
    {
        using StreamReader lines = Open("csr.txt.gz");
        return lines.ReadToEnd().TrimEnd('\n').Split('\n');
    }

    private static StreamReader Open(string name) => new(new GZipStream(
        typeof(GoldenLines).Assembly.GetManifestResourceStream($"RvJit.Tests.Isa.Golden.{name}")
            ?? throw new InvalidOperationException($"The test assembly does not contain {name}."),
        CompressionMode.Decompress));
}
