namespace RvJit.Machine;

/// <summary>Why a machine cannot go on by itself.</summary>
/// <param name="Reason">One line.</param>
/// <param name="Registers">The hart's registers as lines of text.</param>
public sealed record MachineStop(string Reason, string Registers)
{
    private const int RegistersOfALine = 4;

    public static unsafe MachineStop Of(Hart hart, string reason)
    {
        HartState* st = hart.State;
        var lines = new List<string> { $"pc  {st->Pc:x16}" };
        for (int i = 0; i < 32; i += RegistersOfALine)
            lines.Add(string.Join("  ", Enumerable.Range(i, RegistersOfALine).Select(n => $"x{n,-2} {hart.State->X[n]:x16}")));
        return new MachineStop($"hart {hart.Id}: {reason}", string.Join('\n', lines));
    }
}
