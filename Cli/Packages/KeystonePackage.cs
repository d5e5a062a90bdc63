using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace RvJit.Cli.Packages;

/// <summary>
/// A Keystone package (NAME.ke): what makeself makes of a directory and a command, a shell script with a compressed
/// archive behind its last line (Keystone sdk/macros.cmake, add_keystone_package; makeself-header.sh). The script is not
/// executed: its variables say where the archive starts and what is to be run. Extracted to a directory that only this user
/// may enter, and removed with it.
/// </summary>
public sealed partial class KeystonePackage : IDisposable
{
    private const string Extension = ".ke";
    private const long LargestFile = 1L << 30;
    private const long MostBytes = 2L << 30;
    private const int MostEntries = 4096;
    private const int LongestHeader = 1 << 20;

    private readonly DirectoryInfo _directory = System.IO.Directory.CreateTempSubdirectory("rvjit-package-");

    private KeystonePackage()
    {
    }

    /// <summary>Where its files are.</summary>
    public string Directory => _directory.FullName;

    /// <summary>The command lines that it stands for, in order.</summary>
    public IReadOnlyList<string[]> Commands { get; private set; } = [];

    public static bool IsPackage(string path) => path.EndsWith(Extension, StringComparison.Ordinal) && File.Exists(path);

    /// <summary>Opens a package or says in one line what is wrong with it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="arguments">What the user adds to its command.</param>
    public static KeystonePackage Open(string path, IEnumerable<string> arguments)
    {
        var package = new KeystonePackage();
        try
        {
            package.Read(path, [.. arguments]);
            return package;
        }
        catch (Exception e)
        {
            package.Dispose();
            throw e is IOException or InvalidDataException or UnauthorizedAccessException or FormatException or ArgumentException or OverflowException
                ? new BadInputException($"{path} cannot be unpacked: {e.Message}")
                : e;
        }
    }

    public void Dispose() => _directory.Delete(recursive: true);

    [GeneratedRegex("^skip=\"?([0-9]{1,6})\"?$", RegexOptions.Multiline)]
    private static partial Regex Skip();

    /// <summary>Older makeself has the number in the command.</summary>
    [GeneratedRegex("^offset=`head -n ([0-9]{1,6}) ", RegexOptions.Multiline)]
    private static partial Regex OldSkip();

    [GeneratedRegex("^filesizes=\"([0-9]{1,12})\"$", RegexOptions.Multiline)]
    private static partial Regex FileSize();

    [GeneratedRegex("^script=\"(.*)\"$", RegexOptions.Multiline)]
    private static partial Regex Script();

    [GeneratedRegex("^scriptargs=\"(.*)\"$", RegexOptions.Multiline)]
    private static partial Regex ScriptArguments();

    private void Read(string path, string[] arguments)
    {
        using FileStream file = File.OpenRead(path);
        if (file.Length > LargestFile)
            throw new BadInputException($"{path} has {file.Length >> 20} MiB, more than any package");
        byte[] start = new byte[Math.Min(file.Length, LongestHeader)];
        file.ReadExactly(start);
        string header = Encoding.Latin1.GetString(start);
        string lines = Value(Skip(), header) ?? Value(OldSkip(), header)
            ?? throw new BadInputException($"{path} is no Keystone package: makeself's script does not say where its archive starts");
        int offset = EndOfLine(header, int.Parse(lines, CultureInfo.InvariantCulture));
        string size = Value(FileSize(), header) ?? throw new BadInputException($"{path} is no Keystone package: there is no single archive in it");
        long bytes = long.Parse(size, CultureInfo.InvariantCulture);
        if (offset < 0 || bytes > file.Length - offset)
            throw new BadInputException($"{path} is cut short: its archive is not all there");

        file.Position = offset;
        byte[] archive = new byte[bytes];
        file.ReadExactly(archive);
        using var tar = new TarReader(new GZipStream(new MemoryStream(archive), CompressionMode.Decompress));
        Extract(path, tar);
        string[] command = [.. PackageScript.Words(Value(Script(), header) ?? ""), .. PackageScript.Words(Value(ScriptArguments(), header) ?? "")];
        Commands = PackageScript.Commands(path, Directory, [.. command, .. arguments]);
    }

    /// <summary>Files and directories below the package's own directory, nothing else, and not too much of them.</summary>
    private void Extract(string path, TarReader tar)
    {
        long total = 0;
        for (int entries = 0; tar.GetNextEntry() is { } entry; entries++)
        {
            if (entries == MostEntries || entry.Length > MostBytes - total)
                throw new BadInputException($"{path} holds more than a package can need");
            total += entry.Length;
            string target = Path.GetFullPath(Path.Join(Directory, entry.Name));
            bool isInside = target == Directory || target.StartsWith(Directory + Path.DirectorySeparatorChar, StringComparison.Ordinal);
            if (!isInside || Path.IsPathRooted(entry.Name))
                throw new BadInputException($"{path} holds {entry.Name}, which lies outside of the package");
            switch (entry.EntryType)
            {
                case TarEntryType.Directory:
                    System.IO.Directory.CreateDirectory(target);
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                    System.IO.Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                    entry.ExtractToFile(target, overwrite: false);
                    break;
                default:
                    throw new BadInputException($"{path} holds {entry.Name}, which is neither a file nor a directory");
            }
        }
    }

    private static string? Value(Regex pattern, string header) =>
        pattern.Match(header) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>Where the line after that many lines starts, or -1.</summary>
    private static int EndOfLine(string text, int lines)
    {
        int at = 0;
        for (int i = 0; i < lines; i++)
        {
            int end = text.IndexOf('\n', at);
            if (end < 0)
                return -1;
            at = end + 1;
        }

        return at;
    }
}
