using System.Buffers;
using System.Text;

namespace RvJit.Cli.Packages;

/// <summary>
/// The command of a package: a program of it with arguments, or a script of it whose lines are such commands and echo
/// (Keystone examples/tests/CMakeLists.txt writes one). More of the shell is not understood, and is refused.
/// </summary>
public static class PackageScript
{
    private const string Echo = "echo";
    private const int LargestScript = 1 << 16;

    private static readonly SearchValues<char> _shellCharacters = SearchValues.Create("$`|&;<>(){}*?~");

    /// <summary>Command lines; one that starts with echo is to be printed.</summary>
    public static IReadOnlyList<string[]> Commands(string package, string directory, string[] command)
    {
        if (command.Length == 0)
            throw new BadInputException($"{package} does not say what is to be run");
        string program = Path.Join(directory, command[0]);
        if (!File.Exists(program))
            throw new BadInputException($"{package} wants to run {command[0]}, which is not in it");
        if (IsProgram(program))
            return [command];
        if (new FileInfo(program).Length > LargestScript)
            throw new BadInputException($"{package}: {command[0]} is neither a program nor a short script");

        var commands = new List<string[]>();
        foreach (string line in File.ReadAllLines(program))
        {
            string text = line.Trim();
            if (text.Length == 0 || text[0] == '#')
                continue;
            string[] words = Words(text);
            bool isKnown = words[0] == Echo || (words[0].StartsWith("./", StringComparison.Ordinal) && IsProgram(Path.Join(directory, words[0])));
            if (!isKnown || Unquoted(text).AsSpan().ContainsAny(_shellCharacters))
                throw new BadInputException($"{package}: the line '{text}' of {command[0]} is no command of the package with plain arguments");
            commands.Add(words);
        }

        return commands;
    }

    public static bool IsEcho(string[] command) => command[0] == Echo;

    /// <summary>Words as a shell splits them, without expansions; quotes are taken off.</summary>
    public static string[] Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        char quote = '\0';
        bool inWord = false;
        foreach (char c in text)
        {
            if (quote != '\0' ? c == quote : c is '\'' or '"')
            {
                quote = quote == '\0' ? c : '\0';
                inWord = true;
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (inWord)
                    words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }

        if (inWord)
            words.Add(word.ToString());
        return [.. words];
    }

    /// <summary>What stands outside of single quotes.</summary>
    private static string Unquoted(string text) => string.Concat(text.Split('\'').Where((_, i) => i % 2 == 0));

    private static bool IsProgram(string path)
    {
        Span<byte> magic = stackalloc byte[4];
        if (!File.Exists(path))
            return false;
        using FileStream file = File.OpenRead(path);
        return file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual("\u007fELF"u8);
    }
}
