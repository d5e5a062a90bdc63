using RvJit.Fuzz.Support;

namespace RvJit.Tests.Translator;

/// <summary>Random loops over arrays, as compilers make them: mostly such that vectors can do them, some nearly so.</summary>
internal sealed class LanePrograms(Random random)
{
    public const int Array = 10;
    public const int Arrays = 3;
    public const int Counter = 5;
    public const int Bound = 6;

    /// <summary>Some programs access the first array so many bytes further on, by a sum that each iteration makes.</summary>
    public const int Distance = 7;
    public const int Invariant = 20;
    public const int Invariants = 3;
    private const int Data = 24;
    public const int Address = 28;

    private static readonly string[] s_integer = ["add", "sub", "and", "or", "xor", "addw", "subw", "mul", "mulw", "sll", "srl", "sllw", "srlw", "sraw"];
    private static readonly string[] s_immediate = ["andi", "ori", "xori", "addi", "addiw", "slli", "srli", "slliw", "srliw", "sraiw"];
    private static readonly string[] s_float = ["fadd", "fsub", "fmul", "fdiv"];
    private static readonly string[] s_fused = ["fmadd", "fmsub", "fnmsub", "fnmadd"];

    private readonly List<uint> _code = [];

    /// <summary>Size of an element.</summary>
    public int Width { get; private set; }

    public bool IsFloat { get; private set; }

    /// <summary>What an iteration adds to the arrays' registers.</summary>
    public int Step { get; private set; }

    /// <summary>Whether the loop ends when the first array's register reaches <see cref="Bound"/>; else it counts <see cref="Counter"/>.</summary>
    public bool EndsAtBound { get; private set; }

    /// <summary>Whether it is an unrolled copy that is entered anywhere.</summary>
    public bool IsPipelined { get; private set; }

    public uint[] Make()
    {
        _code.Clear();
        IsPipelined = random.Next(4) == 0;
        if (IsPipelined)
            return MakePipelined();
        Width = 1 << random.Next(4);
        IsFloat = Width >= 4 && random.Next(2) == 0;
        int elements = 1 << Math.Max(0, random.Next(6) - 2);
        Step = Width * elements * (random.Next(3) == 0 ? -1 : 1);
        int[] first = [.. Enumerable.Range(0, Arrays).Select(_ => random.Next(3) == 0 ? random.Next(-20, 20) * Width : 0)];
        int[] operations = [random.Next(50) * 2, random.Next(100), random.Next(100)];
        int length = random.Next(4);
        int stored = random.Next(Arrays);
        bool isIndirect = random.Next(3) == 0;
        if (isIndirect)
            _code.Add(Encoder.Word("add", rd: Address, rs1: Array, rs2: Distance));
        for (int e = 0; e < elements; e++)
            Element((Step < 0 ? -e : e) * Width, first, operations, length, stored, isIndirect);
        int branch = random.Next(6);
        for (int k = 0; k < Arrays; k++)
            Add("addi", Array + k, Step);
        EndsAtBound = branch >= 3;
        switch (branch)
        {
            case 0 or 1:
                _code.Add(Encoder.Word("addi", rd: Counter, rs1: Counter, imm: -1));
                Back("bne", Counter, 0);
                break;
            case 2:
                _code.Add(Encoder.Word("addiw", rd: Counter, rs1: Counter, imm: -1));
                Back("bne", Counter, 0);
                break;
            case 3:
                Back("bne", Array, Bound);
                break;
            case 4 when Step > 0:
                Back("bltu", Array, Bound);
                break;
            case 4:
                Back("bltu", Bound, Array);
                break;
            case 5 when Step > 0:
                Back("bge", Bound, Array);
                break;
            default:
                Back("bge", Array, Bound);
                break;
        }

        return [.. _code];
    }

    /// <summary>
    /// An unrolled copy that joins what it loaded one and two elements before, entered anywhere, as C libraries copy between
    /// addresses that are aligned differently.
    /// </summary>
    private uint[] MakePipelined()
    {
        (Width, IsFloat, EndsAtBound) = (sizeof(ulong), false, false);
        int elements = 2 << random.Next(3);
        Step = elements * Width;
        bool isDerived = random.Next(2) == 0;
        bool joins = random.Next(3) != 0;
        var tops = new List<int>();
        _code.Add(0);
        for (int e = 0; e < elements; e++)
        {
            tops.Add(_code.Count);
            int older = Data + (e % 2), newer = Data + 1 - (e % 2), stored = older;
            if (joins)
            {
                stored = Data + 2;
                _code.Add(Encoder.Word("srl", rd: stored, rs1: older, rs2: Invariant));
                _code.Add(Encoder.Word("sll", rd: Data + 3, rs1: newer, rs2: Invariant + 1));
                _code.Add(Encoder.Word("or", rd: stored, rs1: stored, rs2: Data + 3));
            }
            else if (random.Next(2) == 0)
            {
                stored = newer;
            }

            bool isEarly = !joins && stored == older;
            if (isEarly)
                Save(e, stored, isDerived);
            _code.Add(Encoder.Word("ld", rd: older, rs1: Array + 1, imm: e * Width));
            if (!isEarly)
                Save(e, stored, isDerived);
        }

        Add("addi", Array, Step);
        Add("addi", Array + 1, Step);
        if (isDerived)
            _code.Add(Encoder.Word("addi", rd: Address, rs1: Array));
        Add("addi", Counter, -1);
        _code.Add(Encoder.Word("bne", rs1: Counter, imm: -4 * (_code.Count - tops[0])));
        _code[0] = Encoder.Word("jal", imm: 4 * tops[random.Next(tops.Count)]);
        return [.. _code];
    }

    private void Save(int element, int data, bool isDerived) => _code.Add(element == 0 && isDerived
        ? Encoder.Word("sd", rs1: Address, rs2: data)
        : Encoder.Word("sd", rs1: Array, rs2: data, imm: element * Width));

    private void Element(int offset, int[] first, int[] operations, int length, int stored, bool isIndirect)
    {
        for (int k = 0; k < (length == 0 ? 1 : 2); k++)
            Access(load: true, Data + k, isIndirect && k == 0 ? Address : Array + k, first[k] + offset);
        for (int k = 0; k < length; k++)
            Operate(operations[k], k);
        Access(load: false, Data + (operations[0] % 2), stored == 0 && isIndirect ? Address : Array + stored, first[stored] + offset);
    }

    private void Access(bool load, int data, int address, int offset)
    {
        string letter = Width switch { 1 => "b", 2 => "h", 4 => "w", _ => "d" };
        string name = (IsFloat ? "f" : "") + (load ? "l" : "s") + letter;
        _code.Add(load ? Encoder.Word(name, rd: data, rs1: address, imm: offset) : Encoder.Word(name, rs1: address, rs2: data, imm: offset));
    }

    private void Operate(int choice, int k)
    {
        int rd = Data + ((choice + k) % 2);
        int other = (choice & 1) == 0 ? Data + (1 - (rd - Data)) : Invariant + (choice % Invariants);
        string suffix = Width == 4 ? ".s" : ".d";
        if (IsFloat && choice < 50)
            _code.Add(Encoder.Word(s_float[choice % s_float.Length] + suffix, rd: rd, rs1: rd, rs2: other));
        else if (IsFloat)
            _code.Add(Encoder.Word(s_fused[choice % s_fused.Length] + suffix, rd: rd, rs1: Data, rs2: other, rs3: Data + 1));
        else if (choice < 70)
            _code.Add(Encoder.Word(s_integer[choice % s_integer.Length], rd: rd, rs1: rd, rs2: other));
        else
            _code.Add(Encoder.Word(s_immediate[choice % s_immediate.Length], rd: rd, rs1: rd, imm: choice % 31));
    }

    private void Add(string name, int register, int by) => _code.Add(Encoder.Word(name, rd: register, rs1: register, imm: by));

    private void Back(string name, int rs1, int rs2) => _code.Add(Encoder.Word(name, rs1: rs1, rs2: rs2, imm: -4 * _code.Count));
}
