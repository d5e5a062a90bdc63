using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Isa.Tables;

/// <summary>Scalar cryptography (AES, SHA-2, SM3, SM4), RV64 forms, in the manual's order; rows of two extensions stand apart.</summary>
internal static class CryptographyTable
{
    public static RowDefinition[] Zknd() =>
    [
        new("aes64ds", "0011101 rs2 rs1 000 rd 0110011", (n, e) => new RegRegRow<Aes64Ds>(n, e)),
        new("aes64dsm", "0011111 rs2 rs1 000 rd 0110011", (n, e) => new RegRegRow<Aes64Dsm>(n, e)),
        new("aes64im", "001100000000 rs1 001 rd 0010011", (n, e) => new UnaryRow<Aes64Im>(n, e)),
    ];

    public static RowDefinition[] Zkne() =>
    [
        new("aes64es", "0011001 rs2 rs1 000 rd 0110011", (n, e) => new RegRegRow<Aes64Es>(n, e)),
        new("aes64esm", "0011011 rs2 rs1 000 rd 0110011", (n, e) => new RegRegRow<Aes64Esm>(n, e)),
    ];

    public static RowDefinition[] ZkndOrZkne() =>
    [
        new("aes64ks1i", "00110001 rnum rs1 001 rd 0010011", (n, e) => new RegImmRow<Aes64Ks1i>(n, e, greatest: Aes64Ks1i.GreatestRound)),
        new("aes64ks2", "0111111 rs2 rs1 000 rd 0110011", (n, e) => new RegRegRow<Aes64Ks2>(n, e)),
    ];

    public static RowDefinition[] Zknh() =>
    [
        new("sha256sig0", "000100000010 rs1 001 rd 0010011", (n, e) => new UnaryRow<Sha256Sig0>(n, e)),
        new("sha256sig1", "000100000011 rs1 001 rd 0010011", (n, e) => new UnaryRow<Sha256Sig1>(n, e)),
        new("sha256sum0", "000100000000 rs1 001 rd 0010011", (n, e) => new UnaryRow<Sha256Sum0>(n, e)),
        new("sha256sum1", "000100000001 rs1 001 rd 0010011", (n, e) => new UnaryRow<Sha256Sum1>(n, e)),
        new("sha512sig0", "000100000110 rs1 001 rd 0010011", (n, e) => new UnaryRow<Sha512Sig0>(n, e)),
        new("sha512sig1", "000100000111 rs1 001 rd 0010011", (n, e) => new UnaryRow<Sha512Sig1>(n, e)),
        new("sha512sum0", "000100000100 rs1 001 rd 0010011", (n, e) => new UnaryRow<Sha512Sum0>(n, e)),
        new("sha512sum1", "000100000101 rs1 001 rd 0010011", (n, e) => new UnaryRow<Sha512Sum1>(n, e)),
    ];

    public static RowDefinition[] Zksed() =>
    [
        new("sm4ed", "bs 11000 rs2 rs1 000 rd 0110011", (n, e) => new ByteSelectRow<Sm4Ed>(n, e)),
        new("sm4ks", "bs 11010 rs2 rs1 000 rd 0110011", (n, e) => new ByteSelectRow<Sm4Ks>(n, e)),
    ];

    public static RowDefinition[] Zksh() =>
    [
        new("sm3p0", "000100001000 rs1 001 rd 0010011", (n, e) => new UnaryRow<Sm3P0>(n, e)),
        new("sm3p1", "000100001001 rs1 001 rd 0010011", (n, e) => new UnaryRow<Sm3P1>(n, e)),
    ];
}
