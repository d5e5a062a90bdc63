using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "Zbc": carry-less multiplication.

public readonly struct Clmul : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => CarrylessProduct.Of(a, b).ToScalar();

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

public readonly struct Clmulh : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b) => CarrylessProduct.Of(a, b).GetElement(1);

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

/// <summary>Bits 126:63 of the product.</summary>
public readonly struct Clmulr : IBinaryKernel
{
    public static ulong Compute(ulong a, ulong b)
    {
        Vector128<ulong> product = CarrylessProduct.Of(a, b);
        return (product.GetElement(1) << 1) | (product.ToScalar() >> 63);
    }

    public static Pushed TryEmit(OperandPair e) => Pushed.Nothing;

    public static WordForm Words(long? first, long? second) => WordForm.None;
}

/// <summary>All 128 bits of the product of two polynomials over GF(2).</summary>
public static class CarrylessProduct
{
    public static Vector128<ulong> Of(ulong a, ulong b) => Pclmulqdq.IsSupported
        ? Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(a), Vector128.CreateScalar(b), 0)
        : OfAnyHost(a, b);

    public static Vector128<ulong> OfAnyHost(ulong a, ulong b)
    {
        UInt128 sum = 0;
        for (int n = 0; n < 64; n++)
            sum ^= ((UInt128)a << n) & (0 - (UInt128)((b >> n) & 1));
        return Vector128.Create((ulong)sum, (ulong)(sum >> 64));
    }
}
