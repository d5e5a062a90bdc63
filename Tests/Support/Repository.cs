namespace RvJit.Tests.Support;

/// <summary>The source tree that the running test assembly was built from.</summary>
public static class Repository
{
    private static readonly string[] _generated = [".git", "bin", "obj", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts"];

    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Every source file, relative to the root, without what builds leave behind.</summary>
    public static IEnumerable<string> Files() => Files(Root).Select(path => Path.GetRelativePath(Root, path));

    private static IEnumerable<string> Files(string directory)
    {
        foreach (string file in Directory.EnumerateFiles(directory))
            yield return file;
        foreach (string sub in Directory.EnumerateDirectories(directory))
        {
            if (_generated.Contains(Path.GetFileName(sub)) || new DirectoryInfo(sub).LinkTarget is not null)
                continue;
            foreach (string file in Files(sub))
                yield return file;
        }
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "RvJit.sln")))
                return at.FullName;
        }

        throw new InvalidOperationException($"no RvJit.sln above {AppContext.BaseDirectory}: the tests read the source tree they were built from");
    }
}
