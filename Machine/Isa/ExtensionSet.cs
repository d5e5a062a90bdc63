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

    /// <summary>Whether each extension of <see cref="Extensions.All"/> is in the set.</summary>
    private readonly bool[] _members;
    private string? _isa;

    private ExtensionSet(bool[] members)
    {
        _members = members;
        for (int k = 0; k < members.Length; k++)
        {
            if (members[k] && Extensions.All[k].Name is [var letter])
                Letters |= 1UL << (letter - 'a');
        }

        HasCounters = Contains("zicntr");
        if (Contains("b"))
            Letters |= 1UL << ('b' - 'a');
    }

    /// <summary>Everything that exists here; of a contradiction, what holds more.</summary>
    public static ExtensionSet Max => field ??= Of([.. Extensions.All.Select(extension => extension.Name).Where(name => name != "svade")]);

    /// <summary>Everything that is ratified; of a contradiction, what holds more.</summary>
    public static ExtensionSet Ratified => field ??=
        Of([.. Max.Members.Where(extension => extension.Kind != ExtensionKind.Unratified).Select(extension => extension.Name)]);

    /// <summary>The extensions, in the order of ISA strings, without bundles.</summary>
    public IEnumerable<Extension> Members => Extensions.All.Where((_, place) => _members[place]);

    /// <summary>The set with these extensions and all that they imply; the names are known to be right.</summary>
    public static ExtensionSet Of(params string[] names) =>
        TryMake(names, out ExtensionSet? set, out string? error) ? set : throw new ArgumentException(error, nameof(names));

    /// <summary>Makes a set of names; <paramref name="error"/> is one line for the user.</summary>
    public static bool TryMake(IReadOnlyList<string> names, [NotNullWhen(true)] out ExtensionSet? set, [NotNullWhen(false)] out string? error)
    {
        set = null;
        error = null;
        bool[] members = new bool[Extensions.All.Count];
        var work = new List<string>(names);
        while (work.Count > 0)
        {
            string name = work[^1];
            work.RemoveAt(work.Count - 1);
            int place = Extensions.PlaceOf(name);
            if (place < 0)
            {
                error = $"extension '{name}' is not supported; supported are: {string.Join(' ', Extensions.All.Select(e => e.Name))}";
                return false;
            }

            Extension extension = Extensions.All[place];
            if (members[place])
                continue;
            members[place] = extension.Kind != ExtensionKind.Bundle;
            foreach (string implied in extension.Implies)
                work.Add(implied);

            // Unprivileged manual, "Zc*": C with D includes Zcd.
            if (Has("c") && Has("d") && !Has("zcd"))
                work.Add("zcd");
        }

        foreach (Contradiction c in Extensions.Contradictions)
        {
            if (Has(c.First) && Has(c.Second))
                error = $"extensions '{c.First}' and '{c.Second}' contradict each other: {c.Why}";
        }

        if (!Has("i"))
            error = "the base 'i' (or 'g') is missing";
        if (error is null)
            set = new ExtensionSet(members);
        return set is not null;

        bool Has(string name) => members[Extensions.PlaceOf(name)];
    }

    /// <summary>Bit n: the hart has the extension of the alphabet's nth letter, as in misa, where g has none.</summary>
    public ulong Letters { get; }

    /// <summary>Zicntr, kept at hand because programs read counters in loops.</summary>
    public bool HasCounters { get; }

    /// <summary>Whether <see cref="Letters"/> has the bit of a letter from a to z: quicker than by name.</summary>
    public bool HasLetter(char letter) => (Letters >> (letter - 'a') & 1) != 0;

    /// <summary>Whether the hart has an extension, or all of a bundle.</summary>
    public bool Contains(string name) =>
        Extensions.PlaceOf(name) is var place and >= 0
        && (_members[place] || (Extensions.All[place].Kind == ExtensionKind.Bundle && Extensions.All[place].Implies.All(Contains)));

    public bool Equals(ExtensionSet? other) => other is not null && _members.AsSpan().SequenceEqual(other._members);

    public override bool Equals(object? obj) => Equals(obj as ExtensionSet);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The whole set as an ISA string, implied extensions included.</summary>
    public override string ToString() => _isa ??= "rv64"
        + string.Concat(Members.Select(extension => extension.Name).Where(name => name.Length == 1))
        + string.Concat(Members.Select(extension => extension.Name).Where(name => name.Length > 1).Select(name => "_" + name));
}
