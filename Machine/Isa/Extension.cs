namespace RvJit.Machine;

/// <summary>What an extension adds.</summary>
public enum ExtensionKind
{
    /// <summary>Instructions or counters of every privilege level.</summary>
    Unprivileged,

    /// <summary>Something that only machine and supervisor mode see.</summary>
    Privileged,

    /// <summary>No instruction, but a promise that programs may rely on.</summary>
    Promise,

    /// <summary>Not ratified, or nobody's but ours: harts have it where it is named, and in max.</summary>
    Unratified,

    /// <summary>A name for several extensions; no member of a set.</summary>
    Bundle,
}

/// <summary>An extension of the instruction set that exists here.</summary>
/// <param name="Name">As in an ISA string, lower case.</param>
/// <param name="Description">What it is, for people.</param>
/// <param name="Implies">What it cannot be without, or what a bundle is made of.</param>
public sealed record Extension(string Name, ExtensionKind Kind, string Description, params IReadOnlyList<string> Implies);
