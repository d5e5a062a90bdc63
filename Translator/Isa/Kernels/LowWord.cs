using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RvJit.Translator.Isa.Kernels;

/// <summary>
/// The low 32 bits of a register for an operation whose operands x86 has in certain registers: division, rotation,
/// compare and swap. For a plain cast RyuJIT (.NET 10) uses the 64-bit local itself as an int; where it has to move that
/// local out of such a register it moves 32 bits, and the local has lost its upper half. What this does is no cast to it.
/// </summary>
public static class LowWord
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of(ulong value)
    {
        if (Bmi2.X64.IsSupported)
            return (int)Bmi2.X64.ZeroHighBits(value, 32);
        return Sse2.X64.IsSupported
            ? Sse2.ConvertToInt32(Sse2.X64.ConvertScalarToVector128UInt64(value).AsInt32())
            : (int)value;
    }
}
