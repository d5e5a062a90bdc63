using System.Globalization;
using RvJit.Cli;

namespace RvJit.Perf.Compare;

/// <summary>What <c>compare</c> was asked for.</summary>
public sealed record CompareOptions
{
    public const int DefaultRuns = 5;
    public const double DefaultFailAbove = 1.10;
    private const int QuickRuns = 3;
    private const int MostRuns = 1000;
    private const int MostFactor = 100;
    private const int LongestTimeout = 24 * 3600;

    public int Runs { get; init; } = DefaultRuns;

    /// <summary>Names as given, NAME or NAME:REPEAT; empty means all.</summary>
    public IReadOnlyList<string> Programs { get; init; } = [];

    public string? RvJit { get; init; }

    /// <summary>Another rvjit that takes part as a peer.</summary>
    public string? Against { get; init; }

    /// <summary>An earlier result (<see cref="JsonFile"/>) to hold this one to.</summary>
    public string? Baseline { get; init; }

    /// <summary>By what factor a ratio may be worse than in the baseline.</summary>
    public double FailAbove { get; init; } = DefaultFailAbove;

    /// <summary>Further emulators: a name, and the words before PROGRAM ARGUMENT...</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<string> Command)> OtherPeers { get; init; } = [];

    public string? Tier { get; init; }

    /// <summary>Whether rvjit's interpreter alone takes part as a peer.</summary>
    public bool WithInterpreter { get; init; }

    public string? Qemu { get; init; }

    public bool WithQemu { get; init; } = true;

    public bool WithNative { get; init; } = true;

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(300);

    public string? JsonFile { get; init; }

    public static CompareOptions Parse(IReadOnlyList<string> words)
    {
        var options = new CompareOptions();
        var seen = new HashSet<string>();
        for (int i = 0; i < words.Count; i++)
        {
            string name = words[i];
            string? value = null;
            if (name.StartsWith("--", StringComparison.Ordinal) && name.IndexOf('=') is > 0 and int at)
                (name, value) = (name[..at], name[(at + 1)..]);
            if (!seen.Add(name) && name != "--peer")
                throw new BadInputException($"option {name} is given more than once");
            options = name switch
            {
                "--quick" when value is null => options with { Programs = ProgramSet.Quick },
                "--interp" when value is null => options with { WithInterpreter = true },
                "--no-qemu" when value is null => options with { WithQemu = false },
                "--no-native" when value is null => options with { WithNative = false },
                "--runs" => options with { Runs = Number(name, Value(), MostRuns) },
                "--timeout" => options with { Timeout = TimeSpan.FromSeconds(Number(name, Value(), LongestTimeout)) },
                "--programs" => options with { Programs = List(Value()) },
                "--rvjit" => options with { RvJit = ExistingFile(Value()) },
                "--against" => options with { Against = ExistingFile(Value()) },
                "--baseline" => options with { Baseline = ExistingFile(Value()) },
                "--fail-above" => options with { FailAbove = Factor(name, Value()) },
                "--peer" => options with { OtherPeers = [.. options.OtherPeers, OtherPeer(Value(), options.OtherPeers)] },
                "--qemu" => options with { Qemu = ExistingFile(Value()) },
                "--tier" => options with { Tier = OneOf(name, Value(), "auto", "interp", "jit") },
                "--json" => options with { JsonFile = WritableFile(Value()) },
                _ when name.StartsWith('-') => throw new BadInputException($"compare has no option '{words[i]}'; see --help"),
                _ => throw new BadInputException($"unexpected argument '{name}'; programs are given with --programs"),
            };

            string Value() => value ?? (++i < words.Count
                ? words[i]
                : throw new BadInputException($"option {name} needs a value; see --help"));
        }

        if (seen.Contains("--quick") && seen.Contains("--programs"))
            throw new BadInputException("--quick chooses the programs: leave out --programs, or --quick");
        if (seen.Contains("--fail-above") && options.Baseline is null)
            throw new BadInputException("--fail-above needs --baseline FILE");
        return seen.Contains("--quick") && !seen.Contains("--runs") ? options with { Runs = QuickRuns } : options;
    }

    private static int Number(string option, string text, int most) =>
        int.TryParse(text, NumberStyles.None, null, out int number) && number >= 1 && number <= most
            ? number
            : throw new BadInputException($"{option} {text} is not a number from 1 to {most}");

    private static double Factor(string option, string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double factor) && factor is >= 1 and <= MostFactor
            ? factor
            : throw new BadInputException($"{option} {text} is not a factor from 1 to {MostFactor}, as 1.10");

    /// <summary>NAME=COMMAND; the command is split at spaces and is not given to a shell.</summary>
    private static (string Name, IReadOnlyList<string> Command) OtherPeer(
        string text, IReadOnlyList<(string Name, IReadOnlyList<string> Command)> before)
    {
        int at = text.IndexOf('=');
        string name = text[..Math.Max(at, 0)];
        string[] command = text[(at + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (name.Length == 0 || command.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            throw new BadInputException($"--peer '{text}' is not NAME=COMMAND with a name of letters, digits and '-'");
        if (Peer.Reserved.Contains(name) || before.Any(peer => peer.Name == name))
            throw new BadInputException($"--peer {name}: there is already a peer of that name");
        string program = Tools.Find(command[0]) ?? throw new BadInputException($"--peer {name}: there is no program {command[0]}");
        return (name, [program, .. command[1..]]);
    }

    private static string[] List(string text)
    {
        string[] names = text.Split(',', StringSplitOptions.TrimEntries);
        return names.Any(string.IsNullOrEmpty)
            ? throw new BadInputException($"--programs '{text}' has an empty name; say --programs A,B,C")
            : names;
    }

    private static string OneOf(string option, string text, params string[] allowed) => allowed.Contains(text)
        ? text
        : throw new BadInputException($"{option} {text}: say {string.Join(", ", allowed[..^1])} or {allowed[^1]}");

    private static string ExistingFile(string path) => File.Exists(path)
        ? Path.GetFullPath(path)
        : throw new BadInputException($"no file {path}");

    /// <summary>Known before an hour of measuring, not after it.</summary>
    private static string WritableFile(string path)
    {
        if (path.Length == 0 || Directory.Exists(path))
            throw new BadInputException($"--json '{path}' is not a file");
        string full = Path.GetFullPath(path);
        return Directory.Exists(Path.GetDirectoryName(full))
            ? full
            : throw new BadInputException($"--json {path}: there is no directory {Path.GetDirectoryName(full)}");
    }
}
