using System.CommandLine;
using RvJit.Machine;

namespace RvJit.Cli.Commands;

/// <summary>The option that says which extensions harts have.</summary>
public static class IsaOption
{
    public static Option<ExtensionSet> Create(string description, ExtensionSet otherwise) => new("--isa")
    {
        Description = description,
        HelpName = "ISA",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            if (IsaString.TryParse(result.Tokens[^1].Value, out ExtensionSet? set, out string? error))
                return set;
            result.AddError($"--isa {error}");
            return null;
        },
    };
}
