namespace RvJit.Cli;

/// <summary>Exit codes of rvjit's own; a guest's pass through.</summary>
public static class ExitCode
{
    public const int Success = 0;

    /// <summary>The guest could not be run or rvjit was asked for something that it does not have.</summary>
    public const int BadInput = 2;

    /// <summary>The reader of standard output has gone: what a shell reports for SIGPIPE.</summary>
    public const int BrokenPipe = 128 + 13;
}
