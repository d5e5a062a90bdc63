using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Isa.Tables;

/// <summary>The bit manipulation extensions and Zicond, in the manual's order; rows of two extensions stand apart.</summary>
internal static class BitTable
{
    public static RowDefinition[] Zba() =>
    [
        new("add.uw", "0000100 rs2 rs1 000 rd 0111011", (n, e) => new RegRegRow<AddUw>(n, e)),
        new("sh1add", "0010000 rs2 rs1 010 rd 0110011", (n, e) => new RegRegRow<Sh1add>(n, e)),
        new("sh1add.uw", "0010000 rs2 rs1 010 rd 0111011", (n, e) => new RegRegRow<Sh1addUw>(n, e)),
        new("sh2add", "0010000 rs2 rs1 100 rd 0110011", (n, e) => new RegRegRow<Sh2add>(n, e)),
        new("sh2add.uw", "0010000 rs2 rs1 100 rd 0111011", (n, e) => new RegRegRow<Sh2addUw>(n, e)),
        new("sh3add", "0010000 rs2 rs1 110 rd 0110011", (n, e) => new RegRegRow<Sh3add>(n, e)),
        new("sh3add.uw", "0010000 rs2 rs1 110 rd 0111011", (n, e) => new RegRegRow<Sh3addUw>(n, e)),
        new("slli.uw", "000010 shamt rs1 001 rd 0011011", (n, e) => new RegImmRow<SlliUw>(n, e)),
    ];

    public static RowDefinition[] ZbbOrZbkb() =>
    [
        new("andn", "0100000 rs2 rs1 111 rd 0110011", (n, e) => new RegRegRow<Andn>(n, e)),
        new("orn", "0100000 rs2 rs1 110 rd 0110011", (n, e) => new RegRegRow<Orn>(n, e)),
        new("xnor", "0100000 rs2 rs1 100 rd 0110011", (n, e) => new RegRegRow<Xnor>(n, e)),
        new("rol", "0110000 rs2 rs1 001 rd 0110011", (n, e) => new RegRegRow<Rol>(n, e)),
        new("rolw", "0110000 rs2 rs1 001 rd 0111011", (n, e) => new RegRegRow<Rolw>(n, e)),
        new("ror", "0110000 rs2 rs1 101 rd 0110011", (n, e) => new RegRegRow<Ror>(n, e)),
        new("rori", "011000 shamt rs1 101 rd 0010011", (n, e) => new RegImmRow<Ror>(n, e)),
        new("roriw", "0110000 shamt5 rs1 101 rd 0011011", (n, e) => new RegImmRow<Rorw>(n, e)),
        new("rorw", "0110000 rs2 rs1 101 rd 0111011", (n, e) => new RegRegRow<Rorw>(n, e)),
        new("rev8", "011010111000 rs1 101 rd 0010011", (n, e) => new UnaryRow<Rev8>(n, e)),
    ];

    public static RowDefinition[] Zbb() =>
    [
        new("clz", "011000000000 rs1 001 rd 0010011", (n, e) => new UnaryRow<Clz>(n, e)),
        new("clzw", "011000000000 rs1 001 rd 0011011", (n, e) => new UnaryRow<Clzw>(n, e)),
        new("ctz", "011000000001 rs1 001 rd 0010011", (n, e) => new UnaryRow<Ctz>(n, e)),
        new("ctzw", "011000000001 rs1 001 rd 0011011", (n, e) => new UnaryRow<Ctzw>(n, e)),
        new("cpop", "011000000010 rs1 001 rd 0010011", (n, e) => new UnaryRow<Cpop>(n, e)),
        new("cpopw", "011000000010 rs1 001 rd 0011011", (n, e) => new UnaryRow<Cpopw>(n, e)),
        new("max", "0000101 rs2 rs1 110 rd 0110011", (n, e) => new RegRegRow<Max>(n, e)),
        new("maxu", "0000101 rs2 rs1 111 rd 0110011", (n, e) => new RegRegRow<Maxu>(n, e)),
        new("min", "0000101 rs2 rs1 100 rd 0110011", (n, e) => new RegRegRow<Min>(n, e)),
        new("minu", "0000101 rs2 rs1 101 rd 0110011", (n, e) => new RegRegRow<Minu>(n, e)),
        new("sext.b", "011000000100 rs1 001 rd 0010011", (n, e) => new UnaryRow<SextB>(n, e)),
        new("sext.h", "011000000101 rs1 001 rd 0010011", (n, e) => new UnaryRow<SextH>(n, e)),
        new("zext.h", "000010000000 rs1 100 rd 0111011", (n, e) => new UnaryRow<ZextH>(n, e)),
        new("orc.b", "001010000111 rs1 101 rd 0010011", (n, e) => new UnaryRow<OrcB>(n, e)),
    ];

    public static RowDefinition[] ZbcOrZbkc() =>
    [
        new("clmul", "0000101 rs2 rs1 001 rd 0110011", (n, e) => new RegRegRow<Clmul>(n, e)),
        new("clmulh", "0000101 rs2 rs1 011 rd 0110011", (n, e) => new RegRegRow<Clmulh>(n, e)),
    ];

    public static RowDefinition[] Zbc() => [new("clmulr", "0000101 rs2 rs1 010 rd 0110011", (n, e) => new RegRegRow<Clmulr>(n, e))];

    public static RowDefinition[] Zbs() =>
    [
        new("bclr", "0100100 rs2 rs1 001 rd 0110011", (n, e) => new RegRegRow<Bclr>(n, e)),
        new("bclri", "010010 shamt rs1 001 rd 0010011", (n, e) => new RegImmRow<Bclr>(n, e)),
        new("bext", "0100100 rs2 rs1 101 rd 0110011", (n, e) => new RegRegRow<Bext>(n, e)),
        new("bexti", "010010 shamt rs1 101 rd 0010011", (n, e) => new RegImmRow<Bext>(n, e)),
        new("binv", "0110100 rs2 rs1 001 rd 0110011", (n, e) => new RegRegRow<Binv>(n, e)),
        new("binvi", "011010 shamt rs1 001 rd 0010011", (n, e) => new RegImmRow<Binv>(n, e)),
        new("bset", "0010100 rs2 rs1 001 rd 0110011", (n, e) => new RegRegRow<Bset>(n, e)),
        new("bseti", "001010 shamt rs1 001 rd 0010011", (n, e) => new RegImmRow<Bset>(n, e)),
    ];

    /// <summary>zext.h of Zbb is packw with rs2 = x0, and stands before it.</summary>
    public static RowDefinition[] Zbkb() =>
    [
        new("pack", "0000100 rs2 rs1 100 rd 0110011", (n, e) => new RegRegRow<Pack>(n, e)),
        new("packh", "0000100 rs2 rs1 111 rd 0110011", (n, e) => new RegRegRow<Packh>(n, e)),
        new("packw", "0000100 rs2 rs1 100 rd 0111011", (n, e) => new RegRegRow<Packw>(n, e)),
        new("brev8", "011010000111 rs1 101 rd 0010011", (n, e) => new UnaryRow<Brev8>(n, e)),
    ];

    public static RowDefinition[] Zbkx() =>
    [
        new("xperm4", "0010100 rs2 rs1 010 rd 0110011", (n, e) => new RegRegRow<Xperm4>(n, e)),
        new("xperm8", "0010100 rs2 rs1 100 rd 0110011", (n, e) => new RegRegRow<Xperm8>(n, e)),
    ];

    public static RowDefinition[] Zicond() =>
    [
        new("czero.eqz", "0000111 rs2 rs1 101 rd 0110011", (n, e) => new RegRegRow<CzeroEqz>(n, e)),
        new("czero.nez", "0000111 rs2 rs1 111 rd 0110011", (n, e) => new RegRegRow<CzeroNez>(n, e)),
    ];
}
