namespace RvJit.Machine;

/// <summary>
/// pmpcfg, pmpaddr and mseccfg as CSRs: which writes take effect (privileged manual, "Physical Memory Protection CSRs" and
/// "Locking and Privilege Mode"; Smepmp). Entries that the hart lacks read as zero.
/// </summary>
internal static class PmpCsrs
{
    /// <summary>Entries of an RV64 pmpcfg register; only even-numbered ones exist.</summary>
    public const int EntriesOfConfig = 8;

    private const byte ReservedBits = 0x60;

    /// <summary>pmpaddr holds bits 55:2 of an address.</summary>
    private const ulong AddressMask = (1UL << 54) - 1;

    private const ulong Security = PmpRegisters.MachineModeLockdown | PmpRegisters.MachineModeWhitelist | PmpRegisters.RuleLockingBypass;

    public static ulong ReadConfig(PmpRegisters pmp, int firstEntry)
    {
        ulong value = 0;
        for (int i = 0; i < EntriesOfConfig && firstEntry + i < pmp.Count; i++)
            value |= (ulong)pmp.Config(firstEntry + i) << (8 * i);
        return value;
    }

    public static void WriteConfig(Hart hart, int firstEntry, ulong value)
    {
        PmpRegisters pmp = hart.Pmp;
        long before = pmp.Generation;
        for (int i = 0; i < EntriesOfConfig && firstEntry + i < pmp.Count; i++)
        {
            int entry = firstEntry + i;
            if (!IsLocked(pmp, entry) && TryLegal(pmp, (byte)(value >> (8 * i)), out byte config))
                pmp.Set(entry, config, pmp.Address(entry));
        }

        FlushIfChanged(hart, before);
    }

    public static ulong ReadAddress(PmpRegisters pmp, int entry) => entry < pmp.Count ? pmp.Address(entry) : 0;

    public static void WriteAddress(Hart hart, int entry, ulong value)
    {
        PmpRegisters pmp = hart.Pmp;
        if (entry >= pmp.Count || IsLocked(pmp, entry) || IsBaseOfLocked(pmp, entry))
            return;
        long before = pmp.Generation;
        pmp.Set(entry, pmp.Config(entry), value & AddressMask);
        FlushIfChanged(hart, before);
    }

    /// <summary>MML and MMWP cannot be cleared; RLB cannot be set while anything is locked.</summary>
    public static void WriteSecurity(Hart hart, ulong value)
    {
        PmpRegisters pmp = hart.Pmp;
        long before = pmp.Generation;
        bool bypassing = (pmp.Security & PmpRegisters.RuleLockingBypass) != 0;
        bool locked = Enumerable.Range(0, pmp.Count).Any(i => (pmp.Config(i) & PmpRegisters.Locked) != 0);
        ulong sticky = pmp.Security & ~PmpRegisters.RuleLockingBypass;
        ulong settable = locked && !bypassing ? Security & ~PmpRegisters.RuleLockingBypass : Security;
        pmp.SetSecurity(sticky | (value & settable));
        FlushIfChanged(hart, before);
    }

    /// <summary>A locked TOR entry locks the address below it, too.</summary>
    private static bool IsBaseOfLocked(PmpRegisters pmp, int entry) =>
        entry + 1 < pmp.Count && IsLocked(pmp, entry + 1)
        && (pmp.Config(entry + 1) & PmpRegisters.ModeMask) == PmpRegisters.ModeTor;

    private static bool IsLocked(PmpRegisters pmp, int entry) =>
        (pmp.Config(entry) & PmpRegisters.Locked) != 0 && (pmp.Security & PmpRegisters.RuleLockingBypass) == 0;

    /// <summary>
    /// Without MML, R=0 W=1 is reserved and loses W. With MML, no rule that lets M-mode execute can be added, unless RLB
    /// is set.
    /// </summary>
    private static bool TryLegal(PmpRegisters pmp, byte written, out byte config)
    {
        config = (byte)(written & ~ReservedBits);
        var rights = (Access)(config & (byte)Access.All);
        if ((pmp.Security & PmpRegisters.MachineModeLockdown) == 0)
        {
            if ((rights & Access.ReadWrite) == Access.Write)
                config = (byte)(config & ~(byte)Access.Write);
            return true;
        }

        bool machineExecutes = (config & PmpRegisters.Locked) != 0
            && rights is Access.Execute or (Access.Read | Access.Execute) or Access.Write or (Access.Write | Access.Execute);
        return !machineExecutes || (pmp.Security & PmpRegisters.RuleLockingBypass) != 0;
    }

    private static void FlushIfChanged(Hart hart, long before)
    {
        if (hart.Pmp.Generation != before)
            hart.Translation?.FlushAll();
    }
}
