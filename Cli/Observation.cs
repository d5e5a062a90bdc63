using RvJit.Cli.Inspection;

namespace RvJit.Cli;

/// <summary>What is asked about the instructions that a guest executes.</summary>
/// <param name="MostInstructions">Instructions that each hart may execute, or none to let it run on.</param>
/// <param name="ExactInstret">Count instructions exactly in translated code too.</param>
/// <param name="Trace">File for a line about each instruction, "-" for standard output.</param>
public sealed record Observation(ulong? MostInstructions = null, bool ExactInstret = false, string? Trace = null)
{
    /// <summary>mcycle counts instructions, too, so that runs repeat.</summary>
    public bool CyclesAreInstructions => ExactInstret || Trace is not null;

    /// <summary>File for where the guest's time goes; null for none.</summary>
    public string? Profile { get; init; }

    /// <summary>Regions to print at the end.</summary>
    public IReadOnlyList<RegionChoice> Regions { get; init; } = [];
}
