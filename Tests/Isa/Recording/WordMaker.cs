using RvJit.Tests.Support;
using RvJit.Translator.Isa;

namespace RvJit.Tests.Isa.Recording;

/// <summary>Chooses instances of a row: registers that coincide or not, x0, immediates at their limits.</summary>
internal static class WordMaker
{
    private const int CompressedInstances = 16;
    private const int RandomInstances = 4;

    /// <summary>rd, rs1, rs2, rs3.</summary>
    private static readonly int[][] s_registers =
    [
        [10, 11, 12, 13], [10, 10, 12, 13], [10, 11, 10, 13], [10, 11, 11, 13], [10, 10, 10, 10], [0, 11, 12, 13],
        [10, 0, 12, 13], [10, 11, 0, 13], [1, 2, 31, 8], [5, 6, 7, 5],
    ];

    private static readonly long[] s_csrs = [1, 2, 3];
    private static readonly long[] s_noCsrs = [0x300, 0xC00, 0xC02, 0x800];

    public static IEnumerable<uint> Instances(Row row, Random random)
    {
        if (row.Encoding.Bits == 16)
        {
            return Enumerable.Range(0, 40 * CompressedInstances).Select(_ => Encoder.Random(row, random))
                .Where(w => Stops(InstructionTable.Decode(w))).Distinct().Take(CompressedInstances);
        }

        return Wide(row, random).Where(w => InstructionTable.Decode(w).Row == row && Stops(InstructionTable.Decode(w))).Distinct();
    }

    private static IEnumerable<uint> Wide(Row row, Random random)
    {
        bool first = true;
        foreach (int[] registers in s_registers)
        {
            foreach ((string field, long value) in Variants(row, first ? null : random))
                yield return Encoder.Word(row, Fields(registers, field, value, random));
            first = false;
        }

        for (int i = 0; i < RandomInstances; i++)
            yield return Encoder.Random(row, random);
    }

    /// <summary>The row's one special field at all its interesting values, or at a random one of them.</summary>
    private static IEnumerable<(string Field, long Value)> Variants(Row row, Random? pick)
    {
        (string field, long[] values) = row.Encoding.Format switch
        {
            Format.I or Format.S => ("imm", [0, 1, -1, 2047, -2048, 255]),
            Format.Shift => ("shamt", [0L, 1, 31, 32, 63, 12]),
            Format.Round => ("rnum", [0, 1, 8, 9, 10]),
            Format.ByteSelect => ("bs", [0, 1, 2, 3]),
            Format.B => ("imm", [8, 4, -2, 4094, -4096, 2048, 12]),
            Format.J => ("imm", [8, 4, -2, 0xFFFFE, -0x100000, 0x800, 0x12344]),
            Format.U => ("imm", [0, 0x1000, 0x7FFFF000, -0x80000000L, -0x1000, 0x12345000]),
            Format.Csr or Format.CsrImmediate => ("csr", pick is null ? [.. s_csrs, .. s_noCsrs] : s_csrs),
            Format.Amo => ("aqrl", [0L, 1, 2, 3]),
            Format.Fence => ("pred", [15L, 1, 2, 0, 8]),
            _ when row.Encoding.HasRoundingMode => ("rm", [7L, 0, 1, 2, 3, 4, 5, 6]),

            // fli: rs1 is no register.
            _ when row.Operands == Operands.WritesF => ("rs1", [.. Enumerable.Range(0, 32)]),
            _ => ("none", new long[] { 0 }),
        };
        return pick is null ? values.Select(v => (field, v)) : [(field, values[pick.Next(values.Length)])];
    }

    private static Dictionary<string, long> Fields(int[] registers, string field, long value, Random random)
    {
        var fields = new Dictionary<string, long>
        {
            ["rd"] = registers[0],
            ["rs1"] = registers[1],
            ["rs2"] = registers[2],
            ["rs3"] = registers[3],
            ["imm"] = 0,
            ["uimm"] = registers[1] == 0 ? 0 : random.Next(32),
            ["rm"] = 7,
            ["aq"] = 0,
            ["rl"] = 0,
            ["fm"] = 0,
            ["pred"] = 15,
            ["succ"] = random.Next(16),
            ["csr"] = 0,
            [field] = value,
        };
        foreach (string other in (string[])["shamt", "rnum", "bs"])
            fields.TryAdd(other, 0);
        fields["shamt5"] = fields["shamt"] & 31;
        if (field == "aqrl")
            (fields["aq"], fields["rl"]) = (value >> 1, value & 1);
        return fields;
    }

    /// <summary>Whether control comes to a breakpoint at once: not back to the instruction itself or into its middle.</summary>
    private static bool Stops(in Instruction i) => i.Row is { Flow: not (Flow.Branch or Flow.Jump) } || i.Immediate < 0 || i.Immediate >= i.Length;
}
