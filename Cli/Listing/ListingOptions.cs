using RvJit.Machine;

namespace RvJit.Cli.Listing;

/// <param name="File">Host path of the ELF file.</param>
/// <param name="Section">Only this section; null for every executable one.</param>
/// <param name="Start">First address.</param>
/// <param name="Stop">One past the last address.</param>
/// <param name="Aliases">Write li, mv, ret instead of the instructions that they stand for.</param>
public sealed record ListingOptions(string File, string? Section = null, ulong Start = 0, ulong Stop = ulong.MaxValue, bool Aliases = true)
{
    /// <summary>What is outside of these is listed as data.</summary>
    public ExtensionSet Extensions { get; init; } = ExtensionSet.Max;
}
