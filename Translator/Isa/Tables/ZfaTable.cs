using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;
using F16 = RvJit.Translator.Float.Binary16;
using F32 = RvJit.Translator.Float.Binary32;
using F64 = RvJit.Translator.Float.Binary64;

namespace RvJit.Translator.Isa.Tables;

/// <summary>Zfa of RV64 (unprivileged manual, "Zfa"), by the format that its rows need besides.</summary>
internal static class ZfaTable
{
    public static Row[] Single() =>
    [
        new FloatConstantRow<F32>("fli.s", "1111000 00001 rs1 000 rd 1010011"),
        new FloatRow<FMinM<F32>>("fminm.s", "0010100 rs2 rs1 010 rd 1010011"),
        new FloatRow<FMaxM<F32>>("fmaxm.s", "0010100 rs2 rs1 011 rd 1010011"),
        new FloatRow<FRound<F32>>("fround.s", "0100000 00100 rs1 rm rd 1010011"),
        new FloatRow<FRoundNx<F32>>("froundnx.s", "0100000 00101 rs1 rm rd 1010011"),
        new FloatRow<FLeQ<F32>>("fleq.s", "1010000 rs2 rs1 100 rd 1010011"),
        new FloatRow<FLtQ<F32>>("fltq.s", "1010000 rs2 rs1 101 rd 1010011"),
    ];

    public static Row[] Double() =>
    [
        new FloatConstantRow<F64>("fli.d", "1111001 00001 rs1 000 rd 1010011"),
        new FloatRow<FMinM<F64>>("fminm.d", "0010101 rs2 rs1 010 rd 1010011"),
        new FloatRow<FMaxM<F64>>("fmaxm.d", "0010101 rs2 rs1 011 rd 1010011"),
        new FloatRow<FRound<F64>>("fround.d", "0100001 00100 rs1 rm rd 1010011"),
        new FloatRow<FRoundNx<F64>>("froundnx.d", "0100001 00101 rs1 rm rd 1010011"),
        new FloatRow<FLeQ<F64>>("fleq.d", "1010001 rs2 rs1 100 rd 1010011"),
        new FloatRow<FLtQ<F64>>("fltq.d", "1010001 rs2 rs1 101 rd 1010011"),
        new FloatRow<FToWordModulo>("fcvtmod.w.d", "1100001 01000 rs1 001 rd 1010011", "rd,frs1,rtz"),
    ];

    public static Row[] Half() =>
    [
        new FloatConstantRow<F16>("fli.h", "1111010 00001 rs1 000 rd 1010011"),
        new FloatRow<FMinM<F16>>("fminm.h", "0010110 rs2 rs1 010 rd 1010011"),
        new FloatRow<FMaxM<F16>>("fmaxm.h", "0010110 rs2 rs1 011 rd 1010011"),
        new FloatRow<FRound<F16>>("fround.h", "0100010 00100 rs1 rm rd 1010011"),
        new FloatRow<FRoundNx<F16>>("froundnx.h", "0100010 00101 rs1 rm rd 1010011"),
        new FloatRow<FLeQ<F16>>("fleq.h", "1010010 rs2 rs1 100 rd 1010011"),
        new FloatRow<FLtQ<F16>>("fltq.h", "1010010 rs2 rs1 101 rd 1010011"),
    ];
}
