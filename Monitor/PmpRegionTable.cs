using RvJit.Machine;

namespace RvJit.Monitor;

/// <summary>Which register a PMP region asks for (Keystone sm/src/pmp.h, enum pmp_priority).</summary>
public enum PmpPriority
{
    /// <summary>Any free register.</summary>
    Any,

    /// <summary>Register 0: decides before all others.</summary>
    Top,

    /// <summary>The last register, which several regions share: the one written last holds.</summary>
    Bottom,
}

/// <summary>A range the monitor protects, and the registers that describe it. A TOR region owns the one below as well.</summary>
public readonly record struct PmpRegion(ulong Start, ulong Size, byte Mode, int Register, bool MayOverlap)
{
    public const ulong WholeSpace = ulong.MaxValue;

    public bool NeedsTwoRegisters => Mode == PmpRegisters.ModeTor && Register > 0;

    /// <summary>pmpaddr of <see cref="Register"/>.</summary>
    public ulong AddressValue => Mode == PmpRegisters.ModeTor
        ? (Start + Size) >> 2
        : Size == WholeSpace ? ulong.MaxValue : PmpRegisters.NapotAddress(Start, Size);

    /// <summary>
    /// Writes the region into a hart's registers. The lower register of a TOR pair goes first, so that no other reader
    /// ever sees the pair describe more than the region.
    /// </summary>
    public void Set(PmpRegisters registers, Access access)
    {
        if (NeedsTwoRegisters)
            registers.Set(Register - 1, 0, Start >> 2);
        registers.Set(Register, (byte)(Mode | (byte)access), AddressValue);
    }

    public void Unset(PmpRegisters registers)
    {
        registers.Set(Register, 0, 0);
        if (NeedsTwoRegisters)
            registers.Set(Register - 1, 0, 0);
    }
}

/// <summary>
/// Bookkeeping of PMP regions and registers: granularity, overlap, NAPOT or TOR, search for free registers (Keystone
/// sm/src/pmp.c). Not thread-safe; the monitor's lock guards it.
/// </summary>
public sealed class PmpRegionTable
{
    private readonly PmpRegion[] _regions; // of no bytes: free
    private readonly bool[] _used;
    private readonly bool _freesLast;

    /// <param name="registers">PMP registers to hand out.</param>
    /// <param name="freesLast">
    /// <see cref="Weakness.SharedLastPmpRegister"/>; otherwise the last register is the operating system's for ever.
    /// </param>
    public PmpRegionTable(int registers, bool freesLast = false)
    {
        _freesLast = freesLast;
        if (registers is < 3 or > 64)
            throw new ArgumentOutOfRangeException(nameof(registers), "a monitor needs 3 to 64 PMP registers");
        _used = new bool[registers];
        _regions = new PmpRegion[Math.Max(KeystoneAbi.PmpRegionCount, registers * 2)];
    }

    public int Registers => _used.Length;

    public ref readonly PmpRegion this[int id]
    {
        get
        {
            ref readonly PmpRegion region = ref _regions[id];
            if (region.Size == 0)
                throw new ArgumentOutOfRangeException(nameof(id), $"PMP region {id} does not exist");
            return ref region;
        }
    }

    public KeystoneError Add(ulong start, ulong size, PmpPriority priority, bool mayOverlap, out int id)
    {
        id = -1;
        if (size == 0)
            return KeystoneError.PmpRegionSizeInvalid;
        if (!mayOverlap && Overlaps(start, size))
            return KeystoneError.PmpRegionOverlap;
        const ulong PageMask = KeystoneAbi.PageSize - 1;
        if ((size != PmpRegion.WholeSpace && (size & PageMask) != 0) || (start & PageMask) != 0)
            return KeystoneError.PmpRegionNotPageGranularity;

        bool napot = size == PmpRegion.WholeSpace
            ? start == 0
            : (size & (size - 1)) == 0 && (start & (size - 1)) == 0;
        if (!napot && priority != PmpPriority.Any && (priority != PmpPriority.Top || start != 0))
            return KeystoneError.PmpRegionImpossibleTor;

        int free = FindFreeRegion();
        if (free < 0)
            return KeystoneError.PmpRegionMaxReached;
        int register = napot ? FindNapotRegister(priority) : FindTorRegister(priority);
        if (register < 0)
            return KeystoneError.PmpRegionMaxReached;

        var region = new PmpRegion(start, size, napot ? PmpRegisters.ModeNapot : PmpRegisters.ModeTor, register, mayOverlap);
        _used[register] = true;
        if (region.NeedsTwoRegisters)
            _used[register - 1] = true;
        _regions[free] = region;
        id = free;
        return KeystoneError.Success;
    }

    public void Remove(int id)
    {
        PmpRegion region = this[id];
        _regions[id] = default;
        if (_freesLast || region.Register != Registers - 1 || region.NeedsTwoRegisters)
            _used[region.Register] = false;
        if (region.NeedsTwoRegisters)
            _used[region.Register - 1] = false;
    }

    private bool Overlaps(ulong start, ulong size)
    {
        if (size > ulong.MaxValue - start)
            return true;
        foreach (PmpRegion other in _regions)
        {
            if (other is { Size: not 0, MayOverlap: false } && other.Start < start + size && start < other.Start + other.Size)
                return true;
        }

        return false;
    }

    private int FindFreeRegion()
    {
        for (int i = 0; i < _regions.Length; i++)
        {
            if (_regions[i].Size == 0)
                return i;
        }

        return -1;
    }

    private int FindNapotRegister(PmpPriority priority) => priority switch
    {
        PmpPriority.Top => _used[0] ? -1 : 0,
        PmpPriority.Bottom => Registers - 1,
        _ => Array.IndexOf(_used, false),
    };

    /// <summary>The upper one of two free neighbours, or register 0 alone for a region that starts at 0.</summary>
    private int FindTorRegister(PmpPriority priority)
    {
        if (priority == PmpPriority.Top)
            return _used[0] ? -1 : 0;
        for (int i = 1; i < Registers; i++)
        {
            if (!_used[i - 1] && !_used[i])
                return i;
        }

        return -1;
    }
}
