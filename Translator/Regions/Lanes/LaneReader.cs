using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions.Lanes;

/// <summary>
/// Follows one iteration of a loop: which registers only move by constants, what is stored where. Registers that an
/// iteration finds as the one before left them, a sum or what it loaded last, are known by that
/// (<see cref="Carried"/>).
/// </summary>
internal sealed class LaneReader
{
    private readonly ulong _written;
    private readonly Held[] _x = new Held[32];
    private readonly LaneValue?[] _f = new LaneValue?[32];
    private readonly List<LaneResult> _results = [];
    private int _width;
    private int _index;

    private LaneReader(LaneCycle cycle)
    {
        Cycle = cycle;
        foreach (Block b in cycle.Blocks)
            _written |= b.Defs;
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

    public LaneCycle Cycle { get; }

    public List<LaneStore> Stores { get; } = [];

    /// <summary>What is loaded, in the order of the program.</summary>
    public List<LaneLoad> Loads { get; } = [];

    /// <summary>Registers that begin an iteration with a sum of another that moves.</summary>
    public Dictionary<int, LaneAddress> Derived { get; } = [];

    /// <summary>Registers that begin an iteration with what the one before loaded, by where that is from here.</summary>
    public Dictionary<int, LaneLoad> Carried { get; } = [];

    /// <summary>Size of the elements in bytes.</summary>
    public int Width => _width;

    /// <summary>All operations.</summary>
    public IReadOnlyList<LaneResult> Results => _results;

    /// <summary>Null when the iteration does what lanes cannot.</summary>
    public static LaneReader? Read(LaneCycle cycle)
    {
        var before = new LaneReader(cycle);
        before.PassAll(isFirst: true);
        var reader = new LaneReader(cycle);
        reader.BeginAs(before);
        return reader.PassAll(isFirst: false) && reader.EndsAsItBegan()
            && reader._results.TrueForAll(r => r.Form.Has(reader._width)) ? reader : null;
    }

    private bool PassAll(bool isFirst)
    {
        foreach (Block block in Cycle.Blocks)
        {
            ulong pc = block.Start;
            foreach (Instruction i in block.Instructions)
            {
                if (i.Row!.Flow is not (Flow.Branch or Flow.Jump) && !Pass(i, pc))
                {
                    if (!isFirst)
                        return false;
                    if ((i.Row.Operands & Operands.WritesX) != 0)
                        Set(i.Rd, default);
                    if ((i.Row.Operands & Operands.WritesF) != 0)
                        _f[i.Rd] = null;
                }

                pc += i.Length;
                _index++;
            }
        }

        return true;
    }

    private void BeginAs(LaneReader before)
    {
        for (int r = 1; r < 32; r++)
        {
            if (!Cycle.Reads(r) || before.StepOf(r) is not null)
                continue;
            Held end = before._x[r];
            if (end is { IsWord: false, Sum: { HasOneRegister: true } sum } && before.StepOf(sum.Register) is { } step && step != 0)
            {
                Derived.Add(r, sum.Moved(-step));
                _x[r] = end with { Sum = sum.Moved(-step) };
            }
            else if (end.Value is LaneLoad load && before.StepOf(load.Address.Register) is { } further && further != 0)
            {
                var carried = new LaneLoad(load.Address.Moved(-further), LaneLoad.Before, isFloat: false);
                Carried.Add(r, carried);
                _x[r] = new Held(null, IsWord: false, carried);
            }
        }
    }

    private bool EndsAsItBegan()
    {
        foreach ((int r, LaneAddress sum) in Derived)
        {
            if (_x[r] is not { IsWord: false, Sum: { } end } || StepOf(sum.Register) is not { } step || end != sum.Moved(step))
                return false;
        }

        foreach ((int r, LaneLoad load) in Carried)
        {
            if (_x[r].Value is not LaneLoad end || StepOf(load.Address.Register) is not { } step || end.Address != load.Address.Moved(step))
                return false;
        }

        return true;
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

    private bool Pass(in Instruction i, ulong pc)
    {
        Row row = i.Row!;
        if (row.Memory is { Bytes: not 0 } shape)
            return PassAccess(i, shape);
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

    private bool PassAccess(in Instruction i, MemoryShape shape)
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
            var load = new LaneLoad(address, _index, isFloat);
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
        Stores.Add(new LaneStore(address, value, _index));
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
