using RvJit.Tests.Support;
using RvJit.Translator.Isa;

namespace RvJit.Tests.Isa.Recording;

/// <summary>Instructions that mean something only together: load-reserved and store-conditional.</summary>
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
}
