using RvJit.Machine;

namespace RvJit.Translator.Isa.Kernels;

/// <summary>cbo.zero (unprivileged manual, "Zicboz").</summary>
public readonly unsafe struct CboZero : IAtomicKernel
{
    public static int Bytes => ExtensionSet.CacheBlockBytes;

    public static AtomicKind Kind => AtomicKind.ZeroBlock;

    public static ulong Do(byte* p, ulong address, ulong operand, HartState* state)
    {
        new Span<byte>(p, Bytes).Clear();
        return 0;
    }

    public static ulong DoAlone(byte* p, ulong address, ulong operand, HartState* state) =>
        Do(p, address, operand, state);
}
