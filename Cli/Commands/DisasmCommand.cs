using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using RvJit.Cli.Listing;
using RvJit.Cli.Output;
using RvJit.Machine;

namespace RvJit.Cli.Commands;

/// <summary><c>rvjit disasm [options] FILE</c></summary>
public static class DisasmCommand
{
    public const string Name = "disasm";

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A riscv64 ELF file.", Arity = ArgumentArity.ExactlyOne };
        var section = new Option<string>("--section") { Description = "Only this section.", HelpName = "NAME" };
        var start = new Option<ulong?>("--start")
        {
            Description = "From this address on.",
            HelpName = "ADDRESS",
            CustomParser = result => ParseAddress(result),
        };
        var stop = new Option<ulong?>("--stop")
        {
            Description = "Up to, and without, this address.",
            HelpName = "ADDRESS",
            CustomParser = result => ParseAddress(result),
        };
        Option<ExtensionSet?> isa = IsaOption.Create("Only instructions of these extensions, like rv64gc_zba (default: max).");
        var noAliases = new Option<bool>("--no-aliases")
        {
            Description = "Show every instruction as itself, compressed ones too.",
            Arity = ArgumentArity.Zero,
        };
        var command = new Command(Name, "List the instructions of a program, with symbols.")
        {
            file, section, start, stop, isa, noAliases,
        };
        command.SetAction(result =>
        {
            var options = new ListingOptions(
                result.GetRequiredValue(file),
                result.GetValue(section),
                result.GetValue(start) ?? 0,
                result.GetValue(stop) ?? ulong.MaxValue,
                !result.GetValue(noAliases))
            {
                Extensions = result.GetValue(isa) ?? ExtensionSet.Max,
            };
            var listing = Listing.Listing.Open(options);
            using StreamWriter output = StandardOutput.Open();
            listing.Write(output);
            return ExitCode.Success;
        });
        return command;
    }

    private static ulong ParseAddress(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        bool valid = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, null, out ulong address)
            : ulong.TryParse(text, NumberStyles.None, null, out address);
        if (!valid)
            result.AddError($"{((OptionResult)result.Parent!).Option.Name} {text} is not an address; write 0x10074 or 65652");
        return address;
    }
}
