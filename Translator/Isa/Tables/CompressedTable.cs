using RvJit.Translator.Isa.Rows;
using static RvJit.Translator.Isa.Tables.CompressedFields;

namespace RvJit.Translator.Isa.Tables;

/// <summary>
/// C for RV64, which is Zca and, with D, Zcd (unprivileged manual, "C" extension, tables of instruction listings by quadrant). A more
/// special encoding stands before the general one it would overlap; expansions return 0 for reserved values.
/// </summary>
internal static class CompressedTable
{
    public static RowDefinition[] Zca() =>
    [
        // Quadrant 0
        Define("c.addi4spn", "000 nzuimm:8 rd':3 00", "rd,sp,imm", b => Uimm4Spn(b) == 0 ? 0 : Asm.I(0x13, 0, RdQ(b), 2, (int)Uimm4Spn(b))),
        Define("c.lw", "010 uimm:3 rs1':3 uimm:2 rd':3 00", "rd,imm(rs1)", b => Asm.I(0x03, 2, RdQ(b), Rs1Q(b), (int)UimmW(b))),
        Define("c.ld", "011 uimm:3 rs1':3 uimm:2 rd':3 00", "rd,imm(rs1)", b => Asm.I(0x03, 3, RdQ(b), Rs1Q(b), (int)UimmD(b))),
        Define("c.sw", "110 uimm:3 rs1':3 uimm:2 rs2':3 00", "rs2,imm(rs1)", b => Asm.S(0x23, 2, Rs1Q(b), RdQ(b), (int)UimmW(b))),
        Define("c.sd", "111 uimm:3 rs1':3 uimm:2 rs2':3 00", "rs2,imm(rs1)", b => Asm.S(0x23, 3, Rs1Q(b), RdQ(b), (int)UimmD(b))),

        // Quadrant 1
        Define("c.nop", "000 nzimm:1 00000 nzimm:5 01", "hint", b => Asm.I(0x13, 0, 0, 0, Imm6(b))),
        Define("c.addi", "000 nzimm:1 rd:5 nzimm:5 01", "rd,imm", b => Asm.I(0x13, 0, Rd(b), Rd(b), Imm6(b))),
        Define("c.addiw", "001 imm:1 rd:5 imm:5 01", "rd,imm", b => Rd(b) == 0 ? 0 : Asm.I(0x1B, 0, Rd(b), Rd(b), Imm6(b))),
        Define("c.li", "010 imm:1 rd:5 imm:5 01", "rd,imm", b => Asm.I(0x13, 0, Rd(b), 0, Imm6(b))),
        Define("c.addi16sp", "011 nzimm:1 00010 nzimm:5 01", "rd,imm", b => Imm16Sp(b) == 0 ? 0 : Asm.I(0x13, 0, 2, 2, Imm16Sp(b))),
        Define("c.lui", "011 nzimm:1 rd:5 nzimm:5 01", "rd,uimm20", b => Imm6(b) == 0 ? 0 : Asm.U(0x37, Rd(b), Imm6(b) << 12)),
        Define("c.srli", "100 nzuimm:1 00 rd':3 nzuimm:5 01", "rd,shamt", b => Asm.I(0x13, 5, Rs1Q(b), Rs1Q(b), (int)Shamt(b))),
        Define("c.srai", "100 nzuimm:1 01 rd':3 nzuimm:5 01", "rd,shamt", b => Asm.I(0x13, 5, Rs1Q(b), Rs1Q(b), (int)Shamt(b) | 0x400)),
        Define("c.andi", "100 imm:1 10 rd':3 imm:5 01", "rd,imm", b => Asm.I(0x13, 7, Rs1Q(b), Rs1Q(b), Imm6(b))),
        Define("c.sub", "100 0 11 rd':3 00 rs2':3 01", "rd,rs2", b => Asm.R(0x33, 0, 0x20, Rs1Q(b), Rs1Q(b), RdQ(b))),
        Define("c.xor", "100 0 11 rd':3 01 rs2':3 01", "rd,rs2", b => Asm.R(0x33, 4, 0, Rs1Q(b), Rs1Q(b), RdQ(b))),
        Define("c.or", "100 0 11 rd':3 10 rs2':3 01", "rd,rs2", b => Asm.R(0x33, 6, 0, Rs1Q(b), Rs1Q(b), RdQ(b))),
        Define("c.and", "100 0 11 rd':3 11 rs2':3 01", "rd,rs2", b => Asm.R(0x33, 7, 0, Rs1Q(b), Rs1Q(b), RdQ(b))),
        Define("c.subw", "100 1 11 rd':3 00 rs2':3 01", "rd,rs2", b => Asm.R(0x3B, 0, 0x20, Rs1Q(b), Rs1Q(b), RdQ(b))),
        Define("c.addw", "100 1 11 rd':3 01 rs2':3 01", "rd,rs2", b => Asm.R(0x3B, 0, 0, Rs1Q(b), Rs1Q(b), RdQ(b))),
        Define("c.j", "101 imm:11 01", "target", b => Asm.J(0x6F, 0, ImmJ(b))),
        Define("c.beqz", "110 imm:3 rs1':3 imm:5 01", "rs1,target", b => Asm.B(0x63, 0, Rs1Q(b), 0, ImmB(b))),
        Define("c.bnez", "111 imm:3 rs1':3 imm:5 01", "rs1,target", b => Asm.B(0x63, 1, Rs1Q(b), 0, ImmB(b))),

        // Quadrant 2
        Define("c.slli", "000 nzuimm:1 rd:5 nzuimm:5 10", "rd,shamt", b => Asm.I(0x13, 1, Rd(b), Rd(b), (int)Shamt(b))),
        Define("c.lwsp", "010 uimm:1 rd:5 uimm:5 10", "rd,imm(rs1)", b => Rd(b) == 0 ? 0 : Asm.I(0x03, 2, Rd(b), 2, (int)UimmWSp(b))),
        Define("c.ldsp", "011 uimm:1 rd:5 uimm:5 10", "rd,imm(rs1)", b => Rd(b) == 0 ? 0 : Asm.I(0x03, 3, Rd(b), 2, (int)UimmDSp(b))),
        Define("c.ebreak", "100 1 00000 00000 10", "", _ => 0x00100073),
        Define("c.jr", "100 0 rs1:5 00000 10", "rs1", b => Rd(b) == 0 ? 0 : Asm.I(0x67, 0, 0, Rd(b), 0)),
        Define("c.mv", "100 0 rd:5 rs2:5 10", "rd,rs2", b => Asm.R(0x33, 0, 0, Rd(b), 0, Rs2(b))),
        Define("c.jalr", "100 1 rs1:5 00000 10", "rs1", b => Asm.I(0x67, 0, 1, Rd(b), 0)),
        Define("c.add", "100 1 rd:5 rs2:5 10", "rd,rs2", b => Asm.R(0x33, 0, 0, Rd(b), Rd(b), Rs2(b))),
        Define("c.swsp", "110 uimm:6 rs2:5 10", "rs2,imm(rs1)", b => Asm.S(0x23, 2, 2, Rs2(b), (int)UimmSwSp(b))),
        Define("c.sdsp", "111 uimm:6 rs2:5 10", "rs2,imm(rs1)", b => Asm.S(0x23, 3, 2, Rs2(b), (int)UimmSdSp(b))),
    ];

    public static RowDefinition[] Zcb() =>
    [
        Define("c.lbu", "100 000 rs1':3 uimm:2 rd':3 00", "rd,imm(rs1)", b => Asm.I(0x03, 4, RdQ(b), Rs1Q(b), (int)UimmB(b))),
        Define("c.lhu", "100 001 rs1':3 0 uimm:1 rd':3 00", "rd,imm(rs1)", b => Asm.I(0x03, 5, RdQ(b), Rs1Q(b), (int)UimmH(b))),
        Define("c.lh", "100 001 rs1':3 1 uimm:1 rd':3 00", "rd,imm(rs1)", b => Asm.I(0x03, 1, RdQ(b), Rs1Q(b), (int)UimmH(b))),
        Define("c.sb", "100 010 rs1':3 uimm:2 rs2':3 00", "rs2,imm(rs1)", b => Asm.S(0x23, 0, Rs1Q(b), RdQ(b), (int)UimmB(b))),
        Define("c.sh", "100 011 rs1':3 0 uimm:1 rs2':3 00", "rs2,imm(rs1)", b => Asm.S(0x23, 1, Rs1Q(b), RdQ(b), (int)UimmH(b))),
        Define("c.zext.b", "100 1 11 rd':3 11 000 01", "rd", b => Asm.I(0x13, 7, Rs1Q(b), Rs1Q(b), 0xFF)),
        Define("c.not", "100 1 11 rd':3 11 101 01", "rd", b => Asm.I(0x13, 4, Rs1Q(b), Rs1Q(b), -1)),
    ];

    public static RowDefinition[] ZcbWithM() =>
    [
        Define("c.mul", "100 1 11 rd':3 10 rs2':3 01", "rd,rs2", b => Asm.R(0x33, 0, 1, Rs1Q(b), Rs1Q(b), RdQ(b))),
    ];

    public static RowDefinition[] ZcbWithZbb() =>
    [
        Define("c.sext.b", "100 1 11 rd':3 11 001 01", "rd", b => Asm.I(0x13, 1, Rs1Q(b), Rs1Q(b), 0x604)),
        Define("c.zext.h", "100 1 11 rd':3 11 010 01", "rd", b => Asm.R(0x3B, 4, 0x04, Rs1Q(b), Rs1Q(b), 0)),
        Define("c.sext.h", "100 1 11 rd':3 11 011 01", "rd", b => Asm.I(0x13, 1, Rs1Q(b), Rs1Q(b), 0x605)),
    ];

    public static RowDefinition[] ZcbWithZba() =>
    [
        Define("c.zext.w", "100 1 11 rd':3 11 100 01", "rd", b => Asm.R(0x3B, 0, 0x04, Rs1Q(b), Rs1Q(b), 0)),
    ];

    public static RowDefinition[] Zcd() =>
    [
        Define("c.fld", "001 uimm:3 rs1':3 uimm:2 rd':3 00", "frd,imm(rs1)", b => Asm.I(0x07, 3, RdQ(b), Rs1Q(b), (int)UimmD(b))),
        Define("c.fsd", "101 uimm:3 rs1':3 uimm:2 rs2':3 00", "frs2,imm(rs1)", b => Asm.S(0x27, 3, Rs1Q(b), RdQ(b), (int)UimmD(b))),
        Define("c.fldsp", "001 uimm:1 rd:5 uimm:5 10", "frd,imm(rs1)", b => Asm.I(0x07, 3, Rd(b), 2, (int)UimmDSp(b))),
        Define("c.fsdsp", "101 uimm:6 rs2:5 10", "frs2,imm(rs1)", b => Asm.S(0x27, 3, 2, Rs2(b), (int)UimmSdSp(b))),
    ];

    public static RowDefinition Define(string name, string encoding, string syntax, Expansion expand) =>
        new(name, encoding, (n, e) => new CompressedRow(n, e, syntax, expand));
}

/// <summary>Fields of 16-bit instructions, named as in the manual; a Q stands for the three-bit registers x8..x15.</summary>
internal static class CompressedFields
{
    public static uint Rd(uint b) => (b >> 7) & 31;

    public static uint Rs2(uint b) => (b >> 2) & 31;

    public static uint RdQ(uint b) => 8 + ((b >> 2) & 7);

    public static uint Rs1Q(uint b) => 8 + ((b >> 7) & 7);

    public static int Imm6(uint b) => (((int)(b << 19) >> 31) << 5) | (int)((b >> 2) & 31);

    public static uint Shamt(uint b) => ((b >> 7) & 32) | ((b >> 2) & 31);

    /// <summary>nzuimm[5:4|9:6|2|3] in bits 12:5.</summary>
    public static uint Uimm4Spn(uint b) =>
        ((b >> 7) & 0x30) | ((b >> 1) & 0x3C0) | ((b >> 4) & 4) | ((b >> 2) & 8);

    /// <summary>uimm[5:3] in bits 12:10, uimm[2|6] in bits 6:5.</summary>
    public static uint UimmW(uint b) => ((b >> 7) & 0x38) | ((b >> 4) & 4) | ((b << 1) & 0x40);

    /// <summary>uimm[5:3] in bits 12:10, uimm[7:6] in bits 6:5.</summary>
    public static uint UimmD(uint b) => ((b >> 7) & 0x38) | ((b << 1) & 0xC0);

    /// <summary>uimm[0] in bit 6, uimm[1] in bit 5.</summary>
    public static uint UimmB(uint b) => ((b >> 6) & 1) | ((b >> 4) & 2);

    /// <summary>uimm[1] in bit 5.</summary>
    public static uint UimmH(uint b) => (b >> 4) & 2;

    /// <summary>nzimm[9] in bit 12, nzimm[4|6|8:7|5] in bits 6:2.</summary>
    public static int Imm16Sp(uint b) => (((int)(b << 19) >> 31) << 9)
        | (int)(((b >> 2) & 0x10) | ((b << 1) & 0x40) | ((b << 4) & 0x180) | ((b << 3) & 0x20));

    /// <summary>uimm[5] in bit 12, uimm[4:2|7:6] in bits 6:2.</summary>
    public static uint UimmWSp(uint b) => ((b >> 7) & 0x20) | ((b >> 2) & 0x1C) | ((b << 4) & 0xC0);

    /// <summary>uimm[5] in bit 12, uimm[4:3|8:6] in bits 6:2.</summary>
    public static uint UimmDSp(uint b) => ((b >> 7) & 0x20) | ((b >> 2) & 0x18) | ((b << 4) & 0x1C0);

    /// <summary>uimm[5:2|7:6] in bits 12:7.</summary>
    public static uint UimmSwSp(uint b) => ((b >> 7) & 0x3C) | ((b >> 1) & 0xC0);

    /// <summary>uimm[5:3|8:6] in bits 12:7.</summary>
    public static uint UimmSdSp(uint b) => ((b >> 7) & 0x38) | ((b >> 1) & 0x1C0);

    /// <summary>imm[11|4|9:8|10|6|7|3:1|5] in bits 12:2.</summary>
    public static int ImmJ(uint b) => (((int)(b << 19) >> 31) << 11)
        | (int)(((b >> 7) & 0x10) | ((b >> 1) & 0x300) | ((b << 2) & 0x400) | ((b >> 1) & 0x40)
            | ((b << 1) & 0x80) | ((b >> 2) & 0xE) | ((b << 3) & 0x20));

    /// <summary>imm[8|4:3] in bits 12:10, imm[7:6|2:1|5] in bits 6:2.</summary>
    public static int ImmB(uint b) => (((int)(b << 19) >> 31) << 8)
        | (int)(((b >> 7) & 0x18) | ((b << 1) & 0xC0) | ((b >> 2) & 6) | ((b << 3) & 0x20));
}

/// <summary>Builds base-instruction words.</summary>
public static class Asm
{
    public static uint R(uint opcode, uint funct3, uint funct7, uint rd, uint rs1, uint rs2) =>
        opcode | (rd << 7) | (funct3 << 12) | (rs1 << 15) | (rs2 << 20) | (funct7 << 25);

    public static uint I(uint opcode, uint funct3, uint rd, uint rs1, int imm) =>
        opcode | (rd << 7) | (funct3 << 12) | (rs1 << 15) | ((uint)imm << 20);

    public static uint S(uint opcode, uint funct3, uint rs1, uint rs2, int imm) =>
        opcode | (((uint)imm & 31) << 7) | (funct3 << 12) | (rs1 << 15) | (rs2 << 20) | (((uint)imm >> 5) << 25);

    public static uint B(uint opcode, uint funct3, uint rs1, uint rs2, int imm)
    {
        uint u = (uint)imm;
        return opcode | (((u >> 11) & 1) << 7) | (((u >> 1) & 15) << 8) | (funct3 << 12) | (rs1 << 15) | (rs2 << 20)
            | (((u >> 5) & 63) << 25) | (((u >> 12) & 1) << 31);
    }

    public static uint U(uint opcode, uint rd, int imm) => opcode | (rd << 7) | ((uint)imm & 0xFFFFF000);

    public static uint J(uint opcode, uint rd, int imm)
    {
        uint u = (uint)imm;
        return opcode | (rd << 7) | (((u >> 12) & 0xFF) << 12) | (((u >> 11) & 1) << 20) | (((u >> 1) & 0x3FF) << 21)
            | (((u >> 20) & 1) << 31);
    }
}
