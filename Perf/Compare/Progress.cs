namespace RvJit.Perf.Compare;

/// <summary>One line on the terminal that says what runs now; nothing where standard error is not a terminal.</summary>
public sealed class Progress(TextWriter to, bool isTerminal, int programs, int rounds)
{
    private const string StartOfEmptyLine = "\r\u001b[K";

    public static Progress OnTerminal(int programs, int rounds) => new(Console.Error, !Console.IsErrorRedirected, programs, rounds);

    /// <param name="program">From 0.</param>
    /// <param name="round">0 is the one that is not counted.</param>
    public void Show(int program, string name, int round, string peer)
    {
        if (isTerminal)
            to.Write($"{StartOfEmptyLine}{program + 1} of {programs}: {name}, round {round} of {rounds}, {peer}");
    }

    /// <summary>Before something else is printed.</summary>
    public void Clear()
    {
        if (isTerminal)
            to.Write(StartOfEmptyLine);
    }
}
