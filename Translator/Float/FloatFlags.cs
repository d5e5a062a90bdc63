namespace RvJit.Translator.Float;

/// <summary>The accrued exception flags, at their places in fflags.</summary>
public static class FloatFlags
{
    public const uint Inexact = 1;
    public const uint Underflow = 2;
    public const uint Overflow = 4;
    public const uint DivideByZero = 8;
    public const uint Invalid = 16;
}

/// <summary>The rounding modes, as frm and the rm field of an instruction encode them.</summary>
public static class FloatRounding
{
    public const int NearestEven = 0;
    public const int TowardZero = 1;
    public const int Down = 2;
    public const int Up = 3;
    public const int NearestMaxMagnitude = 4;
}
