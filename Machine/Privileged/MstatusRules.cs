namespace RvJit.Machine;

/// <summary>What may be written to mstatus and sstatus, given what the hart has; the other fields read as constants.</summary>
internal static class MstatusRules
{
    public static ulong WritableBySupervisor(HartFeatures features) =>
        (features.Supervisor ? Mstatus.Sie | Mstatus.Spie | Mstatus.Spp : 0)
        | (features.UserTraps ? Mstatus.Uie | Mstatus.Upie : 0)
        | (features.Paged ? Mstatus.Sum | Mstatus.Mxr : 0)
        | (features.Supervisor || features.Float ? Mstatus.Fs : 0);

    public static ulong Writable(HartFeatures features) =>
        WritableBySupervisor(features)
        | Mstatus.Mie | Mstatus.Mpie | Mstatus.Mpp
        | (features.User ? Mstatus.Mprv | Mstatus.Tw : 0)
        | (features.Supervisor ? Mstatus.Tsr : 0)
        | (features.Paged ? Mstatus.Tvm : 0);

    /// <summary>What sstatus shows of mstatus.</summary>
    public static ulong VisibleToSupervisor(HartFeatures features) => WritableBySupervisor(features) | Mstatus.Uxl | Mstatus.Sd;

    /// <summary>mstatus as it reads: SD sums up FS.</summary>
    public static ulong Read(PrivilegeState state) =>
        state.FloatStatus == FloatStatus.Dirty ? state.Status | Mstatus.Sd : state.Status;

    public static void Write(PrivilegedUnit unit, ulong value, ulong mask)
    {
        ulong legal = Mstatus.WithMpp(value, Legal(Mstatus.MppOf(value), unit.Features));
        unit.State.SetStatus((unit.State.Status & ~mask) | (legal & mask));
        unit.Interrupts.Notify();
    }

    /// <summary>A mode that the hart does not have becomes the least that it has.</summary>
    private static Privilege Legal(Privilege mode, HartFeatures features) => mode switch
    {
        _ when !features.User => Privilege.Machine,
        Privilege.Machine => mode,
        Privilege.Supervisor when features.Supervisor => mode,
        _ => Privilege.User,
    };
}
