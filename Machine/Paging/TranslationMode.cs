namespace RvJit.Machine.Paging;

/// <summary>
/// What of a hart's CSRs decides how its addresses are translated. Whoever owns the CSRs gives it to
/// <see cref="ITranslation.SetMode"/> whenever one of these may have changed: at reset, traps, xRET, and writes of
/// mstatus, satp, menvcfg.
/// </summary>
/// <param name="Fetch">Privilege of instruction fetches: the hart's.</param>
/// <param name="Data">Privilege of loads and stores: the hart's, or mstatus.MPP in M-mode under mstatus.MPRV.</param>
/// <param name="Satp">satp; it does not matter in M-mode.</param>
/// <param name="Sum">mstatus.SUM: S-mode may touch user pages.</param>
/// <param name="Mxr">mstatus.MXR: executable pages are readable.</param>
/// <param name="HardwareUpdate">menvcfg.ADUE (Svadu): A and D bits are set by the hart; otherwise a clear one faults (Svade).</param>
/// <param name="MemoryTypes">menvcfg.PBMTE (Svpbmt): the PBMT field of page-table entries means something.</param>
/// <param name="FloatDirty">mstatus.FS is Dirty: floating-point instructions need no look at it.</param>
public readonly record struct TranslationMode(
    Privilege Fetch,
    Privilege Data,
    ulong Satp,
    bool Sum,
    bool Mxr,
    bool HardwareUpdate,
    bool MemoryTypes,
    bool FloatDirty);

/// <summary>A hart's address translation, as the owner of its CSRs drives it; all calls on the hart's own thread.</summary>
public interface ITranslation
{
    void SetMode(in TranslationMode mode);

    /// <summary>sfence.vma: forgets translations, of one address or all, of one address space or all.</summary>
    void Flush(ulong? address, ulong? space);

    /// <summary>PMP changed: nothing that was allowed before may be used any more.</summary>
    void FlushAll();
}
