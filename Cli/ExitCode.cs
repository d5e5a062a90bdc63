namespace RvJit.Cli;

/// <summary>Exit codes of rvjit's own; a guest's pass through.</summary>
public static class ExitCode
{
    public const int Success = 0;

    /// <summary>The guest could not be run or rvjit was asked for something that it does not have.</summary>
    public const int BadInput = 2;

    /// <summary>A hart of a machine cannot go on: a trap without a handler, or a loop of traps.</summary>
    public const int Stuck = 1;

    /// <summary>An attestation report does not hold.</summary>
    public const int NotValid = 1;

    /// <summary>A cell of an experiment went wrong, or a count is not what it must be.</summary>
    public const int BenchFailed = 1;

    /// <summary>A program of a batch has failed.</summary>
    public const int BatchFailed = 1;

    /// <summary>The limit of instructions or of time is reached: what timeout(1) reports.</summary>
    public const int Limit = 124;

    /// <summary>The reader of standard output has gone: what a shell reports for SIGPIPE.</summary>
    public const int BrokenPipe = 128 + 13;
}
