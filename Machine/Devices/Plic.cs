using System.Numerics;
using RvJit.Machine.Board;

namespace RvJit.Machine.Devices;

/// <summary>
/// Platform-level interrupt controller (RISC-V PLIC specification 1.0.0, with its memory map). Every hart has two
/// contexts: 2h is its M-mode, 2h+1 its S-mode. Gateways are level-triggered: a high line makes its source pending once,
/// and again only after the interrupt was claimed and completed.
/// </summary>
public sealed class Plic : IBusDevice
{
    /// <summary>Interrupt sources, numbered from 1.</summary>
    public const int Sources = 95;

    /// <summary>Priorities are 0 (never) to this; the bits above read as zero.</summary>
    public const uint HighestPriority = 7;

    private const ulong PendingOffset = 0x1000;
    private const ulong EnableOffset = 0x2000;
    private const ulong EnableStride = 0x80;
    private const ulong ContextOffset = 0x20_0000;
    private const ulong ContextStride = 0x1000;
    private const ulong ThresholdRegister = 0;
    private const ulong ClaimRegister = 4;
    private const ulong ContextsPerHart = 2;
    private const int Words = (Sources / 32) + 1;

    private readonly Lock _lock = new();
    private readonly uint[] _priority = new uint[Sources + 1];
    private readonly uint[] _level = new uint[Words];
    private readonly uint[] _pending = new uint[Words];
    private readonly uint[] _claimed = new uint[Words];
    private readonly Context[] _contexts;

    public Plic(IReadOnlyList<IInterruptLines> harts) => _contexts =
    [
        .. harts.SelectMany(lines => new[]
        {
            new Context(lines, InterruptBit.MachineExternal),
            new Context(lines, InterruptBit.SupervisorExternal),
        }),
    ];

    public string Name => "plic";

    public ulong Size => ContextOffset + ((ulong)_contexts.Length * ContextStride);

    /// <summary>Bytes of address space for so many harts.</summary>
    public static ulong AddressSpace(int harts) => ContextOffset + ((ulong)harts * ContextsPerHart * ContextStride);

    /// <summary>The input of a source.</summary>
    public IInterruptLine Line(int source)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(source is >= 1 and <= Sources, true, nameof(source));
        return new SourceLine(this, source);
    }

    public bool TryRead(ulong offset, int bytes, out ulong value)
    {
        value = 0;
        if (!IsLegal(offset, bytes))
            return false;
        lock (_lock)
            value = Read(offset);
        return true;
    }

    public bool TryWrite(ulong offset, int bytes, ulong value)
    {
        if (!IsLegal(offset, bytes))
            return false;
        lock (_lock)
        {
            Write(offset, (uint)value);
            Update();
        }

        return true;
    }

    private static bool IsLegal(ulong offset, int bytes) => bytes == 4 && (offset & 3) == 0;

    private uint Read(ulong offset)
    {
        if (offset < PendingOffset)
            return offset / 4 <= Sources ? _priority[offset / 4] : 0;
        if (offset < EnableOffset)
            return (offset - PendingOffset) / 4 < Words ? _pending[(offset - PendingOffset) / 4] : 0;
        if (offset < ContextOffset)
            return EnableWord(offset, out int word) is { } enables && word < Words ? enables.Enable[word] : 0;
        Context context = _contexts[(offset - ContextOffset) / ContextStride];
        return ((offset - ContextOffset) % ContextStride) switch
        {
            ThresholdRegister => context.Threshold,
            ClaimRegister => Claim(context),
            _ => 0,
        };
    }

    private void Write(ulong offset, uint value)
    {
        if (offset < PendingOffset)
        {
            if (offset / 4 is > 0 and <= Sources)
                _priority[offset / 4] = value & HighestPriority;
        }
        else if (offset is >= EnableOffset and < ContextOffset)
        {
            if (EnableWord(offset, out int word) is { } enables && word < Words)
                enables.Enable[word] = word == 0 ? value & ~1U : value;
        }
        else if (offset >= ContextOffset)
        {
            Context context = _contexts[(offset - ContextOffset) / ContextStride];
            switch ((offset - ContextOffset) % ContextStride)
            {
                case ThresholdRegister:
                    context.Threshold = value & HighestPriority;
                    break;
                case ClaimRegister:
                    Complete(context, value);
                    break;
            }
        }
    }

    private Context? EnableWord(ulong offset, out int word)
    {
        ulong index = (offset - EnableOffset) / EnableStride;
        word = (int)((offset - EnableOffset) % EnableStride / 4);
        return index < (ulong)_contexts.Length ? _contexts[index] : null;
    }

    /// <summary>The pending, enabled source of the highest priority, the lowest number among equals; the threshold does not count.</summary>
    private uint Claim(Context context)
    {
        uint best = Best(context, 0);
        if (best != 0)
        {
            _pending[best / 32] &= ~(1U << (int)(best % 32));
            _claimed[best / 32] |= 1U << (int)(best % 32);
            Update();
        }

        return best;
    }

    /// <summary>The specification lets a completion of a source that is not enabled for the context pass without effect.</summary>
    private void Complete(Context context, uint source)
    {
        if (source is 0 or > Sources || (context.Enable[source / 32] & (1U << (int)(source % 32))) == 0)
            return;
        _claimed[source / 32] &= ~(1U << (int)(source % 32));
    }

    private uint Best(Context context, uint threshold)
    {
        uint best = 0;
        uint priority = threshold;
        for (int word = 0; word < Words; word++)
        {
            for (uint bits = _pending[word] & context.Enable[word]; bits != 0; bits &= bits - 1)
            {
                uint source = (uint)((word * 32) + BitOperations.TrailingZeroCount(bits));
                if (source <= Sources && _priority[source] > priority)
                    (best, priority) = (source, _priority[source]);
            }
        }

        return best;
    }

    /// <summary>Gateways pass high lines on, and every context learns whether there is something above its threshold.</summary>
    private void Update()
    {
        for (int word = 0; word < Words; word++)
            _pending[word] |= _level[word] & ~_claimed[word];
        foreach (Context context in _contexts)
            context.Drive(Best(context, context.Threshold) != 0);
    }

    private sealed class Context(IInterruptLines lines, InterruptBit bit)
    {
        private bool _driven;

        public uint[] Enable { get; } = new uint[Words];

        public uint Threshold { get; set; }

        public void Drive(bool level)
        {
            if (level == _driven)
                return;
            _driven = level;
            lines.SetLine(bit, level);
        }
    }

    private sealed class SourceLine(Plic plic, int source) : IInterruptLine
    {
        public void Set(bool level)
        {
            lock (plic._lock)
            {
                uint bit = 1U << (source % 32);
                uint before = plic._level[source / 32];
                uint after = level ? before | bit : before & ~bit;
                if (after == before)
                    return;
                plic._level[source / 32] = after;
                if (level)
                    plic.Update();
            }
        }
    }
}
