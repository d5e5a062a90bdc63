namespace RvJit.Machine;

/// <summary>
/// The part of a hart that belongs to a context of execution and is swapped between worlds: pc, integer and
/// floating-point registers, fcsr. (Upstream Keystone forgets the last two; a hart here never does.)
/// </summary>
public unsafe struct HartContext
{
    public ulong Pc;
    public fixed ulong X[32];
    public fixed ulong F[32];
    public uint Mxcsr;
    public uint FrmUnsupported;

    public static HartContext Fresh => new() { Mxcsr = FloatingPointControl.MxcsrDefault };

    public void Save(HartState* state)
    {
        Pc = state->Pc;
        for (int i = 0; i < 32; i++)
        {
            X[i] = state->X[i];
            F[i] = state->F[i];
        }

        Mxcsr = state->Mxcsr;
        FrmUnsupported = state->FrmUnsupported;
    }

    public readonly void Restore(HartState* state)
    {
        RestoreIntegers(state);
        for (int i = 0; i < 32; i++)
            state->F[i] = F[i];
        state->Mxcsr = Mxcsr;
        state->FrmUnsupported = FrmUnsupported;
    }

    /// <summary>What upstream Keystone swaps: everything but floating-point registers and fcsr.</summary>
    public readonly void RestoreIntegers(HartState* state)
    {
        state->Pc = Pc;
        for (int i = 0; i < 32; i++)
            state->X[i] = X[i];
        state->ReservationAddress = HartState.NoReservation;
    }
}
