namespace RvJit.Cli;

/// <summary>
/// Guest files that the executable carries: written to a directory that only this user may enter, and removed with it
/// at the end.
/// </summary>
public sealed class EmbeddedFiles : IDisposable
{
    private const string Prefix = "guest/";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rvjit-guest-");

    public EmbeddedFiles(params IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            using Stream content = Open(name);
            using FileStream file = File.Create(PathOf(name));
            content.CopyTo(file);
        }
    }

    /// <summary>The contents of one of them.</summary>
    public static byte[] Read(string name)
    {
        using Stream content = Open(name);
        byte[] bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        return bytes;
    }

    public string PathOf(string name) => Path.Combine(_directory.FullName, name);

    public void Dispose() => _directory.Delete(recursive: true);

    private static Stream Open(string name) => typeof(EmbeddedFiles).Assembly.GetManifestResourceStream(Prefix + name)!;
}
