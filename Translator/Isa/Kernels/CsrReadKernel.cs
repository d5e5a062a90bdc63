using System.Reflection;
using RvJit.Machine;

namespace RvJit.Translator.Isa.Kernels;

/// <summary>Reading cycle, time, instret or frm inside code: one call, no exit.</summary>
public static unsafe class CsrReadKernel
{
    private static readonly int[] s_read = [Csr.Cycle, Csr.Time, Csr.Instret, Csr.Frm];

    static CsrReadKernel() => HartsOfBothKinds.Use(ReadAll);

    /// <summary><see cref="TryRead"/>, which can be called without anything being compiled.</summary>
    public static MethodInfo Reader { get; } = typeof(CsrReadKernel).GetMethod(nameof(TryRead))!;

    /// <summary>The value goes to <see cref="HartState.Scratch"/>. False: illegal instruction.</summary>
    public static bool TryRead(HartState* state, int csr)
    {
        Hart hart = Hart.Of(state);
        return hart.Csrs.TryRead(hart, csr, out state->Scratch);
    }

    private static void ReadAll(Hart hart)
    {
        foreach (int csr in s_read)
            _ = TryRead(hart.State, csr);
    }
}
