using RvJit.Machine.Paging;

namespace RvJit.Machine;

/// <summary>
/// A machine hart's privilege mode and the registers that govern translation. Written only by the hart's own thread,
/// with legal values; every change that matters to translation is told to <see cref="Hart.Translation"/>.
/// </summary>
public sealed unsafe class PrivilegeState
{
    private readonly Hart _hart;
    private TranslationMode? _told;

    /// <summary>M-mode, interrupts and translation off (privileged manual, "Reset").</summary>
    public PrivilegeState(Hart hart, HartFeatures features)
    {
        _hart = hart;
        Features = features;
        Status = features.User ? Mstatus.Xlen64 << Mstatus.UxlShift : Mstatus.WithMpp(0, Privilege.Machine);
        if (features.Supervisor)
            Status |= Mstatus.Xlen64 << Mstatus.SxlShift;
        Tell();
    }

    public HartFeatures Features { get; }

    public Privilege Mode { get; private set; } = Privilege.Machine;

    /// <summary>mstatus without SD, which is read as a function of FS.</summary>
    public ulong Status { get; private set; }

    public ulong Satp { get; private set; }

    public ulong Menvcfg { get; private set; }

    public ulong Senvcfg { get; set; }

    public FloatStatus FloatStatus => (FloatStatus)((Status & Mstatus.Fs) >> Mstatus.FsShift);

    public bool Is(ulong statusBit) => (Status & statusBit) != 0;

    public TranslationMode TranslationMode => new(
        Fetch: Mode,
        Data: Is(Mstatus.Mprv) ? Mstatus.MppOf(Status) : Mode,
        Satp,
        Sum: Is(Mstatus.Sum),
        Mxr: Is(Mstatus.Mxr),
        HardwareUpdate: (Menvcfg & Envcfg.Adue) != 0,
        MemoryTypes: (Menvcfg & Envcfg.Pbmte) != 0,
        FloatDirty: FloatStatus == FloatStatus.Dirty);

    /// <summary>Takes a new mode and a new mstatus together, as traps and returns from them do.</summary>
    public void Enter(Privilege mode, ulong status)
    {
        Mode = mode;
        Status = status & ~Mstatus.Sd;
        Tell();
    }

    public void SetStatus(ulong status) => Enter(Mode, status);

    public void SetSatp(ulong value)
    {
        Satp = value;
        Tell();
    }

    public void SetMenvcfg(ulong value)
    {
        Menvcfg = value;
        Tell();
    }

    /// <summary>
    /// Takes over what another context of execution left, and tells <see cref="Hart.Translation"/>, which may be another
    /// one than before.
    /// </summary>
    public void Restore(Privilege mode, ulong status, ulong satp, ulong senvcfg)
    {
        Mode = mode;
        Status = status;
        Satp = satp;
        Senvcfg = senvcfg;
        _told = null;
        Tell();
    }

    /// <summary>Tells translation and translated code how things stand, if that is new.</summary>
    private void Tell()
    {
        // U-mode asks senvcfg each time; so does S-mode that may not zero blocks.
        bool zeroes = Mode == Privilege.Machine || (Mode == Privilege.Supervisor && (Menvcfg & Envcfg.Cbze) != 0);
        _hart.State->BlockZeroTrapped = zeroes ? 0 : 1;
        TranslationMode now = TranslationMode;
        if (now == _told)
            return;
        _told = now;
        _hart.Translation?.SetMode(now);
    }
}
