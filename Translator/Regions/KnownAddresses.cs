using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>
/// What is known of a register: its value is a symbol plus a constant plus something from 0 to <see cref="Slack"/>, and
/// bytes around the lowest value were checked. Symbol 0 is the number zero, so constants and bounds are known as such.
/// </summary>
internal record struct KnownAddress(int Symbol, long Offset, Extent Readable, Extent Writable)
{
    public long Slack { get; init; }

    public readonly bool Equals(KnownAddress other) => Symbol == other.Symbol && Offset == other.Offset && Slack == other.Slack
        && Readable.Equals(other.Readable) && Writable.Equals(other.Writable);

    public override readonly int GetHashCode() => Symbol;
}

/// <summary>What is known of the integer registers at one point of a region.</summary>
internal sealed class KnownAddresses
{
    /// <summary>Addresses of guest windows are far below; larger constants are nothing to calculate with.</summary>
    private const long GreatestOffset = 1L << 48;

    /// <summary>Wider tables are not looked at as a whole: what is accessed in them must stay within a page's length.</summary>
    public const long MostSlack = HostMemory.PageSize - 64;

    private readonly KnownAddress[] _registers = new KnownAddress[32];

    public ref readonly KnownAddress this[int register] => ref _registers[register];

    public KnownAddresses Copy()
    {
        var copy = new KnownAddresses();
        _registers.CopyTo(copy._registers, 0);
        return copy;
    }

    public void Set(int register, KnownAddress known) => _registers[register] = known;

    /// <summary>The instruction's effect on its destination; what it computes gets a symbol unless it is a known sum.</summary>
    /// <param name="i">The instruction.</param>
    /// <param name="pc">Its address.</param>
    /// <param name="symbol">For a result of which nothing is known.</param>
    /// <param name="bounds">Whether to calculate with bounds.</param>
    public void Pass(in Instruction i, ulong pc, int symbol, bool bounds)
    {
        if ((i.Row!.Operands & Operands.WritesX) == 0 || i.Rd == 0)
            return;
        KnownAddress? known = i.Row.TryGetSum(i, pc, out int source, out long addend)
            ? Moved(_registers[source], addend, 0)
            : bounds ? Bounded(i) : null;
        _registers[i.Rd] = known ?? new KnownAddress(symbol, 0, default, default);
    }

    private static KnownAddress? Moved(in KnownAddress from, long by, long slack)
    {
        if (by is <= -GreatestOffset or >= GreatestOffset || from.Offset + by is <= -GreatestOffset or >= GreatestOffset)
            return null;
        return new KnownAddress(from.Symbol, from.Offset + by, from.Readable.From(by), from.Writable.From(by)) { Slack = from.Slack + slack };
    }

    private KnownAddress? Bounded(in Instruction i)
    {
        if (i.Row!.TryGetShiftedSum(i, out int shift))
        {
            return Indexed(_registers[i.Rs2], _registers[i.Rs1], shift)
                ?? (shift == 0 ? Indexed(_registers[i.Rs1], _registers[i.Rs2], 0) : null);
        }

        ValueRange range = i.Row.RangeOf(i, BoundsOf(i.Rs1), BoundsOf(i.Rs2));
        return range.High < GreatestOffset
            ? new KnownAddress(0, (long)range.Low, default, default) { Slack = (long)(range.High - range.Low) }
            : null;
    }

    private static KnownAddress? Indexed(in KnownAddress table, in KnownAddress index, int shift)
    {
        bool fits = index is { Symbol: 0, Offset: >= 0, Slack: <= MostSlack } && table.Slack + (index.Slack << shift) <= MostSlack;
        return fits ? Moved(table, index.Offset << shift, index.Slack << shift) : null;
    }

    private ValueRange BoundsOf(int register)
    {
        KnownAddress known = _registers[register];
        return known is { Symbol: 0, Offset: >= 0 }
            ? new ValueRange((ulong)known.Offset, (ulong)(known.Offset + known.Slack))
            : ValueRange.Any;
    }

    /// <summary>Bytes around a register's value have been checked.</summary>
    public void Promise(int register, Extent bytes, bool writes)
    {
        ref KnownAddress r = ref _registers[register];
        r.Readable = r.Readable.Join(bytes);
        if (writes)
            r.Writable = r.Writable.Join(bytes);
    }

    /// <summary>Bytes around the symbol have been checked.</summary>
    public void Check(int symbol, Extent bytes, bool writes)
    {
        foreach (ref KnownAddress r in _registers.AsSpan())
        {
            if (r.Symbol != symbol)
                continue;
            Extent here = bytes.From(r.Offset);
            r.Readable = r.Readable.Join(here);
            if (writes)
                r.Writable = r.Writable.Join(here);
        }
    }
}
