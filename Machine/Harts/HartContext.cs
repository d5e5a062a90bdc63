using System.Runtime.InteropServices;

namespace RvJit.Machine;

/// <summary>
/// The part of a hart that belongs to a context of execution and is swapped between worlds: pc, integer and
/// floating-point registers, fcsr. (Upstream Keystone forgets the last two; a hart here never does.)
/// </summary>
public unsafe struct HartContext
{
    private const int Registers = 32;

    public ulong Pc;
    public fixed ulong X[Registers];
    public fixed ulong F[Registers];
    public uint Mxcsr;
    public uint FrmUnsupported;

    public static HartContext Fresh => new() { Mxcsr = FloatingPointControl.MxcsrDefault };

    public void Save(HartState* state)
    {
        Pc = state->Pc;
        Integers(state).CopyTo(MemoryMarshal.CreateSpan(ref X[0], Registers));
        Floats(state).CopyTo(MemoryMarshal.CreateSpan(ref F[0], Registers));
        Mxcsr = state->Mxcsr;
        FrmUnsupported = state->FrmUnsupported;
    }

    public readonly void Restore(HartState* state)
    {
        RestoreIntegers(state);
        MemoryMarshal.CreateReadOnlySpan(in F[0], Registers).CopyTo(Floats(state));
        state->Mxcsr = Mxcsr;
        state->FrmUnsupported = FrmUnsupported;
    }

    /// <summary>What upstream Keystone swaps: everything but floating-point registers and fcsr.</summary>
    public readonly void RestoreIntegers(HartState* state)
    {
        state->Pc = Pc;
        MemoryMarshal.CreateReadOnlySpan(in X[0], Registers).CopyTo(Integers(state));
        state->ReservationAddress = HartState.NoReservation;
    }

    private static Span<ulong> Integers(HartState* state) => new(state->X, Registers);

    private static Span<ulong> Floats(HartState* state) => new(state->F, Registers);
}
