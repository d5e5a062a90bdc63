using static System.Numerics.BitOperations;

namespace RvJit.Translator.Isa.Kernels;

// Unprivileged manual, "Zksed": one byte of an SM4 round or key-schedule step.

public readonly struct Sm4Ed : IByteSelectKernel
{
    public static ulong Compute(ulong a, ulong b, int select)
    {
        uint x = Sm4Substitution.Of(b, select);
        uint y = x ^ (x << 8) ^ (x << 2) ^ (x << 18) ^ ((x & 0x3F) << 26) ^ ((x & 0xC0) << 10);
        return (ulong)(int)(RotateLeft(y, 8 * select) ^ (uint)a);
    }
}

public readonly struct Sm4Ks : IByteSelectKernel
{
    public static ulong Compute(ulong a, ulong b, int select)
    {
        uint x = Sm4Substitution.Of(b, select);
        uint y = x ^ ((x & 0x07) << 29) ^ ((x & 0xFE) << 7) ^ ((x & 0x01) << 23) ^ ((x & 0xF8) << 13);
        return (ulong)(int)(RotateLeft(y, 8 * select) ^ (uint)a);
    }
}

internal static class Sm4Substitution
{
    private static readonly byte[] s_box = ByteField.Sm4Box();

    /// <summary>What the S-box makes of byte <paramref name="select"/>.</summary>
    public static uint Of(ulong word, int select) => s_box[(byte)(word >> (8 * select))];
}
