using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Isa.Tables;

/// <summary>Scalar cryptography (AES, SHA-2, SM3, SM4), RV64 forms, in the manual's order; rows of two extensions stand apart.</summary>
internal static class CryptographyTable
{
    public static Row[] Zknd() =>
    [
        new RegRegRow<Aes64Ds>("aes64ds", "0011101 rs2 rs1 000 rd 0110011"),
        new RegRegRow<Aes64Dsm>("aes64dsm", "0011111 rs2 rs1 000 rd 0110011"),
        new UnaryRow<Aes64Im>("aes64im", "001100000000 rs1 001 rd 0010011"),
    ];

    public static Row[] Zkne() =>
    [
        new RegRegRow<Aes64Es>("aes64es", "0011001 rs2 rs1 000 rd 0110011"),
        new RegRegRow<Aes64Esm>("aes64esm", "0011011 rs2 rs1 000 rd 0110011"),
    ];

    public static Row[] ZkndOrZkne() =>
    [
        new RegImmRow<Aes64Ks1i>("aes64ks1i", "00110001 rnum rs1 001 rd 0010011", greatest: Aes64Ks1i.GreatestRound),
        new RegRegRow<Aes64Ks2>("aes64ks2", "0111111 rs2 rs1 000 rd 0110011"),
    ];

    public static Row[] Zknh() =>
    [
        new UnaryRow<Sha256Sig0>("sha256sig0", "000100000010 rs1 001 rd 0010011"),
        new UnaryRow<Sha256Sig1>("sha256sig1", "000100000011 rs1 001 rd 0010011"),
        new UnaryRow<Sha256Sum0>("sha256sum0", "000100000000 rs1 001 rd 0010011"),
        new UnaryRow<Sha256Sum1>("sha256sum1", "000100000001 rs1 001 rd 0010011"),
        new UnaryRow<Sha512Sig0>("sha512sig0", "000100000110 rs1 001 rd 0010011"),
        new UnaryRow<Sha512Sig1>("sha512sig1", "000100000111 rs1 001 rd 0010011"),
        new UnaryRow<Sha512Sum0>("sha512sum0", "000100000100 rs1 001 rd 0010011"),
        new UnaryRow<Sha512Sum1>("sha512sum1", "000100000101 rs1 001 rd 0010011"),
    ];

    public static Row[] Zksed() =>
    [
        new ByteSelectRow<Sm4Ed>("sm4ed", "bs 11000 rs2 rs1 000 rd 0110011"),
        new ByteSelectRow<Sm4Ks>("sm4ks", "bs 11010 rs2 rs1 000 rd 0110011"),
    ];

    public static Row[] Zksh() =>
    [
        new UnaryRow<Sm3P0>("sm3p0", "000100001000 rs1 001 rd 0010011"),
        new UnaryRow<Sm3P1>("sm3p1", "000100001001 rs1 001 rd 0010011"),
    ];
}
