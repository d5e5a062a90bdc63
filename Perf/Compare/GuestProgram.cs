using RvJit.Cli;

namespace RvJit.Perf.Compare;

/// <summary>One row: a prebuilt guest program with its arguments.</summary>
/// <param name="Name">As it was asked for and is printed.</param>
/// <param name="File">Name in Guest/Programs/prebuilt, and of the native twin.</param>
/// <param name="IsStartUp">Measures starting and ending, not computing: stays out of geometric means.</param>
public sealed record GuestProgram(string Name, string File, IReadOnlyList<string> Arguments, bool IsStartUp = false)
{
    public const string KernelsFile = "kernels";
    public const string HelloFile = "hello";
    private const int MostRepeats = 1_000_000_000;

    /// <summary>Resolves names; every name when none is given.</summary>
    public static IReadOnlyList<GuestProgram> Select(IReadOnlyList<string> names, IReadOnlyList<string> kernels)
    {
        if (names.Count == 0)
            names = [HelloFile, .. kernels];
        return [.. names.Distinct().Select(name => Resolve(name, kernels))];
    }

    private static GuestProgram Resolve(string name, IReadOnlyList<string> kernels)
    {
        if (name == HelloFile)
            return new GuestProgram(name, HelloFile, [], IsStartUp: true);
        string[] parts = name.Split(':');
        if (!kernels.Contains(parts[0]))
            throw new BadInputException($"no program '{parts[0]}': there are {HelloFile}, {string.Join(", ", kernels)}");
        if (parts.Length == 1)
            return new GuestProgram(name, KernelsFile, [name]);
        if (parts.Length > 2 || !int.TryParse(parts[1], System.Globalization.NumberStyles.None, null, out int repeat)
            || repeat is < 1 or > MostRepeats)
            throw new BadInputException($"'{name}' is not NAME:REPEAT with a repeat from 1 to {MostRepeats}");
        return new GuestProgram(name, KernelsFile, parts);
    }
}
