using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>What is known of the bits of a value should it be NaN, from the most to the least.</summary>
public enum NaNBits : byte
{
    /// <summary>No value has come here yet.</summary>
    None,

    /// <summary>It is not NaN.</summary>
    Number,

    /// <summary>The canonical NaN, as RISC-V has it.</summary>
    Canonical,

    /// <summary>Whatever they are, they are right.</summary>
    Exact,

    /// <summary>Any quiet NaN, as the host computes it; for the guest it is the canonical one.</summary>
    Computed,

    /// <summary>Right, and NaN is likely: the register may hold a narrower value in its box.</summary>
    Boxed,
}

/// <summary>What an instruction does with its F operands in a region, besides the formats it sees them in.</summary>
/// <param name="NeedsView">Its sources must be values of <see cref="Row.SourceView"/>, not just bits of a register.</param>
/// <param name="ReadsNaNBits">Which NaN a source is shows in the result.</param>
/// <param name="IsPlain">It may have no effect but its result: when that is not used, its sources may not be.</param>
/// <param name="Result">What is known of the result in an F register; null: the same as of the source.</param>
public readonly record struct FloatUse(bool NeedsView, bool ReadsNaNBits, bool IsPlain, NaNBits? Result)
{
    /// <summary>
    /// Whether a source that is held in some form must have the NaN bits that the guest sees. Bits of a NaN may also be the
    /// box of a value of another format.
    /// </summary>
    internal bool NeedsNaNBits(in FloatForm form, FloatView view) =>
        form.NaN == NaNBits.Computed && (ReadsNaNBits || form.View != view);

    /// <summary>Whether host instructions that raise flags stand for it. (minsd and maxsd call every NaN invalid.)</summary>
    internal bool RaisesFlagsInline => NeedsView && (!IsPlain || this == Selection);

    /// <summary>Host arithmetic: a NaN is a NaN, and comes out as some NaN.</summary>
    public static readonly FloatUse Arithmetic = new(true, false, false, NaNBits.Computed);

    /// <summary>Host arithmetic of which a NaN leaves the region.</summary>
    public static readonly FloatUse NumericArithmetic = new(true, false, false, NaNBits.Number);

    /// <summary>One of two numbers: NaNs leave the region.</summary>
    public static readonly FloatUse Selection = new(true, false, true, NaNBits.Number);

    /// <summary>The source, or its absolute value.</summary>
    public static readonly FloatUse Copy = new(true, false, true, null);

    public static readonly FloatUse Negation = new(true, true, true, NaNBits.Exact);

    /// <summary>A comparison or a conversion to an integer.</summary>
    public static readonly FloatUse Examination = new(true, false, false, NaNBits.None);

    public static readonly FloatUse ToBits = new(false, true, true, NaNBits.None);

    public static readonly FloatUse FromBits = new(false, false, true, NaNBits.Exact);

    public static readonly FloatUse FromInteger = new(false, false, false, NaNBits.Number);

    public static readonly FloatUse Store = new(false, true, false, NaNBits.None);

    /// <summary>A kernel that computes, called.</summary>
    public static readonly FloatUse CalledArithmetic = new(false, false, false, NaNBits.Canonical);

    /// <summary>A kernel of bits, called.</summary>
    public static readonly FloatUse CalledBits = new(false, true, true, NaNBits.Exact);
}
