using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>
/// What is known of a register: its value is a symbol plus a constant, and bytes around it were checked. Symbol 0 is
/// the number zero, so constants are known as such.
/// </summary>
internal record struct KnownAddress(int Symbol, long Offset, Extent Readable, Extent Writable);

/// <summary>What is known of the integer registers at one point of a region.</summary>
internal sealed class KnownAddresses
{
    /// <summary>Addresses of guest windows are far below; larger constants are nothing to calculate with.</summary>
    private const long GreatestOffset = 1L << 48;

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
    public void Pass(in Instruction i, ulong pc, int symbol)
    {
        if ((i.Row!.Operands & Operands.WritesX) == 0 || i.Rd == 0)
            return;
        var known = new KnownAddress(symbol, 0, default, default);
        if (i.Row.TryGetSum(i, pc, out int source, out long addend) && addend is > -GreatestOffset and < GreatestOffset)
        {
            KnownAddress from = _registers[source];
            long offset = from.Offset + addend;
            if (offset is > -GreatestOffset and < GreatestOffset)
                known = new KnownAddress(from.Symbol, offset, from.Readable.From(addend), from.Writable.From(addend));
        }

        _registers[i.Rd] = known;
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
