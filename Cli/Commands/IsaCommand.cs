using System.CommandLine;
using RvJit.Cli.Output;
using RvJit.Guest.Linux;
using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Cli.Commands;

/// <summary><c>rvjit isa</c>: the extensions that <c>--isa</c> knows, one a line.</summary>
public static class IsaCommand
{
    public const string Name = "isa";

    public static Command Create()
    {
        var command = new Command(Name, "List the extensions that --isa knows.");
        command.SetAction(_ =>
        {
            using StreamWriter output = StandardOutput.Open();
            output.WriteLine($"{"name",-12}{"instructions",-14}{"in run's default",-18}what it is");
            foreach (Extension extension in Extensions.All)
            {
                string what = extension.Implies.Count == 0 ? extension.Description : $"{extension.Description} ({string.Join(' ', extension.Implies)})";
                string shown = LinuxOptions.DefaultExtensions.Contains(extension.Name) ? "yes" : "";
                output.WriteLine($"{extension.Name,-12}{RowsOf(extension),-14}{shown,-18}{what}");
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static string RowsOf(Extension extension)
    {
        int rows = InstructionTable.Rows.Count(row => row.Extensions.Contains(extension.Name));
        return rows == 0 ? "" : rows.ToString();
    }
}
