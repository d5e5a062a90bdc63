using RvJit.Cli;
using RvJit.Cli.Output;
using RvJit.Perf.Compare;
using RvJit.Perf.Micro;

namespace RvJit.Perf;

/// <summary>The command line of the Perf room. 0: done; 1: a row or benchmark failed; 2: bad input, said in one line.</summary>
public static class PerfCommandLine
{
    private const int SomethingFailed = 1;

    private const string Help = """
        Measures RvJit.

        compare [options]     whole guest programs under rvjit, qemu-riscv64 and natively, in turns
          --runs N            counted runs of each, after one that is not counted (default 5)
          --programs A,B,C    which, each as NAME or NAME:REPEAT (default: all)
          --rvjit PATH        the executable (default: artifacts/rvjit/rvjit if published, else the one built with this)
          --quick             a sample of the programs, three runs: for a look between edits
          --against PATH      another rvjit, as one more peer
          --tier TIER         auto, interp or jit, given to rvjit and the one it runs against
          --peer NAME=COMMAND
                              one more peer, run as COMMAND PROGRAM ARGUMENT...; may be given more than once
          --qemu PATH         the qemu-riscv64 to use (default: RVJIT_QEMU, else from PATH)
          --interp            rvjit --tier=interp as one more peer
          --no-qemu, --no-native
                              leave a peer out
          --timeout SECONDS   longest time for one run (default 300)
          --json FILE         also write every sample and ratio to FILE
          --baseline FILE     an earlier --json of the same programs to hold the ratios to; 1 when one got worse
          --fail-above FACTOR by how much a ratio may get worse (default 1.10)
        micro [FILTER]        micro-benchmarks whose name matches FILTER (default: *)

        What the figures mean, and what they do not: docs/performance.md.
        """;

    public static int Run(string[] args)
    {
        try
        {
            switch (args)
            {
                case ["-h" or "--help" or "help", ..] or ["compare" or "micro", "-h" or "--help"]:
                    Console.WriteLine(Help);
                    return ExitCode.Success;
                case ["compare", .. string[] options]:
                    return new CompareCommand(CompareOptions.Parse(options)).Run() ? ExitCode.Success : SomethingFailed;
                case ["micro"]:
                    return MicroCommand.Run("*") ? ExitCode.Success : SomethingFailed;
                case ["micro", string filter] when !filter.StartsWith('-'):
                    return MicroCommand.Run(filter) ? ExitCode.Success : SomethingFailed;
                case ["micro", string wrong]:
                    throw new BadInputException($"micro has no option '{wrong}'; see --help");
                case ["micro", ..]:
                    throw new BadInputException("micro takes one filter; see --help");
                case [string other, ..]:
                    throw new BadInputException($"unknown command '{other}': say compare or micro; see --help");
                default:
                    throw new BadInputException("no command given: say compare or micro; see --help");
            }
        }
        catch (Exception error) when (error is BadInputException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"perf: error: {Terminal.OneLine(error.Message)}");
            return ExitCode.BadInput;
        }
    }
}
