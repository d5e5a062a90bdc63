using RvJit.Tests.Support;
using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Kernels;

namespace RvJit.Tests.Isa.Recording;

/// <summary>
/// Instructions that mean something only together: load-reserved and store-conditional; and floating-point registers that
/// are seen in more than one format, and in static rounding modes, from one instruction to the next.
/// </summary>
internal static class Sequences
{
    private const int Loaded = 10;
    private const int Address = 11;
    private const int Value = 12;
    private const int Failed = 13;
    private const int OtherAddress = 14;
    private const int FailedAgain = 15;

    /// <summary>Sequences that end in this row.</summary>
    public static IEnumerable<VectorGroup> Of(Row row, ulong pc, Random random) => row.Name switch
    {
        "sc.w" => Of("w", "sw", pc, random),
        "sc.d" => Of("d", "sd", pc, random),
        "fadd.s" => Floats(row, pc, random, OperandValues.Singles,
        [
            Encoder.Word("fadd.s", rd: 10, rs1: 11, rs2: 12), Encoder.Word("fmul.s", rd: 13, rs1: 10, rs2: 11, rm: RoundingModes.Up),
            Encoder.Word("fcvt.l.s", rd: 10, rs1: 13, rm: RoundingModes.Down), Encoder.Word("fcvt.s.l", rd: 14, rs1: 10, rm: RoundingModes.TowardZero),
            Encoder.Word("fcvt.d.s", rd: 15, rs1: 10), Encoder.Word("fdiv.d", rd: 12, rs1: 15, rs2: 12),
            Encoder.Word("fcvt.s.d", rd: 16, rs1: 12), Encoder.Word("fsub.s", rd: 11, rs1: 12, rs2: 16),
        ]),
        "fadd.h" => Floats(row, pc, random, OperandValues.Halves,
        [
            Encoder.Word("fadd.h", rd: 10, rs1: 11, rs2: 12), Encoder.Word("fcvt.s.h", rd: 13, rs1: 10),
            Encoder.Word("fmul.s", rd: 14, rs1: 13, rs2: 13), Encoder.Word("fmin.s", rd: 15, rs1: 10, rs2: 14),
            Encoder.Word("fcvt.h.s", rd: 16, rs1: 14, rm: RoundingModes.Up), Encoder.Word("fsgnjn.d", rd: 17, rs1: 16, rs2: 10),
            Encoder.Word("fdiv.h", rd: 11, rs1: 16, rs2: 12), Encoder.Word("fcvt.d.h", rd: 12, rs1: 11),
        ]),
        _ => [],
    };

    private static IEnumerable<VectorGroup> Of(string size, string plainStore, ulong pc, Random random)
    {
        uint reserve = Encoder.Word($"lr.{size}", rd: Loaded, rs1: Address);
        uint store = Encoder.Word($"sc.{size}", rd: Failed, rs1: Address, rs2: Value);
        uint storeAgain = Encoder.Word($"sc.{size}", rd: FailedAgain, rs1: Address, rs2: Failed, aqrl: 3);
        uint storeElsewhere = Encoder.Word($"sc.{size}", rd: Failed, rs1: OtherAddress, rs2: Value);
        uint change = Encoder.Word(plainStore, rs1: Address, rs2: Address);
        uint[][] sequences =
        [
            [reserve, store], [reserve, store, storeAgain], [reserve, storeElsewhere], [reserve, storeElsewhere, storeAgain],
            [reserve, change, store], [reserve, reserve, store],
        ];
        foreach (uint[] words in sequences)
        {
            var group = new VectorGroup($"sc.{size}", pc, words);
            for (ulong at = InstructionState.Window; at < InstructionState.Window + 32; at += 8)
            {
                InstructionState state = InstructionState.Fresh(pc, words);
                state.X[Address] = at;
                state.X[OtherAddress] = at + 16;
                state.X[Value] = OperandValues.Any(random);
                group.Cases.Add((state, state));
            }

            yield return group;
        }
    }

    private static IEnumerable<VectorGroup> Floats(Row row, ulong pc, Random random, ulong[] operands, uint[] words)
    {
        var group = new VectorGroup(row.Name, pc, words);
        foreach (ulong a in operands)
        {
            foreach (ulong fcsr in OperandValues.RoundingModes)
            {
                InstructionState state = InstructionState.Fresh(pc, words);
                state.F[11] = a;
                state.F[12] = operands[random.Next(operands.Length)];
                state.Fcsr = fcsr;
                group.Cases.Add((state, state));
            }
        }

        yield return group;
    }
}
