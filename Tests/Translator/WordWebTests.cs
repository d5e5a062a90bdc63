using NUnit.Framework;
using RvJit.Fuzz.Support;
using RvJit.Machine;
using RvJit.Tests.Support;
using RvJit.Translator;

namespace RvJit.Tests.Translator;

/// <summary>
/// Registers that are 32-bit numbers on one path and something else on another, in loops that are entered with anything
/// in them and left in the middle. What is right is what the interpreter does, whose instructions are tested on their own.
/// </summary>
public sealed class WordWebTests
{
    private const int Programs = 150;
    private const int RunsOfAProgram = 4;
    private const int Blocks = 7;
    private const int FirstRegister = 5;
    private const int LastRegister = 14;
    private const int Counter = 18;
    private const int Data = 20;
    private const int Unmapped = 21;
    private const int DataBytes = 64;

    private static readonly string[] s_registerRows =
    [
        "addw", "subw", "sllw", "srlw", "sraw", "mulw", "divw", "remuw", "xor", "or", "and", "andn", "add", "sub", "slt", "sltu",
        "add.uw", "sh1add.uw", "sh2add", "rolw", "packw", "mul", "czero.eqz", "max",
    ];

    private static readonly string[] s_immediateRows = ["addiw", "addi", "xori", "ori", "andi", "slti", "sltiu"];
    private static readonly string[] s_shiftRows = ["slliw", "srliw", "sraiw", "roriw", "slli", "srli", "srai"];
    private static readonly string[] s_unaryRows = ["clz", "ctzw", "cpop", "sext.b", "sext.h", "zext.h", "rev8", "sha256sig0"];
    private static readonly string[] s_loadRows = ["lb", "lbu", "lh", "lhu", "lw", "lwu", "ld"];
    private static readonly string[] s_storeRows = ["sb", "sh", "sw", "sd"];
    private static readonly string[] s_branchRows = ["beq", "bne", "blt", "bge", "bltu", "bgeu"];

    [Test]
    public void TranslatedCodeDoesWhatInterpretedCodeDoes([Range(1, 8)] int seed)
    {
        var random = new Random(seed);
        for (int n = 0; n < Programs / 8; n++)
        {
            uint[] program = Make(random);
            using var interp = new GuestHarness(Tier.Interp);
            using var jit = new GuestHarness(Tier.Jit);
            for (int run = 0; run < RunsOfAProgram; run++)
            {
                ulong[] registers = [.. Enumerable.Range(0, 32).Select(_ => Any(random))];
                string expected = Run(interp, program, registers);
                Assert.That(Run(jit, program, registers), Is.EqualTo(expected), $"seed {seed}, program {n}, run {run}");
            }

            Assert.That(jit.Engine.Statistics.LastCompileFailure, Is.Null);
        }
    }

    /// <summary>The first loop reads 64 bits of a register in which the second one counts words.</summary>
    [Test]
    public void ALoopIsTranslatedWhateverItsRegistersAreUsedForLater()
    {
        using var g = new GuestHarness(Tier.Jit);
        g.X[11] = 0x2545F4914F6CDD1D;
        g.X[12] = 20;
        Trap trap = g.RunCode(
            Encoder.Word("mul", rd: 10, rs1: 10, rs2: 11),
            Encoder.Word("addi", rd: 10, rs1: 10, imm: 1),
            Encoder.Word("addi", rd: 12, rs1: 12, imm: -1),
            Encoder.Word("bne", rs1: 12, rs2: 0, imm: -12),
            Encoder.Word("addi", rd: 11, rs1: 0, imm: 20),
            Encoder.Word("addw", rd: 13, rs1: 13, rs2: 11),
            Encoder.Word("addiw", rd: 11, rs1: 11, imm: -1),
            Encoder.Word("bne", rs1: 11, rs2: 0, imm: -8));
        ulong expected = 0;
        for (int n = 0; n < 20; n++)
            expected = (expected * 0x2545F4914F6CDD1D) + 1;
        Assert.Multiple(() =>
        {
            Assert.That(trap.Cause, Is.EqualTo(TrapCause.Breakpoint));
            Assert.That(g.X[10], Is.EqualTo(expected));
            Assert.That(g.X[13], Is.EqualTo(210UL));
            Assert.That(g.Engine.Statistics.RegionsCompiled, Is.EqualTo(1), "no entry was refused");
        });
    }

    private static string Run(GuestHarness g, uint[] program, ulong[] registers)
    {
        registers.CopyTo(g.X);
        g.X[0] = 0;
        g.X[Counter] = 12;
        g.X[Data] = GuestHarness.DataAddress;
        g.X[Unmapped] = 0x8000_0000;
        for (ulong offset = 0; offset < DataBytes; offset += 8)
            g.World.TryWrite(GuestHarness.DataAddress + offset, registers[offset / 8] * 3);
        Trap trap = g.RunCode(program);
        var data = new ulong[DataBytes / 8];
        for (ulong k = 0; k < DataBytes / 8; k++)
            g.World.TryRead(GuestHarness.DataAddress + (8 * k), out data[k]);
        return $"{trap} at {g.Pc:x}\n{Text(g.X)}\n{Text(data)}";

        static string Text(ReadOnlySpan<ulong> values) => string.Join(' ', values.ToArray().Select(v => v.ToString("x")));
    }

    /// <summary>Numbers of 64 bits, of 32 bits with either extension, and small ones.</summary>
    private static ulong Any(Random random) => random.Next(4) switch
    {
        0 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
        1 => (uint)random.NextInt64(),
        2 => (ulong)(int)random.NextInt64(),
        _ => (ulong)random.Next(-3, 4),
    };

    private static int Register(Random random) => random.Next(12) == 0 ? 0 : random.Next(FirstRegister, LastRegister + 1);

    private static string Pick(Random random, string[] rows) => rows[random.Next(rows.Length)];

    /// <summary>Blocks that end with a branch to any other; one that goes back counts down first.</summary>
    private static uint[] Make(Random random)
    {
        var blocks = new List<uint>[Blocks];
        var starts = new int[Blocks + 1];
        var backward = new bool[Blocks];
        for (int b = 0; b < Blocks; b++)
        {
            blocks[b] = [.. Enumerable.Range(0, random.Next(1, 7)).Select(_ => MakeInstruction(random))];
            backward[b] = random.Next(2) == 0;
            if (backward[b])
                blocks[b].Add(Encoder.Word("addi", rd: Counter, rs1: Counter, imm: -1));
            starts[b + 1] = starts[b] + blocks[b].Count + 1;
        }

        var program = new List<uint>();
        for (int b = 0; b < Blocks; b++)
        {
            program.AddRange(blocks[b]);
            int target = starts[backward[b] ? random.Next(b + 1) : random.Next(b + 1, Blocks + 1)];
            long offset = 4L * (target - program.Count);
            program.Add(backward[b]
                ? Encoder.Word("blt", rs1: 0, rs2: Counter, imm: offset)
                : Encoder.Word(Pick(random, s_branchRows), rs1: Register(random), rs2: Register(random), imm: offset));
        }

        return [.. program];
    }

    private static uint MakeInstruction(Random random)
    {
        (int rd, int rs1, int rs2) = (Register(random), Register(random), Register(random));
        return random.Next(20) switch
        {
            < 7 => Encoder.Word(Pick(random, s_registerRows), rd: rd, rs1: rs1, rs2: rs2),
            < 10 => Encoder.Word(Pick(random, s_immediateRows), rd: rd, rs1: rs1, imm: random.Next(-40, 41)),
            < 12 => Encoder.Word(Pick(random, s_shiftRows), rd: rd, rs1: rs1, imm: random.Next(32)),
            < 13 => Encoder.Word(Pick(random, s_unaryRows), rd: rd, rs1: rs1),
            < 14 => Encoder.Word("addi", rd: rd, rs1: rs1, imm: 0),
            < 15 => Encoder.Word("lui", rd: rd, imm: random.Next(1 << 20) << 12),
            < 17 => Encoder.Word(Pick(random, s_loadRows), rd: rd, rs1: Data, imm: random.Next(DataBytes - 8)),
            < 19 => Encoder.Word(Pick(random, s_storeRows), rs1: Data, rs2: rs2, imm: random.Next(DataBytes - 8)),
            _ when random.Next(12) == 0 => Encoder.Word("lw", rd: rd, rs1: Unmapped),
            _ => Encoder.Word("add", rd: rd, rs1: 0, rs2: rs2),
        };
    }
}
