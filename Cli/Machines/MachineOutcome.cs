using RvJit.Cli.Statistics;
using RvJit.Machine.Board;

namespace RvJit.Cli.Machines;

/// <summary>How a machine ended.</summary>
public sealed record MachineOutcome(MachineExit Exit, RunStatistics? Statistics);
