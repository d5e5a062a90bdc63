using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace RvJit.Machine;

/// <summary>
/// Reads ISA strings (unprivileged manual, "ISA Extension Naming Conventions") in any case and with versions, which
/// mean nothing here: "rv64gc_zba_zbb", "RV64I2P1_M", "max".
/// </summary>
public static partial class IsaString
{
    /// <summary>The name of everything that exists here.</summary>
    public const string Max = "max";

    private const string Base = "rv64";

    /// <summary>Makes the set; <paramref name="error"/> is one line for the user.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ExtensionSet? set, [NotNullWhen(false)] out string? error)
    {
        set = null;
        error = null;
        string isa = text.ToLowerInvariant();
        if (isa == Max)
        {
            set = ExtensionSet.Max;
            return true;
        }

        if (!isa.StartsWith(Base, StringComparison.Ordinal))
        {
            error = $"'{text}' is no ISA string for 64 bits: say rv64gc, rv64gc_zba_zbb or {Max}";
            return false;
        }

        var names = new List<string>();
        foreach (string word in isa[Base.Length..].Split('_'))
        {
            if (!TryWord(word, names))
            {
                error = $"'{word}' in '{text}' is malformed: say rv64gc, rv64gc_zba_zbb or {Max}";
                return false;
            }
        }

        if (ExtensionSet.TryMake(names, out set, out error))
            return true;
        error = $"'{text}': {error}";
        return false;
    }

    /// <summary>Single letters, perhaps with one longer name behind them.</summary>
    private static bool TryWord(string word, List<string> names)
    {
        Match match = Word().Match(word);
        names.AddRange(match.Groups["letter"].Captures.Select(letter => letter.Value));
        if (match.Groups["name"].Success)
            names.Add(match.Groups["name"].Value);
        return match.Success && word.Length > 0;
    }

    [GeneratedRegex(@"^((?<letter>[a-rt-wy])(\d+(p\d+)?)?)*((?<name>[sxz][a-z0-9]*?)(\d+p\d+)?)?$")]
    private static partial Regex Word();
}
