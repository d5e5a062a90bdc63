namespace RvJit.Translator.Regions;

/// <summary>Bytes [Low, High) relative to an address; empty when there are none.</summary>
internal readonly record struct Extent(long Low, long High)
{
    public bool IsEmpty => Low >= High;

    public bool Covers(Extent other) => Low <= other.Low && other.High <= High;

    /// <summary>The same bytes relative to an address that is higher.</summary>
    public Extent From(long higher) => IsEmpty ? default : new Extent(Low - higher, High - higher);

    public Extent Intersect(Extent other)
    {
        var both = new Extent(Math.Max(Low, other.Low), Math.Min(High, other.High));
        return both.IsEmpty ? default : both;
    }

    /// <summary>Both, when nothing lies between them; otherwise the other, which is newer.</summary>
    public Extent Join(Extent other) =>
        IsEmpty || other.Low > High || other.High < Low ? other : Hull(other);

    /// <summary>Both, when nothing lies between them; otherwise this one, if there is any.</summary>
    public Extent Or(Extent other) => IsEmpty ? other : other.IsEmpty || other.Low > High || other.High < Low ? this : Hull(other);

    /// <summary>What is left of an extent that changed: all before the address, or all from it on, when that end stayed.</summary>
    public Extent Settled(Extent before)
    {
        if (this == before)
            return this;
        if (Low == before.Low && Low < 0 && High > Low)
            return new Extent(Low, Math.Min(High, 0));
        return High == before.High && High > 0 && High > Low ? new Extent(Math.Max(Low, 0), High) : default;
    }

    /// <summary>Both and what lies between them.</summary>
    public Extent Hull(Extent other) => new(Math.Min(Low, other.Low), Math.Max(High, other.High));
}
