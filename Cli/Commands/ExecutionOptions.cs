using System.CommandLine;
using System.CommandLine.Parsing;
using RvJit.Cli.Inspection;

namespace RvJit.Cli.Commands;

/// <summary>Which executor runs guest code.</summary>
public enum TierChoice
{
    /// <summary>Interpret first, translate what is hot.</summary>
    Auto,

    /// <summary>Only the interpreter: slow, exact, the reference.</summary>
    Interp,

    /// <summary>Translate everything at its first execution.</summary>
    Jit,
}

/// <summary>What <c>--stats</c> prints.</summary>
public enum StatisticsFormat
{
    None,
    Human,
    Json,
}

/// <summary>The options that say how guest code is executed, shared by the commands that execute some.</summary>
public sealed class ExecutionOptions
{
    private readonly Option<Given<TierChoice>> _tier = new("--tier")
    {
        Description = "How guest code runs: auto (default), interp or jit.",
        HelpName = "auto|interp|jit",
        CustomParser = result => ParseTier(result),
    };

    private readonly Option<Given<StatisticsFormat>> _statistics = new("--stats")
    {
        Description = "Print counts to standard error when the guest has ended: --stats, or --stats=json for one line of JSON.",
        HelpName = "human|json",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result => ParseStatistics(result),
    };

    private readonly Option<bool> _exactInstret = new("--exact-instret")
    {
        Description = "Count retired instructions exactly in every tier (a few per cent slower; --stats does so too).",
        Arity = ArgumentArity.Zero,
    };

    private readonly Option<Given<ulong>> _limit = new("--max-insns")
    {
        Description = "End when a hart has executed N instructions, with exit code 124.",
        HelpName = "N",
        CustomParser = result => MachineValues.Count(result) is { } count ? count : null,
    };

    private readonly Option<string> _trace = new("--trace")
    {
        Description = "Write every executed instruction to a file, in Spike's commit-log format; - is standard output, and the guest's own goes to standard error then.",
        HelpName = "FILE",
    };

    private readonly Option<string> _profile = new("--profile")
    {
        Description = "Sample where the guest's time goes: write a speedscope profile to a file, and the top functions to standard error.",
        HelpName = "FILE",
    };

    private readonly Option<RegionChoice[]> _regions = new("--dump-region")
    {
        Description = "Print a translated region to standard error at the end: the one that holds an address or SYMBOL[+OFFSET], or all. Repeatable.",
        HelpName = "PLACE",
        CustomParser = ParseRegions,
        DefaultValueFactory = _ => [],
    };

    public void AddTierTo(Command command) => command.Add(_tier);

    public void AddTo(Command command)
    {
        AddTierTo(command);
        command.Add(_statistics);
    }

    /// <summary>For commands whose instructions somebody looks at one by one.</summary>
    public void AddObservationTo(Command command)
    {
        command.Add(_limit);
        command.Add(_exactInstret);
        command.Add(_trace);
        command.Add(_profile);
        command.Add(_regions);
    }

    public Observation Observation(ParseResult result) =>
        new(result.GetValue(_limit)?.Value, result.GetValue(_exactInstret), result.GetValue(_trace))
        {
            Profile = result.GetValue(_profile),
            Regions = result.GetRequiredValue(_regions),
        };

    public TierChoice Tier(ParseResult result) => result.GetValue(_tier)?.Value ?? default;

    public StatisticsFormat Statistics(ParseResult result) => result.GetValue(_statistics)?.Value ?? default;

    private static TierChoice ParseTier(ArgumentResult result)
    {
        switch (result.Tokens[^1].Value)
        {
            case "auto":
                return TierChoice.Auto;
            case "interp":
                return TierChoice.Interp;
            case "jit":
                return TierChoice.Jit;
            case var other:
                result.AddError($"unknown tier '{other}': say --tier=auto, --tier=interp or --tier=jit");
                return default;
        }
    }

    private static RegionChoice[] ParseRegions(ArgumentResult result)
    {
        var choices = new List<RegionChoice>();
        foreach (Token token in result.Tokens)
        {
            if (RegionChoice.TryParse(token.Value, out RegionChoice? choice))
                choices.Add(choice);
            else
                result.AddError($"--dump-region {token.Value} is no place in the program; write 0x10074, main, main+0x1c or all");
        }

        return [.. choices];
    }

    private static StatisticsFormat ParseStatistics(ArgumentResult result)
    {
        switch (result.Tokens.Count == 0 ? "human" : result.Tokens[^1].Value)
        {
            case "human":
                return StatisticsFormat.Human;
            case "json":
                return StatisticsFormat.Json;
            case var other:
                result.AddError($"unknown format '{other}': say --stats, --stats=human or --stats=json");
                return default;
        }
    }
}
