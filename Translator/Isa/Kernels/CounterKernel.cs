using System.Reflection;
using RvJit.Machine;
using RvJit.Machine.Devices;

namespace RvJit.Translator.Isa.Kernels;

/// <summary>Reading cycle, time, instret or frm inside code: one call, no exit.</summary>
public static unsafe class CounterKernel
{
    private static readonly int[] s_read = [Csr.Cycle, Csr.Time, Csr.Instret, Csr.Frm];

    /// <summary>
    /// Compiles all that a read calls, on harts of both kinds, which must not happen when translated code first gets there: the
    /// guest's floating-point flags may be live.
    /// </summary>
    static CounterKernel()
    {
        using var clock = new MachineClock();
        foreach (bool instructions in (bool[])[false, true])
        {
            using var hart = new Hart(0);
            ReadAll(hart);
            _ = new PrivilegedUnit(hart, new HartFeatures(hart.Extensions), clock, instructions);
            ReadAll(hart);
        }
    }

    /// <summary><see cref="TryRead"/>, which can be called without anything being compiled.</summary>
    public static MethodInfo Reader { get; } = typeof(CounterKernel).GetMethod(nameof(TryRead))!;

    /// <summary>The counter's value goes to <see cref="HartState.Scratch"/>. False: illegal instruction.</summary>
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
