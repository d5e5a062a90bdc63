namespace RvJit.Tests.Support;

/// <summary>A directory of a test's own, removed with what is in it.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("rvjit-test-").FullName;

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes a file; its path.</summary>
    public string Write(string name, byte[] contents)
    {
        File.WriteAllBytes(PathOf(name), contents);
        return PathOf(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
