using System.CommandLine;
using RvJit.Cli.Attestation;
using RvJit.Cli.Output;
using RvJit.Monitor;

namespace RvJit.Cli.Commands;

/// <summary><c>rvjit measure LOADER RUNTIME EAPP</c></summary>
public static class MeasureCommand
{
    public const string Name = "measure";

    /// <summary>More than any enclave has; a disk image is a mistake.</summary>
    private const long MostBytes = 1L << 30;

    public static Command Create()
    {
        Argument<string> loader = File("LOADER", "The loader, like loader.bin.");
        Argument<string> runtime = File("RUNTIME", "The runtime, like eyrie-rt.");
        Argument<string> eapp = File("EAPP", "The enclave application.");
        var command = new Command(Name, "Print the measurement that an enclave of three files has.") { loader, runtime, eapp };
        command.SetAction(result =>
        {
            byte[] hash = Measurement.Of(Read(result, loader), Read(result, runtime), Read(result, eapp));
            using StreamWriter output = StandardOutput.Open();
            output.WriteLine(Convert.ToHexStringLower(hash));
            return ExitCode.Success;
        });
        return command;
    }

    private static Argument<string> File(string name, string description) => new(name)
    {
        Description = description,
        Arity = ArgumentArity.ExactlyOne,
    };

    private static byte[] Read(ParseResult result, Argument<string> file) =>
        InputFile.Read(file.Name, result.GetRequiredValue(file), MostBytes);
}
