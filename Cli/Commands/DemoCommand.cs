using System.CommandLine;
using RvJit.Cli.Demo;
using RvJit.Cli.Output;
using RvJit.Cli.Statistics;

namespace RvJit.Cli.Commands;

/// <summary><c>rvjit demo</c>: the embedded Keystone host program with its enclave, and what it took.</summary>
public static class DemoCommand
{
    public const string Name = "demo";

    private const string HostProgram = "host-runner";
    private static readonly string[] _enclaveFiles = ["eapp-hello", "runtime.elf", "loader.bin"];

    public static Command Create()
    {
        var execution = new ExecutionOptions();
        var command = new Command(Name, "Run the embedded Keystone host program and its enclave.");
        execution.AddTo(command);
        command.SetAction(result => Run(execution, result));
        return command;
    }

    private static int Run(ExecutionOptions execution, ParseResult result)
    {
        using var files = new EmbeddedFiles([HostProgram, .. _enclaveFiles]);
        string[] enclave = [.. _enclaveFiles.Select(files.PathOf)];
        Console.Out.Write($"""
            A Keystone host program and its enclave, riscv64 code both, on this machine:

              {HostProgram} {string.Join(' ', _enclaveFiles)}


            """);
        Console.Out.Flush();

        GuestOutcome outcome = Composition.Run(new GuestOptions
        {
            Program = files.PathOf(HostProgram),
            Arguments = [HostProgram, .. enclave],
            Tier = execution.Tier(result),
            Metered = true,
        });

        Console.Out.Write(DemoReport.Write(outcome.Statistics!, outcome.Measurements));
        Console.Out.Flush();
        StatisticsReport.Write(Console.Error, outcome.Statistics!, execution.Statistics(result));
        return outcome.ExitCode;
    }
}
