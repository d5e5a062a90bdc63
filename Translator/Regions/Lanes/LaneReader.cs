using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions.Lanes;

/// <summary>
/// Follows one iteration of a loop of one block: which registers only move by constants, what is stored where.
/// </summary>
internal sealed class LaneReader
{
    private readonly ulong _written;
    private readonly Held[] _x = new Held[32];
    private readonly LaneValue?[] _f = new LaneValue?[32];
    private readonly List<LaneResult> _results = [];
    private int _width;

    private LaneReader(Block block)
    {
        foreach (Instruction i in block.Instructions)
            _written |= DataFlow.Writes(i);
        for (int r = 0; r < 32; r++)
        {
            _x[r] = new Held(new LaneAddress(r, 0, 0, 0), IsWord: false, null);
            _f[r] = (_written & DataFlow.F(r)) == 0 ? new LaneInvariant(r, isFloat: true) : null;
        }
    }

    /// <summary>An X register at a point of the iteration: a sum, or a value of lanes, or neither.</summary>
    /// <param name="Sum">The sum.</param>
    /// <param name="IsWord">It is the sign-extended low word of the sum.</param>
    /// <param name="Value">The value.</param>
    private readonly record struct Held(LaneAddress? Sum, bool IsWord, LaneValue? Value);

    public List<LaneStore> Stores { get; } = [];

    public List<LaneLoad> Loads { get; } = [];

    /// <summary>Size of the elements in bytes.</summary>
    public int Width => _width;

    /// <summary>All operations.</summary>
    public IReadOnlyList<LaneResult> Results => _results;

    /// <summary>Null when the iteration does what lanes cannot.</summary>
    public static LaneReader? Read(Block block)
    {
        var reader = new LaneReader(block);
        ulong pc = block.Start;
        for (int k = 0; k < block.Instructions.Count - 1; k++)
        {
            Instruction i = block.Instructions[k];
            if (!reader.Pass(i, pc, k))
                return null;
            pc += i.Length;
        }

        return reader._results.TrueForAll(r => r.Form.Has(reader._width)) ? reader : null;
    }

    /// <summary>What an iteration adds to a register; null when it does something else to it.</summary>
    public long? StepOf(int register) =>
        _x[register].Sum is { HasOneRegister: true } sum && sum.Register == register ? sum.Offset : null;

    /// <summary>A register as a sum when the iteration ends.</summary>
    public LaneAddress? AtEnd(int register) => _x[register].Sum;

    /// <summary>Whether a register has the sign-extended low word of that sum.</summary>
    public bool IsWordAtEnd(int register) => _x[register].IsWord;

    /// <summary>Registers that an iteration moves.</summary>
    public IEnumerable<int> Moving()
    {
        for (int r = 1; r < 32; r++)
        {
            if (StepOf(r) is { } step && step != 0)
                yield return r;
        }
    }

    public bool IsInvariant(int register) => (_written & DataFlow.X(register)) == 0;

    private bool Pass(in Instruction i, ulong pc, int index)
    {
        Row row = i.Row!;
        if (row.Memory is { Bytes: not 0 } shape)
            return PassAccess(i, shape, index);
        if (row.Flow != Flow.Next || row.Atomic.Bytes != 0)
            return false;
        if (SumOf(i, pc) is { } sum)
        {
            Set(i.Rd, sum);
            return true;
        }

        LaneForm form = row.Lanes(i);
        if (form.Operation == LaneOperation.None)
            return false;
        LaneValue?[] operands = (row.Operands & Operands.AnyFloat) != 0
            ? (row.Operands & Operands.ReadsF3) != 0 ? [_f[i.Rs1], _f[i.Rs2], _f[i.Rs3]] : [_f[i.Rs1], _f[i.Rs2]]
            : [ValueOf(i.Rs1), (row.Operands & Operands.ReadsX2) != 0 ? ValueOf(i.Rs2) : new LaneConstant(i.Immediate)];
        foreach (LaneValue? operand in operands)
        {
            if (operand is null)
                return false;
        }

        if (form.IsShift && operands[1] is not (LaneConstant or LaneInvariant))
            return false;
        var result = new LaneResult(form, operands!);
        _results.Add(result);
        if (form.IsFloat)
            _f[i.Rd] = result;
        else
            Set(i.Rd, new Held(null, IsWord: false, result));

        return true;
    }

    private Held? SumOf(in Instruction i, ulong pc)
    {
        Row row = i.Row!;
        if (row.TryGetSum(i, pc, out int source, out long by) && _x[source] is { Sum: { } sum } moved)
            return by == 0 ? moved : moved.IsWord ? null : moved with { Sum = sum.Moved(by) };
        if (row.TryGetWordSum(i, out source, out by) && _x[source] is { Sum: { } word })
            return new Held(word.Moved(by), IsWord: true, null);
        if (!row.TryGetShiftedSum(i, out int shift) || shift != 0)
            return null;
        if (_x[i.Rs1] is not { IsWord: false, Sum: { } first } || _x[i.Rs2] is not { IsWord: false, Sum: { } second })
            return null;
        LaneAddress? both = Joined(first, second) ?? Joined(second, first);
        return both is null ? null : new Held(both, IsWord: false, null);
    }

    private LaneAddress? Joined(LaneAddress first, LaneAddress second) =>
        second is { HasOneRegister: true } && IsInvariant(second.Register) && second.Register != 0
            ? first.With(second.Register) is { } both ? both.Moved(second.Offset) : null
            : null;

    private bool PassAccess(in Instruction i, MemoryShape shape, int index)
    {
        if (_width == 0)
            _width = shape.Bytes;
        if (shape.Bytes != _width || _x[i.Rs1] is not { IsWord: false, Sum: { Register: not 0 } address })
            return false;
        address = address.Moved(i.Immediate);
        Operands operands = i.Row!.Operands;
        if (!shape.Writes)
        {
            bool isFloat = (operands & Operands.WritesF) != 0;
            var load = new LaneLoad(address, index, isFloat);
            Loads.Add(load);
            if (isFloat)
                _f[i.Rd] = load;
            else
                Set(i.Rd, new Held(null, IsWord: false, load));
            return true;
        }

        LaneValue? value = (operands & Operands.ReadsF2) != 0 ? _f[i.Rs2] : ValueOf(i.Rs2);
        if (value is null)
            return false;
        Stores.Add(new LaneStore(address, value, index));
        return true;
    }

    private void Set(int register, Held held)
    {
        if (register != 0)
            _x[register] = held;
    }

    private LaneValue? ValueOf(int register)
    {
        Held held = _x[register];
        if (held.Sum is not { } sum)
            return held.Value;
        if (held.IsWord || !sum.HasOneRegister)
            return null;
        if (sum.Register == 0)
            return new LaneConstant(sum.Offset);
        return sum.Offset == 0 && IsInvariant(sum.Register) ? new LaneInvariant(sum.Register, isFloat: false) : null;
    }
}
