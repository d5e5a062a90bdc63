using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>How an F register is held at a point of a region.</summary>
/// <param name="Single">As a boxed single, in a float; otherwise as 64 bits, in a double.</param>
/// <param name="NaN">What is known of it.</param>
internal readonly record struct FloatForm(bool Single, NaNBits NaN)
{
    /// <summary>A register as memory has it.</summary>
    public static readonly FloatForm Loaded = new(false, NaNBits.Exact);

    /// <summary>The format of the local that holds it.</summary>
    public FloatView View => Single ? FloatView.Single : FloatView.Double;

    /// <summary>The form in which a block gets a register that comes to it in two forms.</summary>
    public static FloatForm Meet(FloatForm a, FloatForm b)
    {
        if (a.NaN == NaNBits.None)
            return b;
        if (b.NaN == NaNBits.None)
            return a;
        return a.Single == b.Single ? new(a.Single, Max(a.NaN, b.NaN)) : new(false, NaNBits.Boxed);
    }

    /// <summary>After the register was read as a source of this format.</summary>
    public FloatForm AsSource(in FloatUse use, FloatView view)
    {
        FloatForm f = this;
        if (f.NaN == NaNBits.None)
            return f;
        if (use.NeedsNaNBits(f, view))
            f = f with { NaN = NaNBits.Exact };
        if (!use.NeedsView || f.Single == (view == FloatView.Single))
            return f;
        return f.Single ? new(false, NaNBits.Boxed) : new(true, NaNBits.Exact);
    }

    /// <summary>The result of an instruction whose first source has this form.</summary>
    public FloatForm Result(in FloatUse use, FloatView view)
    {
        if (view == FloatView.Half)
            return new(false, NaNBits.Boxed);
        NaNBits nan = use.Result ?? NaN;
        if (nan == NaNBits.Exact && use == FloatUse.Negation && NaN == NaNBits.Number)
            nan = NaNBits.Number;
        return new(view == FloatView.Single, nan);
    }

    private static NaNBits Max(NaNBits a, NaNBits b) => a > b ? a : b;
}
