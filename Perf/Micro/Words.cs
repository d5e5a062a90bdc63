namespace RvJit.Perf.Micro;

/// <summary>The few instructions that the benchmarks are made of, as the unprivileged manual encodes them.</summary>
internal static class Words
{
    public const uint Ecall = 0x00000073;
    public const uint Ebreak = 0x00100073;

    public static uint Addi(int rd, int rs1, int immediate) => I(0x13, 0, rd, rs1, immediate);

    public static uint Slli(int rd, int rs1, int shift) => I(0x13, 1, rd, rs1, shift);

    public static uint Ld(int rd, int rs1, int offset) => I(0x03, 3, rd, rs1, offset);

    public static uint Jalr(int rd, int rs1, int offset) => I(0x67, 0, rd, rs1, offset);

    public static uint Add(int rd, int rs1, int rs2) => R(0, 0, rd, rs1, rs2);

    public static uint Sub(int rd, int rs1, int rs2) => R(0x20, 0, rd, rs1, rs2);

    public static uint Xor(int rd, int rs1, int rs2) => R(0, 4, rd, rs1, rs2);

    public static uint Sd(int rs2, int rs1, int offset) =>
        0x23u | Bits(offset, 0, 5) << 7 | 3u << 12 | (uint)rs1 << 15 | (uint)rs2 << 20 | Bits(offset, 5, 7) << 25;

    public static uint Beq(int rs1, int rs2, int offset) => B(0, rs1, rs2, offset);

    public static uint Bne(int rs1, int rs2, int offset) => B(1, rs1, rs2, offset);

    public static uint Jal(int rd, int offset) =>
        0x6Fu | (uint)rd << 7 | Bits(offset, 12, 8) << 12 | Bits(offset, 11, 1) << 20 | Bits(offset, 1, 10) << 21
        | Bits(offset, 20, 1) << 31;

    private static uint I(uint opcode, uint function, int rd, int rs1, int immediate) =>
        opcode | (uint)rd << 7 | function << 12 | (uint)rs1 << 15 | Bits(immediate, 0, 12) << 20;

    private static uint R(uint function7, uint function3, int rd, int rs1, int rs2) =>
        0x33u | (uint)rd << 7 | function3 << 12 | (uint)rs1 << 15 | (uint)rs2 << 20 | function7 << 25;

    private static uint B(uint function, int rs1, int rs2, int offset) =>
        0x63u | Bits(offset, 11, 1) << 7 | Bits(offset, 1, 4) << 8 | function << 12 | (uint)rs1 << 15 | (uint)rs2 << 20
        | Bits(offset, 5, 6) << 25 | Bits(offset, 12, 1) << 31;

    private static uint Bits(int value, int low, int count) => ((uint)value >> low) & ((1u << count) - 1);
}
