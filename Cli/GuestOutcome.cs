using RvJit.Cli.Statistics;
using RvJit.Guest.Linux;

namespace RvJit.Cli;

/// <summary>How a guest ended.</summary>
/// <param name="ExitCode">What a shell reports: the guest's exit status, or 128 and the signal that killed it.</param>
/// <param name="Statistics">The counts, when they were asked for.</param>
/// <param name="Measurements">Of each enclave that ran, in the order of their first entry.</param>
/// <param name="Limit">Where the limit of instructions ended it, if that did.</param>
/// <param name="TimedOut">It was ended because nobody wanted to wait longer.</param>
public sealed record GuestOutcome(
    int ExitCode, RunStatistics? Statistics, IReadOnlyList<ReadOnlyMemory<byte>> Measurements, LimitReached? Limit = null, bool TimedOut = false);
