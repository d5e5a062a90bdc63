using System.Diagnostics.CodeAnalysis;

namespace RvJit.Machine;

/// <summary>
/// The extensions that a hart has: closed under implication, free of contradiction, never changed. Two sets of the same
/// extensions are equal.
/// </summary>
public sealed class ExtensionSet : IEquatable<ExtensionSet>
{
    /// <summary>What Zicbom, Zicbop and Zicboz work on (Zic64b).</summary>
    public const int CacheBlockBytes = 64;

    private readonly HashSet<string> _names;
    private readonly string _isa;

    private ExtensionSet(HashSet<string> names)
    {
        _names = names;
        string[] inOrder = [.. Members.Select(extension => extension.Name)];
        _isa = "rv64" + string.Concat(inOrder.Where(name => name.Length == 1))
            + string.Concat(inOrder.Where(name => name.Length > 1).Select(name => "_" + name));
        for (char letter = 'a'; letter <= 'z'; letter++)
            Letters |= letter != 'g' && Contains(letter.ToString()) ? 1UL << (letter - 'a') : 0;
    }

    /// <summary>Everything that exists here; of a contradiction, what holds more.</summary>
    public static ExtensionSet Max { get; } = Of([.. Extensions.All.Select(extension => extension.Name).Where(name => name != "svade")]);

    /// <summary>Everything that is ratified; of a contradiction, what holds more.</summary>
    public static ExtensionSet Ratified { get; } =
        Of(Max.Members.Where(extension => extension.Kind != ExtensionKind.Unratified).Select(extension => extension.Name));

    /// <summary>The extensions, in the order of ISA strings, without bundles.</summary>
    public IEnumerable<Extension> Members => Extensions.All.Where(extension => _names.Contains(extension.Name));

    /// <summary>The set with these extensions and all that they imply; the names are known to be right.</summary>
    public static ExtensionSet Of(params IEnumerable<string> names) =>
        TryMake(names, out ExtensionSet? set, out string? error) ? set : throw new ArgumentException(error, nameof(names));

    /// <summary>Makes a set of names; <paramref name="error"/> is one line for the user.</summary>
    public static bool TryMake(IEnumerable<string> names, [NotNullWhen(true)] out ExtensionSet? set, [NotNullWhen(false)] out string? error)
    {
        set = null;
        error = null;
        var members = new HashSet<string>();
        var work = new Stack<string>(names);
        while (work.TryPop(out string? name))
        {
            if (Extensions.Find(name) is not { } extension)
            {
                error = $"extension '{name}' is not supported; supported are: {string.Join(' ', Extensions.All.Select(e => e.Name))}";
                return false;
            }

            if (extension.Kind != ExtensionKind.Bundle && !members.Add(name))
                continue;
            foreach (string implied in extension.Implies)
                work.Push(implied);

            // Unprivileged manual, "Zc*": C with D includes Zcd.
            if (members.Contains("c") && members.Contains("d") && !members.Contains("zcd"))
                work.Push("zcd");
        }

        foreach (Contradiction c in Extensions.Contradictions)
        {
            if (members.Contains(c.First) && members.Contains(c.Second))
                error = $"extensions '{c.First}' and '{c.Second}' contradict each other: {c.Why}";
        }

        if (!members.Contains("i"))
            error = "the base 'i' (or 'g') is missing";
        if (error is null)
            set = new ExtensionSet(members);
        return set is not null;
    }

    /// <summary>Bit n: the hart has the extension of the alphabet's nth letter, as in misa, where g has none.</summary>
    public ulong Letters { get; }

    /// <summary>Whether the hart has an extension, or all of a bundle.</summary>
    public bool Contains(string name) =>
        _names.Contains(name) || (Extensions.Find(name) is { Kind: ExtensionKind.Bundle } bundle && bundle.Implies.All(Contains));

    public bool Equals(ExtensionSet? other) => other is not null && _isa == other._isa;

    public override bool Equals(object? obj) => Equals(obj as ExtensionSet);

    public override int GetHashCode() => _isa.GetHashCode();

    /// <summary>The whole set as an ISA string, implied extensions included.</summary>
    public override string ToString() => _isa;
}
