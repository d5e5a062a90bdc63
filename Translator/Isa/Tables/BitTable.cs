using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Isa.Tables;

/// <summary>The bit manipulation extensions and Zicond, in the manual's order; rows of two extensions stand apart.</summary>
internal static class BitTable
{
    public static Row[] Zba() =>
    [
        new RegRegRow<AddUw>("add.uw", "0000100 rs2 rs1 000 rd 0111011"),
        new RegRegRow<Sh1add>("sh1add", "0010000 rs2 rs1 010 rd 0110011"),
        new RegRegRow<Sh1addUw>("sh1add.uw", "0010000 rs2 rs1 010 rd 0111011"),
        new RegRegRow<Sh2add>("sh2add", "0010000 rs2 rs1 100 rd 0110011"),
        new RegRegRow<Sh2addUw>("sh2add.uw", "0010000 rs2 rs1 100 rd 0111011"),
        new RegRegRow<Sh3add>("sh3add", "0010000 rs2 rs1 110 rd 0110011"),
        new RegRegRow<Sh3addUw>("sh3add.uw", "0010000 rs2 rs1 110 rd 0111011"),
        new RegImmRow<SlliUw>("slli.uw", "000010 shamt rs1 001 rd 0011011"),
    ];

    public static Row[] ZbbOrZbkb() =>
    [
        new RegRegRow<Andn>("andn", "0100000 rs2 rs1 111 rd 0110011"),
        new RegRegRow<Orn>("orn", "0100000 rs2 rs1 110 rd 0110011"),
        new RegRegRow<Xnor>("xnor", "0100000 rs2 rs1 100 rd 0110011"),
        new RegRegRow<Rol>("rol", "0110000 rs2 rs1 001 rd 0110011"),
        new RegRegRow<Rolw>("rolw", "0110000 rs2 rs1 001 rd 0111011"),
        new RegRegRow<Ror>("ror", "0110000 rs2 rs1 101 rd 0110011"),
        new RegImmRow<Ror>("rori", "011000 shamt rs1 101 rd 0010011"),
        new RegImmRow<Rorw>("roriw", "0110000 shamt5 rs1 101 rd 0011011"),
        new RegRegRow<Rorw>("rorw", "0110000 rs2 rs1 101 rd 0111011"),
        new UnaryRow<Rev8>("rev8", "011010111000 rs1 101 rd 0010011"),
    ];

    public static Row[] Zbb() =>
    [
        new UnaryRow<Clz>("clz", "011000000000 rs1 001 rd 0010011"),
        new UnaryRow<Clzw>("clzw", "011000000000 rs1 001 rd 0011011"),
        new UnaryRow<Ctz>("ctz", "011000000001 rs1 001 rd 0010011"),
        new UnaryRow<Ctzw>("ctzw", "011000000001 rs1 001 rd 0011011"),
        new UnaryRow<Cpop>("cpop", "011000000010 rs1 001 rd 0010011"),
        new UnaryRow<Cpopw>("cpopw", "011000000010 rs1 001 rd 0011011"),
        new RegRegRow<Max>("max", "0000101 rs2 rs1 110 rd 0110011"),
        new RegRegRow<Maxu>("maxu", "0000101 rs2 rs1 111 rd 0110011"),
        new RegRegRow<Min>("min", "0000101 rs2 rs1 100 rd 0110011"),
        new RegRegRow<Minu>("minu", "0000101 rs2 rs1 101 rd 0110011"),
        new UnaryRow<SextB>("sext.b", "011000000100 rs1 001 rd 0010011"),
        new UnaryRow<SextH>("sext.h", "011000000101 rs1 001 rd 0010011"),
        new UnaryRow<ZextH>("zext.h", "000010000000 rs1 100 rd 0111011"),
        new UnaryRow<OrcB>("orc.b", "001010000111 rs1 101 rd 0010011"),
    ];

    public static Row[] ZbcOrZbkc() =>
    [
        new RegRegRow<Clmul>("clmul", "0000101 rs2 rs1 001 rd 0110011"),
        new RegRegRow<Clmulh>("clmulh", "0000101 rs2 rs1 011 rd 0110011"),
    ];

    public static Row[] Zbc() => [new RegRegRow<Clmulr>("clmulr", "0000101 rs2 rs1 010 rd 0110011")];

    public static Row[] Zbs() =>
    [
        new RegRegRow<Bclr>("bclr", "0100100 rs2 rs1 001 rd 0110011"),
        new RegImmRow<Bclr>("bclri", "010010 shamt rs1 001 rd 0010011"),
        new RegRegRow<Bext>("bext", "0100100 rs2 rs1 101 rd 0110011"),
        new RegImmRow<Bext>("bexti", "010010 shamt rs1 101 rd 0010011"),
        new RegRegRow<Binv>("binv", "0110100 rs2 rs1 001 rd 0110011"),
        new RegImmRow<Binv>("binvi", "011010 shamt rs1 001 rd 0010011"),
        new RegRegRow<Bset>("bset", "0010100 rs2 rs1 001 rd 0110011"),
        new RegImmRow<Bset>("bseti", "001010 shamt rs1 001 rd 0010011"),
    ];

    /// <summary>zext.h of Zbb is packw with rs2 = x0, and stands before it.</summary>
    public static Row[] Zbkb() =>
    [
        new RegRegRow<Pack>("pack", "0000100 rs2 rs1 100 rd 0110011"),
        new RegRegRow<Packh>("packh", "0000100 rs2 rs1 111 rd 0110011"),
        new RegRegRow<Packw>("packw", "0000100 rs2 rs1 100 rd 0111011"),
        new UnaryRow<Brev8>("brev8", "011010000111 rs1 101 rd 0010011"),
    ];

    public static Row[] Zbkx() =>
    [
        new RegRegRow<Xperm4>("xperm4", "0010100 rs2 rs1 010 rd 0110011"),
        new RegRegRow<Xperm8>("xperm8", "0010100 rs2 rs1 100 rd 0110011"),
    ];

    public static Row[] Zicond() =>
    [
        new RegRegRow<CzeroEqz>("czero.eqz", "0000111 rs2 rs1 101 rd 0110011"),
        new RegRegRow<CzeroNez>("czero.nez", "0000111 rs2 rs1 111 rd 0110011"),
    ];
}
