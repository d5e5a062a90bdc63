using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;
using F16 = RvJit.Translator.Float.Binary16;
using F32 = RvJit.Translator.Float.Binary32;
using F64 = RvJit.Translator.Float.Binary64;

namespace RvJit.Translator.Isa.Tables;

/// <summary>Zfa of RV64 (unprivileged manual, "Zfa"), by the format that its rows need besides.</summary>
internal static class ZfaTable
{
    public static RowDefinition[] Single() =>
    [
        new("fli.s", "1111000 00001 rs1 000 rd 1010011", (n, e) => new FloatConstantRow<F32>(n, e)),
        new("fminm.s", "0010100 rs2 rs1 010 rd 1010011", (n, e) => new FloatRow<FMinM<F32>>(n, e)),
        new("fmaxm.s", "0010100 rs2 rs1 011 rd 1010011", (n, e) => new FloatRow<FMaxM<F32>>(n, e)),
        new("fround.s", "0100000 00100 rs1 rm rd 1010011", (n, e) => new FloatRow<FRound<F32>>(n, e)),
        new("froundnx.s", "0100000 00101 rs1 rm rd 1010011", (n, e) => new FloatRow<FRoundNx<F32>>(n, e)),
        new("fleq.s", "1010000 rs2 rs1 100 rd 1010011", (n, e) => new FloatRow<FLeQ<F32>>(n, e)),
        new("fltq.s", "1010000 rs2 rs1 101 rd 1010011", (n, e) => new FloatRow<FLtQ<F32>>(n, e)),
    ];

    public static RowDefinition[] Double() =>
    [
        new("fli.d", "1111001 00001 rs1 000 rd 1010011", (n, e) => new FloatConstantRow<F64>(n, e)),
        new("fminm.d", "0010101 rs2 rs1 010 rd 1010011", (n, e) => new FloatRow<FMinM<F64>>(n, e)),
        new("fmaxm.d", "0010101 rs2 rs1 011 rd 1010011", (n, e) => new FloatRow<FMaxM<F64>>(n, e)),
        new("fround.d", "0100001 00100 rs1 rm rd 1010011", (n, e) => new FloatRow<FRound<F64>>(n, e)),
        new("froundnx.d", "0100001 00101 rs1 rm rd 1010011", (n, e) => new FloatRow<FRoundNx<F64>>(n, e)),
        new("fleq.d", "1010001 rs2 rs1 100 rd 1010011", (n, e) => new FloatRow<FLeQ<F64>>(n, e)),
        new("fltq.d", "1010001 rs2 rs1 101 rd 1010011", (n, e) => new FloatRow<FLtQ<F64>>(n, e)),
        new("fcvtmod.w.d", "1100001 01000 rs1 001 rd 1010011", (n, e) => new FloatRow<FToWordModulo>(n, e, "rd,frs1,rtz")),
    ];

    public static RowDefinition[] Half() =>
    [
        new("fli.h", "1111010 00001 rs1 000 rd 1010011", (n, e) => new FloatConstantRow<F16>(n, e)),
        new("fminm.h", "0010110 rs2 rs1 010 rd 1010011", (n, e) => new FloatRow<FMinM<F16>>(n, e)),
        new("fmaxm.h", "0010110 rs2 rs1 011 rd 1010011", (n, e) => new FloatRow<FMaxM<F16>>(n, e)),
        new("fround.h", "0100010 00100 rs1 rm rd 1010011", (n, e) => new FloatRow<FRound<F16>>(n, e)),
        new("froundnx.h", "0100010 00101 rs1 rm rd 1010011", (n, e) => new FloatRow<FRoundNx<F16>>(n, e)),
        new("fleq.h", "1010010 rs2 rs1 100 rd 1010011", (n, e) => new FloatRow<FLeQ<F16>>(n, e)),
        new("fltq.h", "1010010 rs2 rs1 101 rd 1010011", (n, e) => new FloatRow<FLtQ<F16>>(n, e)),
    ];
}
