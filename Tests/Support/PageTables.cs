using RvJit.Machine;

namespace RvJit.Tests.Support;

/// <summary>Builds page tables in a harness's RAM (privileged manual, "Sv39", "Sv48", "Sv57").</summary>
internal sealed class PageTables
{
    public const ulong V = 1;
    public const ulong R = 2;
    public const ulong W = 4;
    public const ulong X = 8;
    public const ulong U = 16;
    public const ulong A = 64;
    public const ulong D = 128;
    public const ulong Napot = 1UL << 63;
    public const ulong AllRights = V | R | W | X | A | D;

    private readonly MachineHarness _m;
    private readonly int _levels;

    /// <param name="m">Whose RAM.</param>
    /// <param name="levels">3, 4 or 5.</param>
    public PageTables(MachineHarness m, int levels)
    {
        _m = m;
        _levels = levels;
        Root = m.NewTable();
    }

    public ulong Root { get; }

    /// <summary>satp with this root: MODE is 8 for Sv39, 9 for Sv48, 10 for Sv57.</summary>
    public ulong Satp => ((ulong)(_levels + 5) << 60) | (Root >> 12);

    public ulong SatpOf(ulong space) => Satp | (space << 44);

    /// <summary>A leaf at a level (0: a page); returns the physical address of the entry.</summary>
    public ulong Map(ulong address, ulong physical, ulong bits, int level = 0)
    {
        ulong entry = EntryOf(address, level);
        _m.Word(entry) = ((physical >> 12) << 10) | bits;
        return entry;
    }

    /// <summary>Physical address of the entry of an address at a level; makes the tables above it.</summary>
    public ulong EntryOf(ulong address, int level)
    {
        ulong table = Root;
        for (int i = _levels - 1; ; i--)
        {
            ulong entry = table + (((address >> (12 + (9 * i))) & 511) * 8);
            if (i == level)
                return entry;
            if (_m.Word(entry) == 0)
                _m.Word(entry) = ((_m.NewTable() >> 12) << 10) | V;
            table = ((_m.Word(entry) >> 10) & 0xFFF_FFFF_FFFF) << 12;
        }
    }
}
