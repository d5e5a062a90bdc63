using System.Reflection;
using RvJit.Machine;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Isa.Kernels;

/// <summary>
/// fflags, frm and fcsr inside code that works on F registers: the guest's MXCSR goes back into the hart's state first, and
/// is fetched again from there.
/// </summary>
public static unsafe class FloatControlKernel
{
    private static readonly int[] s_csrs = [Csr.Fflags, Csr.Frm, Csr.Fcsr];

    static FloatControlKernel() => HartsOfBothKinds.Use(UseAll);

    /// <summary><see cref="TryRead"/>, which can be called without anything being compiled.</summary>
    public static MethodInfo Reader { get; } = typeof(FloatControlKernel).GetMethod(nameof(TryRead))!;

    /// <summary><see cref="TryChange"/>, likewise.</summary>
    public static MethodInfo Changer { get; } = typeof(FloatControlKernel).GetMethod(nameof(TryChange))!;

    /// <summary>The value goes to <see cref="HartState.Scratch"/>. False: illegal instruction.</summary>
    public static bool TryRead(HartState* state, int csr)
    {
        Hart hart = Hart.Of(state);
        Leave(state);
        bool isLegal = hart.Csrs.TryRead(hart, csr, out state->Scratch);
        Enter(state);
        return isLegal;
    }

    /// <summary>Does an instruction that writes, on registers in the hart's state. False: illegal instruction.</summary>
    public static bool TryChange(HartState* state, ulong source, CsrOperation operation, int csr, int rd)
    {
        Hart hart = Hart.Of(state);
        Leave(state);
        bool isLegal = CsrRow.TryChange(hart, operation, csr, source, rd);
        Enter(state);
        return isLegal;
    }

    private static void Leave(HartState* state)
    {
        if (FloatEnvironment.IsSupported)
            FloatEnvironment.Leave(state);
    }

    private static void Enter(HartState* state)
    {
        if (FloatEnvironment.IsSupported)
            FloatEnvironment.Enter(state);
    }

    private static void UseAll(Hart hart)
    {
        FloatingPointControl.Write(ref *hart.State, 0);
        foreach (int csr in s_csrs)
        {
            Enter(hart.State);
            _ = TryRead(hart.State, csr);
            foreach (CsrOperation operation in Enum.GetValues<CsrOperation>())
                _ = TryChange(hart.State, 0, operation, csr, rd: 1);
            Leave(hart.State);
        }
    }
}
