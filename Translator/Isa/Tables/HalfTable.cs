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
    public static RowDefinition[] Zfhmin() =>
    [
        new("flh", "imm[11:0] rs1 001 rd 0000111", (n, e) => new LoadRow<Flh>(n, e)),
        new("fsh", "imm[11:5] rs2 rs1 001 imm[4:0] 0100111", (n, e) => new StoreRow<Fsh>(n, e)),
        new("fmv.x.h", "1110010 00000 rs1 000 rd 1010011", (n, e) => new FloatRow<FMvToX<F16>>(n, e)),
        new("fmv.h.x", "1111010 00000 rs1 000 rd 1010011", (n, e) => new FloatRow<FMvFromX<F16>>(n, e)),
        new("fcvt.s.h", "0100000 00010 rs1 rm rd 1010011", (n, e) => new FloatRow<FConvert<F16, F32>>(n, e)),
        new("fcvt.h.s", "0100010 00000 rs1 rm rd 1010011", (n, e) => new FloatRow<FConvert<F32, F16>>(n, e)),
    ];

    /// <summary>The part of Zfhmin that needs D.</summary>
    public static RowDefinition[] ZfhminD() =>
    [
        new("fcvt.d.h", "0100001 00010 rs1 rm rd 1010011", (n, e) => new FloatRow<FConvert<F16, F64>>(n, e)),
        new("fcvt.h.d", "0100010 00001 rs1 rm rd 1010011", (n, e) => new FloatRow<FConvert<F64, F16>>(n, e)),
    ];

    public static RowDefinition[] Zfh() =>
    [
        new("fmadd.h", "rs3 10 rs2 rs1 rm rd 1000011", (n, e) => new FloatRow<FFused<F16, Madd>>(n, e)),
        new("fmsub.h", "rs3 10 rs2 rs1 rm rd 1000111", (n, e) => new FloatRow<FFused<F16, Msub>>(n, e)),
        new("fnmsub.h", "rs3 10 rs2 rs1 rm rd 1001011", (n, e) => new FloatRow<FFused<F16, Nmsub>>(n, e)),
        new("fnmadd.h", "rs3 10 rs2 rs1 rm rd 1001111", (n, e) => new FloatRow<FFused<F16, Nmadd>>(n, e)),
        new("fadd.h", "0000010 rs2 rs1 rm rd 1010011", (n, e) => new FloatRow<FAdd<F16>>(n, e)),
        new("fsub.h", "0000110 rs2 rs1 rm rd 1010011", (n, e) => new FloatRow<FSub<F16>>(n, e)),
        new("fmul.h", "0001010 rs2 rs1 rm rd 1010011", (n, e) => new FloatRow<FMul<F16>>(n, e)),
        new("fdiv.h", "0001110 rs2 rs1 rm rd 1010011", (n, e) => new FloatRow<FDiv<F16>>(n, e)),
        new("fsqrt.h", "0101110 00000 rs1 rm rd 1010011", (n, e) => new FloatRow<FSqrt<F16>>(n, e)),
        new("fsgnj.h", "0010010 rs2 rs1 000 rd 1010011", (n, e) => new FloatRow<FSgnj<F16, CopySign>>(n, e)),
        new("fsgnjn.h", "0010010 rs2 rs1 001 rd 1010011", (n, e) => new FloatRow<FSgnj<F16, NegateSign>>(n, e)),
        new("fsgnjx.h", "0010010 rs2 rs1 010 rd 1010011", (n, e) => new FloatRow<FSgnj<F16, XorSign>>(n, e)),
        new("fmin.h", "0010110 rs2 rs1 000 rd 1010011", (n, e) => new FloatRow<FMin<F16>>(n, e)),
        new("fmax.h", "0010110 rs2 rs1 001 rd 1010011", (n, e) => new FloatRow<FMax<F16>>(n, e)),
        new("fle.h", "1010010 rs2 rs1 000 rd 1010011", (n, e) => new FloatRow<FLe<F16>>(n, e)),
        new("flt.h", "1010010 rs2 rs1 001 rd 1010011", (n, e) => new FloatRow<FLt<F16>>(n, e)),
        new("feq.h", "1010010 rs2 rs1 010 rd 1010011", (n, e) => new FloatRow<FEq<F16>>(n, e)),
        new("fclass.h", "1110010 00000 rs1 001 rd 1010011", (n, e) => new FloatRow<FClass<F16>>(n, e)),
        new("fcvt.w.h", "1100010 00000 rs1 rm rd 1010011", (n, e) => new FloatRow<FToInt<F16, W>>(n, e)),
        new("fcvt.wu.h", "1100010 00001 rs1 rm rd 1010011", (n, e) => new FloatRow<FToInt<F16, Wu>>(n, e)),
        new("fcvt.l.h", "1100010 00010 rs1 rm rd 1010011", (n, e) => new FloatRow<FToInt<F16, L>>(n, e)),
        new("fcvt.lu.h", "1100010 00011 rs1 rm rd 1010011", (n, e) => new FloatRow<FToInt<F16, Lu>>(n, e)),
        new("fcvt.h.w", "1101010 00000 rs1 rm rd 1010011", (n, e) => new FloatRow<FFromInt<F16, W>>(n, e)),
        new("fcvt.h.wu", "1101010 00001 rs1 rm rd 1010011", (n, e) => new FloatRow<FFromInt<F16, Wu>>(n, e)),
        new("fcvt.h.l", "1101010 00010 rs1 rm rd 1010011", (n, e) => new FloatRow<FFromInt<F16, L>>(n, e)),
        new("fcvt.h.lu", "1101010 00011 rs1 rm rd 1010011", (n, e) => new FloatRow<FFromInt<F16, Lu>>(n, e)),
    ];
}
