namespace RvJit.Machine.Paging;

/// <summary>
/// One hart's PMP answers by physical page, remembered until its registers change. Only the hart's own thread asks.
/// </summary>
public sealed class PmpView(PmpRegisters registers)
{
    private const int Entries = 256;

    /// <summary>In place of a grant: the page has more than one answer.</summary>
    private const byte Mixed = 0x80;

    private readonly ulong[] _tags = new ulong[Entries];
    private readonly byte[] _grants = new byte[Entries];
    private long _generation = -1;

    /// <summary>What a privilege may do anywhere in a page; false when that is not the same everywhere.</summary>
    public bool TryGrant(ulong address, Privilege privilege, out Access grant)
    {
        byte known = Lookup(address >> HostMemory.PageShift, privilege);
        grant = (Access)known;
        return known != Mixed;
    }

    /// <summary>Whether one access within a page is allowed.</summary>
    public bool Allows(ulong address, int bytes, Access access, Privilege privilege) =>
        TryGrant(address, privilege, out Access grant)
            ? (grant & access) == access
            : registers.Allows(address, (ulong)bytes, access, privilege);

    private byte Lookup(ulong page, Privilege privilege)
    {
        if (_generation != registers.Generation)
        {
            _generation = registers.Generation;
            Array.Clear(_tags);
        }

        // Never 0, which stands for an empty entry.
        ulong tag = (page << 3) | 4 | (ulong)privilege;
        int index = (int)(page ^ ((ulong)privilege << 6)) & (Entries - 1);
        if (_tags[index] == tag)
            return _grants[index];
        Access grant = registers.Grant(page << HostMemory.PageShift, privilege, out ulong uniform);
        _tags[index] = tag;
        return _grants[index] = uniform < HostMemory.PageSize ? Mixed : (byte)grant;
    }
}
