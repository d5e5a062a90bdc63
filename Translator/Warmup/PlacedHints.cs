namespace RvJit.Translator.Warmup;

/// <summary>Hints for a program that lies at an address.</summary>
/// <param name="Hints">By distance from the image's start.</param>
/// <param name="Start">Guest address of the image's first page.</param>
/// <param name="End">One past its last byte.</param>
internal sealed record PlacedHints(CodeHints Hints, ulong Start, ulong End)
{
    public bool WasReached(ulong pc) => Contains(pc) && Hints.WasReached(pc - Start);

    public bool RunsOften(ulong pc) => Contains(pc) && Hints.RunsOften(pc - Start);

    public IEnumerable<ulong> JumpsFrom(ulong pc)
    {
        foreach (HintJump jump in Hints.Jumps)
        {
            if (jump.From == pc - Start)
                yield return jump.To + Start;
        }
    }

    public bool Contains(ulong pc) => pc >= Start && pc < End;
}
