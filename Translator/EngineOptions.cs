using RvJit.Translator.Inspection;
using RvJit.Translator.Isa;
using RvJit.Translator.Profiling;
using RvJit.Translator.Regions;

namespace RvJit.Translator;

/// <summary>How guest code is run.</summary>
public enum Tier
{
    /// <summary>Interpret first, translate what is entered often, on a background thread.</summary>
    Auto,

    /// <summary>Only the interpreter.</summary>
    Interp,

    /// <summary>Translate at first execution; interpret only what translated code leaves to it. For tests.</summary>
    Jit,
}

/// <param name="Tier">Which tiers run guest code.</param>
/// <param name="CountInstructions">Keep the count of retired instructions exact in translated code too (a few per cent).</param>
public sealed record EngineOptions(Tier Tier = Tier.Auto, bool CountInstructions = false)
{
    /// <summary>
    /// Whether machine harts leave exactly when they have retired <see cref="RvJit.Machine.HartState.RetiredLimit"/>
    /// instructions (<see cref="RvJit.Machine.HartRequests.Limit"/>).
    /// </summary>
    public bool Limited { get; init; }

    /// <summary>Gets every region that is made; none, by default.</summary>
    public RegionLog? Log { get; init; }

    /// <summary>Samples where harts are; none, by default.</summary>
    public Profiler? Profiler { get; init; }

    /// <summary>What regions are careful about before anything has failed; for tests of what they do then.</summary>
    public RegionCare Care { get; init; }

    /// <summary>The instructions that harts have; all others are illegal.</summary>
    public InstructionSet Instructions
    {
        get => field ?? InstructionSet.Max;
        init;
    }
}
