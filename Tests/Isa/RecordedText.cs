using System.IO.Compression;

namespace RvJit.Tests.Isa;

/// <summary>The packed text files beside these tests: Golden/NAME.txt.gz, Vectors/NAME.txt.gz.</summary>
internal static class RecordedText
{
    private const string Ending = ".txt.gz";

    /// <summary>The files of a folder whose names begin so.</summary>
    public static IEnumerable<string> Names(string folder, string beginning = "") =>
        typeof(RecordedText).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix(folder) + beginning, StringComparison.Ordinal))
            .Select(name => name[Prefix(folder).Length..^Ending.Length])
            .Order(StringComparer.Ordinal);

    public static IEnumerable<string> Lines(string folder, string name)
    {
        using Stream packed = typeof(RecordedText).Assembly.GetManifestResourceStream(Prefix(folder) + name + Ending)
            ?? throw new InvalidOperationException($"The test assembly does not contain {folder}/{name}{Ending}.");
        using var text = new StreamReader(new GZipStream(packed, CompressionMode.Decompress));
        while (text.ReadLine() is { } line)
            yield return line;
    }

    private static string Prefix(string folder) => $"RvJit.Tests.Isa.{folder}.";
}
