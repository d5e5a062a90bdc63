using System.CommandLine;
using RvJit.Machine;

namespace RvJit.Cli.Commands;

/// <summary>The option that says which extensions harts have; null where it was not given.</summary>
public static class IsaOption
{
    public static Option<ExtensionSet?> Create(string description) => new("--isa")
    {
        Description = description,
        HelpName = "ISA",
        CustomParser = result =>
        {
            if (IsaString.TryParse(result.Tokens[^1].Value, out ExtensionSet? set, out string? error))
                return set;
            result.AddError($"--isa {error}");
            return null;
        },
    };
}
