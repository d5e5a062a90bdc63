using System.Globalization;
using System.Text.RegularExpressions;

namespace RvJit.Tests.Translator.CodeQuality;

/// <summary>What one fragment became. Bytes are of the whole region.</summary>
public sealed record FragmentSize(string Name, int Instructions, int IlBytes, int MachineBytes)
{
    /// <summary>Whether it takes more bytes for an instruction than another translation of the same fragment.</summary>
    public bool IsWorseThan(FragmentSize other) =>
        IsMore(IlBytes, other.IlBytes, other) || IsMore(MachineBytes, other.MachineBytes, other);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Instructions,4} instructions {IlBytes,6} IL ({PerInstruction(IlBytes):0.0}) {MachineBytes,6} machine ({PerInstruction(MachineBytes):0.0})");

    private double PerInstruction(int bytes) => (double)bytes / Instructions;

    private bool IsMore(int mine, int others, FragmentSize other) => (long)mine * other.Instructions > (long)others * Instructions;
}

/// <summary>The sizes of all fragments, as a text file that people read in a diff.</summary>
public sealed partial record FragmentSizes(string Runtime, IReadOnlyList<FragmentSize> Fragments)
{
    private const string RuntimeLine = "# .NET ";

    /// <summary>Parts of the program that only call the fragments.</summary>
    private static readonly string[] _frame = ["_start", "run_tests", "run_fragments"];

    public static FragmentSizes Read(string path)
    {
        string[] lines = File.ReadAllLines(path);
        return new FragmentSizes(
            lines.Single(line => line.StartsWith(RuntimeLine, StringComparison.Ordinal))[RuntimeLine.Length..],
            [.. lines.Where(line => line.Length > 0 && line[0] != '#').Select(ParseLine)]);
    }

    public void Write(string path) => File.WriteAllText(path, string.Concat(
    [
        "# What the fragments of Guest/Programs/fragments become: bytes of IL and of x86-64-v3 machine code.\n",
        "# docs/testing.md, \"Code quality\", says how to write this file anew.\n",
        $"{RuntimeLine}{Runtime}\n",
        string.Create(CultureInfo.InvariantCulture, $"# {"fragment",-18}{"instructions",14}{"IL",8}{"machine",10}\n"),
        .. Fragments.Select(f => string.Create(
            CultureInfo.InvariantCulture, $"{f.Name,-20}{f.Instructions,14}{f.IlBytes,8}{f.MachineBytes,10}\n")),
    ]));

    /// <summary>Takes the sizes out of what <c>--dump-region all</c> prints: the regions that begin where a function does.</summary>
    public static FragmentSizes OfDump(string dump) => new(
        $"{Environment.Version.Major}.{Environment.Version.Minor}",
        [
            .. RegionLine().Matches(dump)
                .Select(match => new FragmentSize(match.Groups["name"].Value, Number(match, "instructions"), Number(match, "il"), Number(match, "machine")))
                .Where(fragment => !_frame.Contains(fragment.Name))
                .OrderBy(fragment => fragment.Name, StringComparer.Ordinal),
        ]);

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    private static FragmentSize ParseLine(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int[] numbers = [.. words[1..].Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
        return new FragmentSize(words[0], numbers[0], numbers[1], numbers[2]);
    }

    [GeneratedRegex(@"^region 0x[0-9a-f]+ <(?<name>\w+)> of [^:]*: (?<instructions>\d+) instructions? in \d+ blocks?, (?<il>\d+) bytes of IL \([^)]*\), (?<machine>\d+) bytes of machine code", RegexOptions.Multiline)]
    private static partial Regex RegionLine();
}
