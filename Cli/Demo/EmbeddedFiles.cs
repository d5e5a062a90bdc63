using System.Reflection;

namespace RvJit.Cli.Demo;

/// <summary>
/// The demo's guest files, which the executable carries: written to a directory that only this user may enter, and
/// removed with it at the end.
/// </summary>
public sealed class EmbeddedFiles : IDisposable
{
    private const string Prefix = "demo/";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rvjit-demo-");

    public EmbeddedFiles()
    {
        Assembly assembly = typeof(EmbeddedFiles).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using Stream content = assembly.GetManifestResourceStream(name)!;
            using FileStream file = File.Create(PathOf(name[Prefix.Length..]));
            content.CopyTo(file);
        }
    }

    /// <summary>The contents of one of them.</summary>
    public static byte[] Read(string name)
    {
        using Stream content = typeof(EmbeddedFiles).Assembly.GetManifestResourceStream(Prefix + name)!;
        byte[] bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        return bytes;
    }

    public string PathOf(string name) => Path.Combine(_directory.FullName, name);

    public void Dispose() => _directory.Delete(recursive: true);
}
