using System.Text;

namespace RvJit.Cli.Output;

/// <summary>Messages to the user on standard error, where they never mix with what a guest prints.</summary>
public static class Terminal
{
    private const string Red = "\e[1;31m";
    private const string Plain = "\e[0m";

    /// <summary>Colours are for terminals, and not for users who decline them (no-color.org).</summary>
    public static bool Colours { get; } = !Console.IsErrorRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    public static void Warning(string message) => Console.Error.WriteLine($"rvjit: warning: {OneLine(message)}");

    public static void Error(string message) =>
        Console.Error.WriteLine($"rvjit: {(Colours ? Red : "")}error:{(Colours ? Plain : "")} {OneLine(message)}");

    /// <summary>File names and guest words may hold anything; a message stays one line and moves no cursor.</summary>
    public static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (char c in text.Trim())
        {
            if (!char.IsControl(c))
                line.Append(c);
            else if (c is '\n' or '\r' or '\t')
                line.Append(' ');
            else
                line.Append($"\\x{(int)c:x2}");
        }

        return line.ToString();
    }
}
