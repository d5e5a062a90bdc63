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
/// rule that the lowest-numbered matching entry decides.
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
        _config.AsSpan().SequenceEqual(other._config) && _address.AsSpan().SequenceEqual(other._address);

    public void CopyFrom(PmpRegisters other)
    {
        other._config.CopyTo(_config, 0);
        other._address.CopyTo(_address, 0);
        Generation++;
    }

    /// <summary>pmpaddr for a naturally aligned power-of-two range of at least 8 bytes.</summary>
    public static ulong NapotAddress(ulong start, ulong bytes) => (start | ((bytes / 2) - 1)) >> 2;

    /// <summary>
    /// What S- and U-mode may do at a physical address, and for how many bytes from there the answer is the same.
    /// With no entry switched on, everything is allowed only when there are no entries at all.
    /// </summary>
    public Access Grant(ulong address, out ulong uniformBytes)
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
                grant = (Access)(_config[i] & 7);
        }

        uniformBytes = next - address;
        return grant ?? (_config.Length == 0 ? Access.All : Access.None);
    }

    /// <summary>
    /// Whether one access is allowed: the lowest-numbered entry that matches any byte of it decides, and must match all.
    /// </summary>
    public bool Allows(ulong address, ulong bytes, Access access)
    {
        if (bytes == 0 || bytes - 1 > ulong.MaxValue - address)
            return bytes == 0;
        ulong end = address + (bytes - 1);
        for (int i = 0; i < _config.Length; i++)
        {
            if (!Range(i, out ulong first, out ulong last) || end < first || address > last)
                continue;
            return address >= first && end <= last && ((Access)(_config[i] & 7) & access) == access;
        }

        return _config.Length == 0;
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
