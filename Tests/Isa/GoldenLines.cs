namespace RvJit.Tests.Isa;

/// <summary>What GNU objdump 2.44 says (Golden/README.md), mnemonic and operands divided by a tab.</summary>
internal static class GoldenLines
{
    private const string Folder = "Golden";

    /// <summary>Address of the first instruction of each extension's wide golden lines.</summary>
    public const ulong WideBase = 0x4000_0000;

    /// <summary>Every halfword whose low bits are not 11, in order, from address 0 on, without and with aliases.</summary>
    public static IEnumerable<(uint Bits, ulong Pc, string Exact, string Friendly)> Compressed() =>
        Enumerable.Range(0, 0x10000).Where(bits => (bits & 3) != 3)
            .Zip(RecordedText.Lines(Folder, "compressed"), (bits, line) => ((uint)bits, Texts: line.Split('|')))
            .Select((line, n) => (line.Item1, 2 * (ulong)n, line.Texts[0], line.Texts[^1]));

    /// <summary>Random instances of every 32-bit row.</summary>
    public static IEnumerable<(uint Word, ulong Pc, string Exact, string Friendly)> Wide() =>
        RecordedText.Names(Folder, "wide-").SelectMany(name => RecordedText.Lines(Folder, name)
            .Select((line, n) => (Texts: line.Split('|'), Pc: WideBase + (4 * (ulong)n)))
            .Select(line => (Convert.ToUInt32(line.Texts[0], 16), line.Pc, line.Texts[1], line.Texts[2])));

    /// <summary>Name or hexadecimal number of each CSR.</summary>
    public static string[] Csrs() => [.. RecordedText.Lines(Folder, "csr")];
}
