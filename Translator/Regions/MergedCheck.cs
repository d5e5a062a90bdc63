namespace RvJit.Translator.Regions;

/// <summary>One permission check that stands for several accesses.</summary>
/// <param name="Low">Lowest address, relative to the register it is made with, in bytes.</param>
/// <param name="Span">Bytes from there to the end of the highest access; at most a page.</param>
/// <param name="Reads">Whether any of them reads.</param>
/// <param name="Writes">Whether any of them writes.</param>
internal readonly record struct MergedCheck(long Low, int Span, bool Reads, bool Writes)
{
    public MergedCheck(Extent bytes, bool reads, bool writes)
        : this(bytes.Low, (int)(bytes.High - bytes.Low), reads, writes)
    {
    }

    public Extent Bytes => new(Low, Low + Span);
}
