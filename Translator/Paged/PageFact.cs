using RvJit.Translator.Regions;

namespace RvJit.Translator.Paged;

/// <summary>
/// What is known of a register at one point of a region: its value is a symbol plus a constant, and the addend in a slot reaches
/// some bytes around it. Symbol 0 is the number zero.
/// </summary>
/// <param name="Symbol">Registers with the same one differ by a constant.</param>
/// <param name="Offset">That constant.</param>
/// <param name="Slot">Whose addend; there is one slot a register, and registers with copies of a value share one.</param>
/// <param name="Bytes">Relative to the value; none when nothing was checked.</param>
/// <param name="Writable">Whether they may be written, too.</param>
internal readonly record struct PageFact(int Symbol, long Offset, int Slot, Extent Bytes, bool Writable)
{
    /// <summary>Larger constants are nothing to calculate with.</summary>
    private const long GreatestOffset = 1L << 48;

    /// <summary>The same page seen from a value that is greater by a constant.</summary>
    public PageFact? Moved(long by) =>
        by is <= -GreatestOffset or >= GreatestOffset || Offset + by is <= -GreatestOffset or >= GreatestOffset
            ? null
            : this with { Offset = Offset + by, Bytes = Bytes.From(by) };

    /// <summary>What both say of a value of which nothing else is known.</summary>
    public PageFact Meet(PageFact other, int symbol)
    {
        Extent both = Slot == other.Slot ? Bytes.Intersect(other.Bytes) : default;
        return new PageFact(symbol, 0, both.IsEmpty ? 0 : Slot, both, !both.IsEmpty && Writable && other.Writable);
    }

    /// <summary>Nothing is known to be reached any more.</summary>
    public PageFact Forgotten() => this with { Slot = 0, Bytes = default, Writable = false };
}
