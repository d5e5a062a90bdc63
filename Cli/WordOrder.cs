using System.CommandLine;

namespace RvJit.Cli;

/// <summary>
/// Options before the program are rvjit's, all after it are the guest's, untouched. System.CommandLine has a
/// "captures remaining tokens" argument for this, but it splits <c>--env=x</c> among the captured words, gives a
/// word to an option that might take one, and takes an unknown option for the program. So the command line is
/// walked once, with the options as they are declared, and the border is marked with <c>--</c>.
/// </summary>
public static class WordOrder
{
    public static IReadOnlyList<string> MarkGuest(RootCommand root, IReadOnlyList<string> words)
    {
        Command command = root;
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i];
            if (word == "--")
                return words;
            if (word.Length > 1 && word[0] == '-')
            {
                if (TakesNext(Find(root, command, word), word))
                    i++;
            }
            else if (command.Subcommands.FirstOrDefault(sub => sub.Name == word) is { } named)
            {
                command = named;
            }
            else if (command is { Arguments: [{ Arity.MaximumNumberOfValues: > 1 }] })
            {
                return [.. words.Take(i), "--", .. words.Skip(i)];
            }
        }

        return words;
    }

    private static Option Find(RootCommand root, Command command, string word)
    {
        int end = word.IndexOfAny(['=', ':']);
        string name = end < 0 ? word : word[..end];
        Option option = command.Options.Concat(root.Options.Where(option => option.Recursive))
            .FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name))
            ?? throw new BadInputException(ParseFailure.UnknownOption(name, command));
        if (end >= 0 && option.Arity.MaximumNumberOfValues == 0)
            throw new BadInputException($"option {name} takes no value; {ParseFailure.SeeHelp(command)}");
        return option;
    }

    private static bool TakesNext(Option option, string word) =>
        option.Arity.MinimumNumberOfValues > 0 && (option.Name == word || option.Aliases.Contains(word));
}
