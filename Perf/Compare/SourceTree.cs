using RvJit.Cli;

namespace RvJit.Perf.Compare;

/// <summary>The source tree that this executable was built from: it holds the guest programs.</summary>
public sealed class SourceTree
{
    public SourceTree()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (!File.Exists(Path.Combine(at.FullName, "RvJit.sln")))
                continue;
            Root = at.FullName;
            return;
        }

        throw new BadInputException("the source tree with the guest programs is gone: run this with 'dotnet run --project Perf'");
    }

    public string Root { get; }

    public string Programs => Path.Combine(Root, "Guest", "Programs");

    public string PublishedRvJit => Path.Combine(Root, "artifacts", "rvjit", "rvjit");

    public string Prebuilt(string file) => Path.Combine(Programs, "prebuilt", file);

    /// <summary>The C files of a program that also runs natively: those of the directory named like it, or one of linux/.</summary>
    public IReadOnlyList<string> Sources(string file)
    {
        string directory = Path.Combine(Programs, file);
        return Directory.Exists(directory)
            ? [.. Directory.EnumerateFiles(directory, "*.c").Order(StringComparer.Ordinal)]
            : [Path.Combine(Programs, "linux", file + ".c")];
    }
}
