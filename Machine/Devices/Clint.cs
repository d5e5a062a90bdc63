using RvJit.Machine.Board;

namespace RvJit.Machine.Devices;

/// <summary>
/// Software and timer interrupts of M-mode, laid out as SiFive's CLINT (SiFive FU540-C000 manual, "Core-Local
/// Interruptor"; RISC-V ACLINT specification, "Backward compatibility"). mtimecmp is all ones after reset.
/// </summary>
public sealed class Clint : IBusDevice
{
    public const ulong AddressSpace = 0x10000;

    private const ulong CompareOffset = 0x4000;
    private const ulong TimeOffset = 0xBFF8;

    private readonly Lock _lock = new();
    private readonly MachineClock _clock;
    private readonly HartPart[] _harts;

    public Clint(MachineClock clock, IReadOnlyList<IInterruptLines> harts)
    {
        _clock = clock;
        _harts = [.. harts.Select(lines => new HartPart(this, lines))];
    }

    public string Name => "clint";

    public ulong Size => AddressSpace;

    public bool TryRead(ulong offset, int bytes, out ulong value)
    {
        value = 0;
        if (!IsLegal(offset, bytes))
            return false;
        lock (_lock)
            value = Part(Register(offset & ~7UL), offset, bytes);
        return true;
    }

    public bool TryWrite(ulong offset, int bytes, ulong value)
    {
        if (!IsLegal(offset, bytes))
            return false;
        lock (_lock)
        {
            ulong at = offset & ~7UL;
            if (offset < CompareOffset)
                WriteSoftware(offset, bytes, value);
            else if (at == TimeOffset)
                WriteTime(Merge(Register(at), offset, bytes, value));
            else if (HartOf(at) is { } hart)
                hart.SetCompare(Merge(hart.Compare, offset, bytes, value));
        }

        return true;
    }

    private static bool IsLegal(ulong offset, int bytes) => bytes is 4 or 8 && (offset & ((ulong)bytes - 1)) == 0;

    /// <summary>The 8 bytes at an offset; zero where there is no register.</summary>
    private ulong Register(ulong at)
    {
        if (at == TimeOffset)
            return _clock.Time;
        if (at >= CompareOffset)
            return HartOf(at)?.Compare ?? 0;
        return Software(at / 4) | (Software((at / 4) + 1) << 32);
    }

    private ulong Software(ulong hart) => hart < (ulong)_harts.Length && _harts[hart].Software ? 1UL : 0;

    private HartPart? HartOf(ulong at)
    {
        ulong index = (at - CompareOffset) / 8;
        return index < (ulong)_harts.Length ? _harts[index] : null;
    }

    private void WriteSoftware(ulong offset, int bytes, ulong value)
    {
        for (int i = 0; i < bytes; i += 4)
        {
            ulong hart = (offset + (ulong)i) / 4;
            if (hart < (ulong)_harts.Length)
                _harts[hart].SetSoftware(((value >> (8 * i)) & 1) != 0);
        }
    }

    private void WriteTime(ulong time)
    {
        _clock.Time = time;
        foreach (HartPart hart in _harts)
            hart.Update();
    }

    private static ulong Part(ulong register, ulong offset, int bytes) =>
        bytes == 8 ? register : (uint)(register >> (int)(8 * (offset & 4)));

    private static ulong Merge(ulong register, ulong offset, int bytes, ulong value)
    {
        if (bytes == 8)
            return value;
        int shift = (int)(8 * (offset & 4));
        return (register & ~(0xFFFF_FFFFUL << shift)) | ((ulong)(uint)value << shift);
    }

    /// <summary>The registers of one hart, under the device's lock.</summary>
    private sealed class HartPart(Clint clint, IInterruptLines lines) : IAlarm
    {
        public bool Software { get; private set; }

        public ulong Compare { get; private set; } = ulong.MaxValue;

        public void SetSoftware(bool level)
        {
            Software = level;
            lines.SetLine(InterruptBit.MachineSoftware, level);
        }

        public void SetCompare(ulong value)
        {
            Compare = value;
            Update();
        }

        public void Update()
        {
            bool due = clint._clock.Time >= Compare;
            clint._clock.SetAlarm(this, due ? ulong.MaxValue : Compare);
            lines.SetLine(InterruptBit.MachineTimer, due);
        }

        public void Ring()
        {
            lock (clint._lock)
                Update();
        }
    }
}
