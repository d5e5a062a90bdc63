using System.CommandLine;
using System.CommandLine.Parsing;

namespace RvJit.Cli;

/// <summary>Says what is wrong with a command line in rvjit's own words: one line, with the way out.</summary>
public static class ParseFailure
{
    /// <summary>Null when the command line is fine.</summary>
    public static string? Describe(ParseResult result)
    {
        if (result.Errors.Count == 0 || HelpText.IsAsked(result))
            return null;
        Command command = result.CommandResult.Command;
        if (result.UnmatchedTokens.Count > 0)
        {
            string word = result.UnmatchedTokens[0];
            return command is RootCommand
                ? $"unknown command '{word}': to run a program say 'rvjit run {word}'; {SeeHelp(command)}"
                : $"unexpected argument '{word}'; {SeeHelp(command)}";
        }

        if (command.Subcommands.Count != 0)
            return $"no command given; {SeeHelp(command)}";
        ParseError first = result.Errors[0];
        return first.SymbolResult switch
        {
            ArgumentResult { Tokens.Count: 0, Parent: CommandResult } missing => $"no {missing.Argument.Name} given; {SeeHelp(command)}",
            OptionResult { Tokens.Count: 0 } missing => $"option {missing.Option.Name} needs a value; {SeeHelp(command)}",
            OptionResult { Option.Arity.MaximumNumberOfValues: 1, Tokens.Count: > 1 } twice =>
                $"option {twice.Option.Name} is given more than once; {SeeHelp(command)}",
            _ => first.Message,
        };
    }

    public static string UnknownOption(string word, Command command) => $"unknown option '{word}'; {SeeHelp(command)}";

    public static string SeeHelp(Command command) =>
        command is RootCommand ? "see 'rvjit --help'" : $"see 'rvjit {PathOf(command)} --help'";

    /// <summary>The words that lead to a command, without rvjit's own.</summary>
    public static string PathOf(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is null or RootCommand
        ? command.Name
        : $"{PathOf(command.Parents.OfType<Command>().First())} {command.Name}";
}
