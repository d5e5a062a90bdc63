using RvJit.Fuzz.Support;

namespace RvJit.Tests.Translator;

/// <summary>Small random programs of loops that walk pointers through memory, for tests of merged and moved checks.</summary>
internal sealed class LoopPrograms(Random random)
{
    public const int FirstPointer = 10;
    public const int Pointers = 4;

    /// <summary>Loop counters, outermost first; code sets the inner ones.</summary>
    public const int FirstCounter = 5;

    /// <summary>A constant address that tests map memory at.</summary>
    public const int Table = 0x40_0000;

    private const int FirstData = 16;
    private const int DataRegisters = 4;
    private const int Depth = 3;

    private static readonly int[] s_steps = [1, 2, 4, 8, 8, 8, 16, 24, 40, 64, 200, 512, 1000, 0];
    private static readonly string[] s_accesses = ["lb", "lbu", "lh", "lw", "lwu", "ld", "ld", "fld", "sb", "sh", "sw", "sd", "sd"];

    private static readonly string[] s_atomics =
        ["amoadd.d", "amoswap.w", "amoor.d", "amomaxu.w", "amoxor.w", "amocas.d", "lr.d", "lr.w", "sc.d", "sc.w", "amoadd.b", "cbo.zero"];

    private readonly List<uint> _code = [];
    private readonly int[] _steps = new int[Pointers];

    public uint[] Make()
    {
        _code.Clear();
        for (int k = 0; k < Pointers; k++)
            _steps[k] = s_steps[random.Next(s_steps.Length)] * (random.Next(3) == 0 ? -1 : 1);
        Body(0);
        Loop(0);
        Body(0);
        return [.. _code];
    }

    private int Pointer => FirstPointer + random.Next(Pointers);

    private int Data => FirstData + random.Next(DataRegisters);

    private void Loop(int depth)
    {
        int counter = FirstCounter + depth;
        int start = _code.Count;
        Body(depth);
        if (depth + 1 < Depth && random.Next(2) == 0)
        {
            _code.Add(Encoder.Word("addi", rd: counter + 1, imm: random.Next(1, 12)));
            Loop(depth + 1);
            Body(depth);
        }

        _code.Add(Encoder.Word("addi", rd: counter, rs1: counter, imm: -1));
        _code.Add(Encoder.Word("bne", rs1: counter, imm: (start - _code.Count) * 4));
    }

    private void Body(int depth)
    {
        for (int n = random.Next(1, 6); n > 0; n--)
            Item(depth);
    }

    private void Item(int depth)
    {
        switch (random.Next(12))
        {
            case < 5:
                Access(Pointer);
                break;
            case < 7:
                Indexed();
                break;
            case < 10:
                int pointer = random.Next(Pointers);
                _code.Add(Encoder.Word("addi", rd: FirstPointer + pointer, rs1: FirstPointer + pointer, imm: _steps[pointer]));
                break;
            case 10:
                int skip = _code.Count;
                _code.Add(0);
                Body(depth);
                _code[skip] = Encoder.Word(random.Next(2) == 0 ? "beq" : "bltu", rs1: Data, rs2: Data, imm: (_code.Count - skip) * 4);
                break;
            default:
                Odd();
                break;
        }
    }

    /// <summary>An element of a table at a pointer, or at a constant, by an index that has bounds.</summary>
    private void Indexed()
    {
        const int Index = 20;
        const int Address = 21;
        _code.Add(random.Next(5) switch
        {
            0 => Encoder.Word("andi", rd: Index, rs1: Data, imm: random.Next(2048)),
            1 => Encoder.Word("srli", rd: Index, rs1: Data, imm: random.Next(50, 64)),
            2 => Encoder.Word("srliw", rd: Index, rs1: Data, imm: random.Next(18, 32)),
            3 => Encoder.Word("lbu", rd: Index, rs1: Pointer, imm: random.Next(64)),
            _ => Encoder.Word("sltu", rd: Index, rs1: Data, rs2: Data),
        });
        if (random.Next(2) == 0)
            _code.Add(Encoder.Word(random.Next(2) == 0 ? "slli" : "slliw", rd: Index, rs1: Index, imm: random.Next(5)));
        if (random.Next(3) == 0)
            _code.Add(Encoder.Word(random.Next(3) switch { 0 => "xori", 1 => "ori", _ => "addiw" }, rd: Index, rs1: Index, imm: random.Next(-8, 300)));
        int table = Pointer;
        if (random.Next(4) == 0)
        {
            table = Address;
            _code.Add(Encoder.Word("lui", rd: table, imm: Table));
        }

        string sum = random.Next(3) switch { 0 => "sh1add", 1 => "sh3add", _ => "add" };
        _code.Add(random.Next(2) == 0
            ? Encoder.Word(sum, rd: Address, rs1: Index, rs2: table)
            : Encoder.Word("add", rd: Address, rs1: table, rs2: Index));
        for (int n = random.Next(1, 3); n > 0; n--)
            Access(Address);
    }

    private void Access(int pointer)
    {
        if (random.Next(5) == 0)
        {
            Atomic(pointer);
            return;
        }

        string name = s_accesses[random.Next(s_accesses.Length)];
        int offset = random.Next(8) == 0 ? random.Next(-2048, 2048) : random.Next(-40, 40) & (random.Next(2) == 0 ? -8 : -1);
        _code.Add(name[0] == 's'
            ? Encoder.Word(name, rs1: pointer, rs2: Data, imm: offset)
            : Encoder.Word(name, rd: Data, rs1: pointer, imm: offset));
    }

    private void Atomic(int pointer)
    {
        string name = s_atomics[random.Next(s_atomics.Length)];
        _code.Add(name[0] switch
        {
            'c' => Encoder.Word(name, rs1: pointer),
            'l' => Encoder.Word(name, rd: Data, rs1: pointer),
            _ => Encoder.Word(name, rd: random.Next(4) == 0 ? 0 : Data, rs1: pointer, rs2: Data),
        });
    }

    /// <summary>Copies and sums of pointers, moves the other way, numbers for data.</summary>
    private void Odd()
    {
        int pointer = Pointer;
        _code.Add(random.Next(4) switch
        {
            0 => Encoder.Word("addi", rd: pointer, rs1: Pointer, imm: random.Next(-64, 64)),
            1 => Encoder.Word("addi", rd: pointer, rs1: pointer, imm: random.Next(-64, 64)),
            2 => Encoder.Word("add", rd: pointer, rs1: pointer, rs2: FirstCounter),
            _ => Encoder.Word("addi", rd: Data, rs1: Data, imm: random.Next(-64, 64)),
        });
    }
}
