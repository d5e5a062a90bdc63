namespace RvJit.Machine;

/// <summary>What an access wants, and what a page grants. Bits as in pmpcfg and a page-table entry's R, W, X.</summary>
[Flags]
public enum Access : byte
{
    None = 0,
    Read = 1,
    Write = 2,
    Execute = 4,
    ReadWrite = Read | Write,
    All = Read | Write | Execute,
}

/// <summary>
/// One hart's PMP registers (privileged manual, "Physical Memory Protection"): pmpcfg bytes and pmpaddr words, and the
/// rule that the lowest-numbered matching entry decides; and mseccfg, which changes what an entry grants (Smepmp).
/// </summary>
public sealed class PmpRegisters
{
    public const int DefaultEntries = 16;

    public const byte Locked = 0x80;
    public const byte ModeMask = 0x18;
    public const byte ModeOff = 0;
    public const byte ModeTor = 0x08;
    public const byte ModeNa4 = 0x10;
    public const byte ModeNapot = 0x18;

    /// <summary>mseccfg.MML: a locked rule is M-mode's alone, any other is not for M-mode, and R=0 W=1 means shared.</summary>
    public const ulong MachineModeLockdown = 1;

    /// <summary>mseccfg.MMWP: M-mode, too, is denied what no entry matches.</summary>
    public const ulong MachineModeWhitelist = 2;

    /// <summary>mseccfg.RLB: locked entries may be written.</summary>
    public const ulong RuleLockingBypass = 4;

    private readonly byte[] _config;
    private readonly ulong[] _address;

    public PmpRegisters(int entries)
    {
        _config = new byte[entries];
        _address = new ulong[entries];
    }

    public int Count => _config.Length;

    /// <summary>Raised by every write; worlds compare it to know whether their folded view is still this one.</summary>
    public long Generation { get; private set; }

    /// <summary>Writes counted as the machine would execute them (one pmpaddr + pmpcfg + sfence.vma each).</summary>
    public long Writes { get; private set; }

    public byte Config(int entry) => _config[entry];

    public ulong Address(int entry) => _address[entry];

    /// <summary>mseccfg.MML, MMWP and RLB.</summary>
    public ulong Security { get; private set; }

    public void SetSecurity(ulong value)
    {
        if (value == Security)
            return;
        Security = value;
        Generation++;
    }

    public void Set(int entry, byte config, ulong address)
    {
        Writes++;
        if (_config[entry] == config && _address[entry] == address)
            return;
        _config[entry] = config;
        _address[entry] = address;
        Generation++;
    }

    public bool SameAs(PmpRegisters other) =>
        Security == other.Security
        && _config.AsSpan().SequenceEqual(other._config) && _address.AsSpan().SequenceEqual(other._address);

    public void CopyFrom(PmpRegisters other)
    {
        other._config.CopyTo(_config, 0);
        other._address.CopyTo(_address, 0);
        Security = other.Security;
        Generation++;
    }

    /// <summary>pmpaddr for a naturally aligned power-of-two range of at least 8 bytes.</summary>
    public static ulong NapotAddress(ulong start, ulong bytes) => (start | ((bytes / 2) - 1)) >> 2;

    /// <summary>What S- and U-mode may do at a physical address: <see cref="Grant(ulong, Privilege, out ulong)"/>.</summary>
    public Access Grant(ulong address, out ulong uniformBytes) => Grant(address, Privilege.Supervisor, out uniformBytes);

    /// <summary>
    /// What a mode may do at a physical address, and for how many bytes from there the answer is the same. With no entry
    /// switched on, everything is allowed to S- and U-mode only when there are no entries at all.
    /// </summary>
    public Access Grant(ulong address, Privilege mode, out ulong uniformBytes)
    {
        // The nearest boundary of any entry above the address bounds the answer.
        ulong next = ulong.MaxValue;
        Access? grant = null;
        for (int i = 0; i < _config.Length; i++)
        {
            if (!Range(i, out ulong first, out ulong last))
                continue;
            if (address < first)
                next = Math.Min(next, first);
            else if (address <= last && last != ulong.MaxValue)
                next = Math.Min(next, last + 1);
            if (grant is null && address >= first && address <= last)
                grant = GrantOf(_config[i], mode);
        }

        uniformBytes = next - address;
        return grant ?? Unmatched(mode);
    }

    /// <summary>Whether S- or U-mode may make the access.</summary>
    public bool Allows(ulong address, ulong bytes, Access access) => Allows(address, bytes, access, Privilege.Supervisor);

    /// <summary>
    /// Whether one access is allowed: the lowest-numbered entry that matches any byte of it decides, and must match all.
    /// </summary>
    public bool Allows(ulong address, ulong bytes, Access access, Privilege mode)
    {
        if (bytes == 0 || bytes - 1 > ulong.MaxValue - address)
            return bytes == 0;
        ulong end = address + (bytes - 1);
        for (int i = 0; i < _config.Length; i++)
        {
            if ((_config[i] & ModeMask) == ModeOff || !Range(i, out ulong first, out ulong last) || end < first || address > last)
                continue;
            return address >= first && end <= last && (GrantOf(_config[i], mode) & access) == access;
        }

        return (Unmatched(mode) & access) == access;
    }

    private Access Unmatched(Privilege mode)
    {
        if (_config.Length == 0)
            return Access.All;
        if (mode != Privilege.Machine || (Security & MachineModeWhitelist) != 0)
            return Access.None;
        return (Security & MachineModeLockdown) != 0 ? Access.ReadWrite : Access.All;
    }

    private Access GrantOf(byte config, Privilege mode)
    {
        bool machine = mode == Privilege.Machine;
        bool locked = (config & Locked) != 0;
        var rights = (Access)(config & 7);
        if ((Security & MachineModeLockdown) == 0)
            return machine && !locked ? Access.All : rights;

        // Smepmp chapter, the truth table for MML = 1.
        return rights switch
        {
            Access.Write when locked => Access.Execute,
            Access.Write => machine ? Access.ReadWrite : Access.Read,
            Access.Write | Access.Execute when locked => machine ? Access.Read | Access.Execute : Access.Execute,
            Access.Write | Access.Execute => Access.ReadWrite,
            Access.All when locked => Access.Read,
            _ => machine == locked ? rights : Access.None,
        };
    }

    private bool Range(int entry, out ulong first, out ulong last)
    {
        ulong a = _address[entry];
        switch (_config[entry] & ModeMask)
        {
            case ModeTor:
                first = entry == 0 ? 0 : _address[entry - 1] << 2;
                last = (a << 2) - 1;
                return a << 2 > first;
            case ModeNa4:
                first = a << 2;
                last = first + 3;
                return true;
            case ModeNapot:
                int ones = System.Numerics.BitOperations.TrailingZeroCount(~a);
                if (ones >= 54)
                {
                    first = 0;
                    last = ulong.MaxValue;
                    return true;
                }

                ulong size = 8UL << ones;
                first = (a & ~((1UL << ones) - 1)) << 2;
                last = first + size - 1;
                return true;
            default:
                first = last = 0;
                return false;
        }
    }
}
