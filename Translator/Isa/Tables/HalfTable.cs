using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;
using F16 = RvJit.Translator.Float.Binary16;
using F32 = RvJit.Translator.Float.Binary32;
using F64 = RvJit.Translator.Float.Binary64;

namespace RvJit.Translator.Isa.Tables;

/// <summary>Zfh. fmt is 10 for half precision.</summary>
internal static class HalfTable
{
    /// <summary>What Zfhmin has of it (unprivileged manual, "Zfhmin").</summary>
    public static Row[] Zfhmin() =>
    [
        new LoadRow<Flh>("flh", "imm[11:0] rs1 001 rd 0000111"),
        new StoreRow<Fsh>("fsh", "imm[11:5] rs2 rs1 001 imm[4:0] 0100111"),
        new FloatRow<FMvToX<F16>>("fmv.x.h", "1110010 00000 rs1 000 rd 1010011"),
        new FloatRow<FMvFromX<F16>>("fmv.h.x", "1111010 00000 rs1 000 rd 1010011"),
        new FloatRow<FConvert<F16, F32>>("fcvt.s.h", "0100000 00010 rs1 rm rd 1010011"),
        new FloatRow<FConvert<F32, F16>>("fcvt.h.s", "0100010 00000 rs1 rm rd 1010011"),
    ];

    /// <summary>The part of Zfhmin that needs D.</summary>
    public static Row[] ZfhminD() =>
    [
        new FloatRow<FConvert<F16, F64>>("fcvt.d.h", "0100001 00010 rs1 rm rd 1010011"),
        new FloatRow<FConvert<F64, F16>>("fcvt.h.d", "0100010 00001 rs1 rm rd 1010011"),
    ];

    public static Row[] Zfh() =>
    [
        new FloatRow<FFused<F16, Madd>>("fmadd.h", "rs3 10 rs2 rs1 rm rd 1000011"),
        new FloatRow<FFused<F16, Msub>>("fmsub.h", "rs3 10 rs2 rs1 rm rd 1000111"),
        new FloatRow<FFused<F16, Nmsub>>("fnmsub.h", "rs3 10 rs2 rs1 rm rd 1001011"),
        new FloatRow<FFused<F16, Nmadd>>("fnmadd.h", "rs3 10 rs2 rs1 rm rd 1001111"),
        new FloatRow<FAdd<F16>>("fadd.h", "0000010 rs2 rs1 rm rd 1010011"),
        new FloatRow<FSub<F16>>("fsub.h", "0000110 rs2 rs1 rm rd 1010011"),
        new FloatRow<FMul<F16>>("fmul.h", "0001010 rs2 rs1 rm rd 1010011"),
        new FloatRow<FDiv<F16>>("fdiv.h", "0001110 rs2 rs1 rm rd 1010011"),
        new FloatRow<FSqrt<F16>>("fsqrt.h", "0101110 00000 rs1 rm rd 1010011"),
        new FloatRow<FSgnj<F16, CopySign>>("fsgnj.h", "0010010 rs2 rs1 000 rd 1010011"),
        new FloatRow<FSgnj<F16, NegateSign>>("fsgnjn.h", "0010010 rs2 rs1 001 rd 1010011"),
        new FloatRow<FSgnj<F16, XorSign>>("fsgnjx.h", "0010010 rs2 rs1 010 rd 1010011"),
        new FloatRow<FMin<F16>>("fmin.h", "0010110 rs2 rs1 000 rd 1010011"),
        new FloatRow<FMax<F16>>("fmax.h", "0010110 rs2 rs1 001 rd 1010011"),
        new FloatRow<FLe<F16>>("fle.h", "1010010 rs2 rs1 000 rd 1010011"),
        new FloatRow<FLt<F16>>("flt.h", "1010010 rs2 rs1 001 rd 1010011"),
        new FloatRow<FEq<F16>>("feq.h", "1010010 rs2 rs1 010 rd 1010011"),
        new FloatRow<FClass<F16>>("fclass.h", "1110010 00000 rs1 001 rd 1010011"),
        new FloatRow<FToInt<F16, W>>("fcvt.w.h", "1100010 00000 rs1 rm rd 1010011"),
        new FloatRow<FToInt<F16, Wu>>("fcvt.wu.h", "1100010 00001 rs1 rm rd 1010011"),
        new FloatRow<FToInt<F16, L>>("fcvt.l.h", "1100010 00010 rs1 rm rd 1010011"),
        new FloatRow<FToInt<F16, Lu>>("fcvt.lu.h", "1100010 00011 rs1 rm rd 1010011"),
        new FloatRow<FFromInt<F16, W>>("fcvt.h.w", "1101010 00000 rs1 rm rd 1010011"),
        new FloatRow<FFromInt<F16, Wu>>("fcvt.h.wu", "1101010 00001 rs1 rm rd 1010011"),
        new FloatRow<FFromInt<F16, L>>("fcvt.h.l", "1101010 00010 rs1 rm rd 1010011"),
        new FloatRow<FFromInt<F16, Lu>>("fcvt.h.lu", "1101010 00011 rs1 rm rd 1010011"),
    ];
}
