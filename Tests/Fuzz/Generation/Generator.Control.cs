using RvJit.Fuzz.Guest;
using RvJit.Fuzz.Support;
using RvJit.Translator.Isa;

namespace RvJit.Fuzz.Generation;

/// <summary>Branches, counted loops, calls, jump tables.</summary>
internal sealed partial class Generator
{
    private const int ConditionPieces = 5, LoopPieces = 7, MostOverrun = 12;

    private Cost Condition(Scope scope, int left)
    {
        if (_words.TryMake(_catalog.Branches) is not { } branch)
            return Straight();
        int group = _code.NewGroup(), otherwise = _code.NewLabel(), end = _code.NewLabel();
        _code.Branch(group, WithoutImmediate(branch), otherwise);
        Cost cost = Block(scope, _random.Next(1, Math.Min(left, ConditionPieces) + 1));
        if (Chance(2))
        {
            Jump(group, end);
            _code.Label(otherwise);
            cost += Block(scope, _random.Next(1, Math.Min(left, ConditionPieces) + 1));
        }
        else
        {
            _code.Label(otherwise);
        }

        _code.Label(end);
        return cost + new Cost(3);
    }

    /// <summary>A branch or jump as a template: its immediate comes with addresses.</summary>
    private static uint WithoutImmediate(uint word)
    {
        Instruction i = InstructionTable.Decode(word);
        if (i.Length == 4)
            return i.Row!.Encoding.Match | (i.Row.Flow == Flow.Jump ? (uint)i.Rd << 7 : ((uint)i.Rs1 << 15) | ((uint)i.Rs2 << 20));
        Row row = InstructionTable.FindCompressed(word)!;
        return row.Encoding.Match | (i.Row!.Flow == Flow.Jump ? 0 : (uint)(i.Rs1 - 8) << 7);
    }

    private void Jump(int group, int label)
    {
        if (Chance(2) && _catalog.Jumps.Find(row => row.Encoding.Bits == 16) is { } compressed)
            _code.Branch(group, compressed.Encoding.Match, label);
        else
            _code.Jump(group, 0, label);
    }

    /// <param name="scope">Where.</param>
    /// <param name="left">Pieces that the body may have, about.</param>
    /// <param name="fills">Whether it takes all that the program may execute.</param>
    private Cost Loop(Scope scope, int left, bool fills = false)
    {
        if (scope.Depth == Registers.LoopDepth(scope.Level))
            return Straight();
        int group = _code.NewGroup(), again = _code.NewLabel(), middle = _code.NewLabel();
        int counter = _registers.Counter(scope.Level, scope.Depth);
        bool walks = !fills && !scope.InLoop && Chance(2);
        int stride = Pick([1, 4, 8, 8, 16, 24, 64, 256, -8, -4, -64]);
        Scope inner = scope with { Depth = scope.Depth + 1, InLoop = scope.InLoop || walks, IsLong = fills || scope.IsLong };
        Cost cost = default;
        List<Item> body = _code.Aside(() =>
        {
            cost = Block(inner, fills ? left : _random.Next(1, Math.Min(left, LoopPieces) + 1));
            if (Chance(6))
                _code.Label(middle);
            if (walks)
                cost += Walk(group, _registers.Pointer(scope.Level), stride);
            cost += Block(inner, _random.Next(0, 3));
        });
        cost += new Cost(3);

        long most = Math.Max(1, Math.Min(_budget / cost.Instructions,
            Math.Min(cost.Patches == 0 ? long.MaxValue : MostPatches / cost.Patches, cost.Stops == 0 ? long.MaxValue : MostStops / cost.Stops)));
        if (walks)
        {
            int room = (Layout.DataBytes - LargestOffset - LargestAccess) / Math.Abs(stride);
            most = Math.Min(most, Chance(MostOverrun) ? most : room);
            _code.LoadConstant(group, _registers.Pointer(scope.Level), (long)Layout.Data + (stride < 0 ? Layout.DataBytes - LargestOffset - LargestAccess : 0));
        }

        long count = fills || Chance(3) ? most : (long)Math.Exp(_random.NextDouble() * Math.Log(most + 1));
        count = Math.Clamp(count, 1, most);
        Counted(group, counter, count, again, body.Exists(i => i.Kind == ItemKind.Label && i.Label == middle) ? middle : 0, body);
        return (cost * count) + new Cost(4);
    }

    private void Counted(int group, int counter, long count, int again, int enterAt, List<Item> body)
    {
        bool up = Chance(3);
        _code.LoadConstant(group, counter, up ? -count : count, isCount: true);
        if (enterAt != 0)
            Jump(group, enterAt);
        _code.Label(again);
        _code.Items.AddRange(body);
        uint step = Chance(2)
            ? Encoder.Word("addi", rd: counter, rs1: counter, imm: up ? 1 : -1)
            : Encoder.Word("addiw", rd: counter, rs1: counter, imm: up ? 1 : -1);
        _code.Word(group, step);
        Row? compressed = _catalog.Branches.Find(row => row.Name == "c.bnez");
        uint back = compressed is not null && counter is >= 8 and < 16 && Chance(2)
            ? compressed.Encoding.Match | ((uint)(counter - 8) << 7)
            : up ? Encoder.Word("blt", rs1: counter) : Encoder.Word(Chance(2) ? "bne" : "blt", rs1: 0, rs2: counter);
        _code.Branch(group, back, again);
    }

    /// <summary>Accesses at the walking pointer, which then goes on.</summary>
    private Cost Walk(int group, int pointer, int stride)
    {
        var b = new Base(pointer, 0, LargestOffset, true);
        int count = _random.Next(1, MostAccesses);
        for (int n = 0; n < count; n++)
            Access(b);
        _code.Word(group, Encoder.Word("addi", rd: pointer, rs1: pointer, imm: stride));
        return new Cost(count + 1);
    }

    private Cost Call(Scope scope)
    {
        Function[] callable = [.. _functions.Where(f => f.Level > scope.Level)];
        if (callable.Length == 0)
            return Straight();
        Function f = Pick(callable);
        int link = _registers.Link(f.Level), register = _words.FreeRegisterBut(0);
        switch (_random.Next(3))
        {
            case 0:
                _code.Jump(f.Group, link, f.Label);
                break;
            case 1:
                _code.FarCall(f.Group, link, f.Label);
                break;
            default:
                int offset = 2 * _random.Next(-100, 100);
                bool compressed = link == 1 && Chance(2);
                _code.LoadAddress(f.Group, register, f.Label, compressed ? 0 : -offset);
                _code.Word(f.Group, compressed && Row("c.jalr") is { } row
                    ? row.Encoding.Match | ((uint)register << 7)
                    : Encoder.Word("jalr", rd: link, rs1: register, imm: compressed ? 0 : offset));
                break;
        }

        return f.Cost + new Cost(3);
    }

    private void Return(int group, int link) =>
        _code.Word(group, Chance(2) && Row("c.jr") is { } row ? row.Encoding.Match | ((uint)link << 7) : Encoder.Word("jalr", rs1: link));

    private Row? Row(string name) => _catalog.RegisterJumps.Find(row => row.Name == name);

    /// <summary>A computed jump into a table of jumps.</summary>
    private Cost JumpTable(Scope scope)
    {
        int group = _code.NewGroup(), table = _code.NewLabel(), end = _code.NewLabel();
        int index = _words.FreeRegisterBut(0), address = _words.FreeRegisterBut(0, index);
        int[] targets = [.. Enumerable.Range(0, Chance(2) ? 4 : 8).Select(_ => _code.NewLabel())];
        _code.Word(group, Encoder.Word("andi", rd: index, rs1: _words.FreeRegister(), imm: targets.Length - 1));
        _code.Word(group, Encoder.Word("slli", rd: index, rs1: index, imm: 2));
        _code.LoadAddress(group, address, table);
        _code.Word(group, Encoder.Word("add", rd: address, rs1: address, rs2: index));
        _code.Word(group, Encoder.Word("jalr", rs1: address, rd: Chance(2) ? 0 : _words.FreeRegister()));
        _code.Label(table);
        foreach (int target in targets)
            _code.Jump(group, 0, target);
        Cost cost = new(9);
        foreach (int target in targets)
        {
            _code.Label(target);
            Cost branch = default;
            List<Item> items = _code.Aside(() => branch = Block(scope with { Depth = Registers.LoopDepth(scope.Level) }, _random.Next(0, 3)));
            _code.Items.AddRange(items);
            Jump(group, end);
            cost += branch;
        }

        _code.Label(end);
        return cost;
    }
}
