using RvJit.Machine;

namespace RvJit.Cli.Statistics;

/// <summary>Edge calls of all enclaves of a run.</summary>
/// <param name="Count">Calls begun.</param>
/// <param name="MinimumTransitions">Fewest privilege transitions that one call took; 0 without calls.</param>
/// <param name="MaximumTransitions">Most.</param>
public sealed record EdgeCallCounts(long Count, long MinimumTransitions, long MaximumTransitions);

/// <summary>What one run of a guest took. Times in milliseconds.</summary>
public sealed record RunStatistics
{
    public required int ExitCode { get; init; }

    /// <summary>From the first guest instruction to the last.</summary>
    public required double Milliseconds { get; init; }

    public required ulong Instructions { get; init; }

    public required int Harts { get; init; }

    public required EngineStatistics Engine { get; init; }

    public required IReadOnlyList<KeyValuePair<TrapCause, long>> Traps { get; init; }

    public required IReadOnlyList<KeyValuePair<TransitionKind, long>> Transitions { get; init; }

    public required EdgeCallCounts EdgeCalls { get; init; }

    /// <summary>Millions of guest instructions a second.</summary>
    public double Mips => Milliseconds > 0 ? Instructions / Milliseconds / 1000 : 0;
}
