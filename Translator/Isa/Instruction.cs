namespace RvJit.Translator.Isa;

/// <summary>One decoded instruction. Compressed ones are expanded: the row is the base instruction's.</summary>
/// <param name="Row">What it is; null when the bits are no instruction of the table.</param>
/// <param name="Word">The bits as fetched: 16 in the low half for a compressed instruction.</param>
/// <param name="Immediate">Sign-extended immediate, shift amount, round, byte number, or CSR number.</param>
/// <param name="Length">2 or 4 bytes.</param>
public readonly record struct Instruction(
    Row? Row, uint Word, byte Rd, byte Rs1, byte Rs2, byte Rs3, byte RoundingMode, long Immediate, byte Length)
{
    public bool IsIllegal => Row is null;

    /// <summary>The CSR number of a CSR instruction.</summary>
    public int Csr => (int)Immediate;

    /// <summary>Zero-extended 5-bit immediate of csrrwi, csrrsi, csrrci: it stands in the rs1 field.</summary>
    public uint CsrImmediate => Rs1;

    /// <summary>Base-instruction word after expansion of a compressed one.</summary>
    public static Instruction FromWord(Row row, uint word, uint fetched, byte length)
    {
        long imm = row.Encoding.Format switch
        {
            Format.I => (int)word >> 20,
            Format.Shift => (word >> 20) & 63,
            Format.Round => (word >> 20) & 15,
            Format.ByteSelect => word >> 30,
            Format.S => (((int)word >> 25) << 5) | (int)((word >> 7) & 31),
            Format.B => (((int)word >> 31) << 12) | (int)((word & 0x80) << 4) | (int)((word >> 20) & 0x7E0)
                | (int)((word >> 7) & 0x1E),
            Format.U => (int)(word & 0xFFFFF000),
            Format.J => (((int)word >> 31) << 20) | (int)(word & 0xFF000) | (int)((word >> 9) & 0x800)
                | (int)((word >> 20) & 0x7FE),
            Format.Csr or Format.CsrImmediate => word >> 20,
            Format.Fence => word >> 20,
            _ => 0,
        };
        return new Instruction(
            row,
            fetched,
            (byte)((word >> 7) & 31),
            (byte)((word >> 15) & 31),
            (byte)((word >> 20) & 31),
            (byte)(word >> 27),
            (byte)((word >> 12) & 7),
            imm,
            length);
    }
}
