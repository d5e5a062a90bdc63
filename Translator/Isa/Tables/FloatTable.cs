using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;
using F32 = RvJit.Translator.Float.Binary32;
using F64 = RvJit.Translator.Float.Binary64;

namespace RvJit.Translator.Isa.Tables;

/// <summary>F and D. fmt is 00 for single and 01 for double precision.</summary>
internal static class FloatTable
{
    public static RowDefinition[] F() =>
    [
        new("flw", "imm[11:0] rs1 010 rd 0000111", (n, e) => new LoadRow<Flw>(n, e)),
        new("fsw", "imm[11:5] rs2 rs1 010 imm[4:0] 0100111", (n, e) => new StoreRow<Fsw>(n, e)),
        new("fmadd.s", "rs3 00 rs2 rs1 rm rd 1000011", (n, e) => new FloatRow<FFused<F32, Madd>>(n, e)),
        new("fmsub.s", "rs3 00 rs2 rs1 rm rd 1000111", (n, e) => new FloatRow<FFused<F32, Msub>>(n, e)),
        new("fnmsub.s", "rs3 00 rs2 rs1 rm rd 1001011", (n, e) => new FloatRow<FFused<F32, Nmsub>>(n, e)),
        new("fnmadd.s", "rs3 00 rs2 rs1 rm rd 1001111", (n, e) => new FloatRow<FFused<F32, Nmadd>>(n, e)),
        new("fadd.s", "0000000 rs2 rs1 rm rd 1010011", (n, e) => new FloatRow<FAdd<F32>>(n, e)),
        new("fsub.s", "0000100 rs2 rs1 rm rd 1010011", (n, e) => new FloatRow<FSub<F32>>(n, e)),
        new("fmul.s", "0001000 rs2 rs1 rm rd 1010011", (n, e) => new FloatRow<FMul<F32>>(n, e)),
        new("fdiv.s", "0001100 rs2 rs1 rm rd 1010011", (n, e) => new FloatRow<FDiv<F32>>(n, e)),
        new("fsqrt.s", "0101100 00000 rs1 rm rd 1010011", (n, e) => new FloatRow<FSqrt<F32>>(n, e)),
        new("fsgnj.s", "0010000 rs2 rs1 000 rd 1010011", (n, e) => new FloatRow<FSgnj<F32, CopySign>>(n, e)),
        new("fsgnjn.s", "0010000 rs2 rs1 001 rd 1010011", (n, e) => new FloatRow<FSgnj<F32, NegateSign>>(n, e)),
        new("fsgnjx.s", "0010000 rs2 rs1 010 rd 1010011", (n, e) => new FloatRow<FSgnj<F32, XorSign>>(n, e)),
        new("fmin.s", "0010100 rs2 rs1 000 rd 1010011", (n, e) => new FloatRow<FMin<F32>>(n, e)),
        new("fmax.s", "0010100 rs2 rs1 001 rd 1010011", (n, e) => new FloatRow<FMax<F32>>(n, e)),
        new("fle.s", "1010000 rs2 rs1 000 rd 1010011", (n, e) => new FloatRow<FLe<F32>>(n, e)),
        new("flt.s", "1010000 rs2 rs1 001 rd 1010011", (n, e) => new FloatRow<FLt<F32>>(n, e)),
        new("feq.s", "1010000 rs2 rs1 010 rd 1010011", (n, e) => new FloatRow<FEq<F32>>(n, e)),
        new("fclass.s", "1110000 00000 rs1 001 rd 1010011", (n, e) => new FloatRow<FClass<F32>>(n, e)),
        new("fcvt.w.s", "1100000 00000 rs1 rm rd 1010011", (n, e) => new FloatRow<FToInt<F32, W>>(n, e)),
        new("fcvt.wu.s", "1100000 00001 rs1 rm rd 1010011", (n, e) => new FloatRow<FToInt<F32, Wu>>(n, e)),
        new("fcvt.l.s", "1100000 00010 rs1 rm rd 1010011", (n, e) => new FloatRow<FToInt<F32, L>>(n, e)),
        new("fcvt.lu.s", "1100000 00011 rs1 rm rd 1010011", (n, e) => new FloatRow<FToInt<F32, Lu>>(n, e)),
        new("fcvt.s.w", "1101000 00000 rs1 rm rd 1010011", (n, e) => new FloatRow<FFromInt<F32, W>>(n, e)),
        new("fcvt.s.wu", "1101000 00001 rs1 rm rd 1010011", (n, e) => new FloatRow<FFromInt<F32, Wu>>(n, e)),
        new("fcvt.s.l", "1101000 00010 rs1 rm rd 1010011", (n, e) => new FloatRow<FFromInt<F32, L>>(n, e)),
        new("fcvt.s.lu", "1101000 00011 rs1 rm rd 1010011", (n, e) => new FloatRow<FFromInt<F32, Lu>>(n, e)),
        new("fmv.x.w", "1110000 00000 rs1 000 rd 1010011", (n, e) => new FloatRow<FMvToX<F32>>(n, e)),
        new("fmv.w.x", "1111000 00000 rs1 000 rd 1010011", (n, e) => new FloatRow<FMvFromX<F32>>(n, e)),
    ];

    public static RowDefinition[] D() =>
    [
        new("fld", "imm[11:0] rs1 011 rd 0000111", (n, e) => new LoadRow<Fld>(n, e)),
        new("fsd", "imm[11:5] rs2 rs1 011 imm[4:0] 0100111", (n, e) => new StoreRow<Fsd>(n, e)),
        new("fmadd.d", "rs3 01 rs2 rs1 rm rd 1000011", (n, e) => new FloatRow<FFused<F64, Madd>>(n, e)),
        new("fmsub.d", "rs3 01 rs2 rs1 rm rd 1000111", (n, e) => new FloatRow<FFused<F64, Msub>>(n, e)),
        new("fnmsub.d", "rs3 01 rs2 rs1 rm rd 1001011", (n, e) => new FloatRow<FFused<F64, Nmsub>>(n, e)),
        new("fnmadd.d", "rs3 01 rs2 rs1 rm rd 1001111", (n, e) => new FloatRow<FFused<F64, Nmadd>>(n, e)),
        new("fadd.d", "0000001 rs2 rs1 rm rd 1010011", (n, e) => new FloatRow<FAdd<F64>>(n, e)),
        new("fsub.d", "0000101 rs2 rs1 rm rd 1010011", (n, e) => new FloatRow<FSub<F64>>(n, e)),
        new("fmul.d", "0001001 rs2 rs1 rm rd 1010011", (n, e) => new FloatRow<FMul<F64>>(n, e)),
        new("fdiv.d", "0001101 rs2 rs1 rm rd 1010011", (n, e) => new FloatRow<FDiv<F64>>(n, e)),
        new("fsqrt.d", "0101101 00000 rs1 rm rd 1010011", (n, e) => new FloatRow<FSqrt<F64>>(n, e)),
        new("fsgnj.d", "0010001 rs2 rs1 000 rd 1010011", (n, e) => new FloatRow<FSgnj<F64, CopySign>>(n, e)),
        new("fsgnjn.d", "0010001 rs2 rs1 001 rd 1010011", (n, e) => new FloatRow<FSgnj<F64, NegateSign>>(n, e)),
        new("fsgnjx.d", "0010001 rs2 rs1 010 rd 1010011", (n, e) => new FloatRow<FSgnj<F64, XorSign>>(n, e)),
        new("fmin.d", "0010101 rs2 rs1 000 rd 1010011", (n, e) => new FloatRow<FMin<F64>>(n, e)),
        new("fmax.d", "0010101 rs2 rs1 001 rd 1010011", (n, e) => new FloatRow<FMax<F64>>(n, e)),
        new("fle.d", "1010001 rs2 rs1 000 rd 1010011", (n, e) => new FloatRow<FLe<F64>>(n, e)),
        new("flt.d", "1010001 rs2 rs1 001 rd 1010011", (n, e) => new FloatRow<FLt<F64>>(n, e)),
        new("feq.d", "1010001 rs2 rs1 010 rd 1010011", (n, e) => new FloatRow<FEq<F64>>(n, e)),
        new("fclass.d", "1110001 00000 rs1 001 rd 1010011", (n, e) => new FloatRow<FClass<F64>>(n, e)),
        new("fcvt.w.d", "1100001 00000 rs1 rm rd 1010011", (n, e) => new FloatRow<FToInt<F64, W>>(n, e)),
        new("fcvt.wu.d", "1100001 00001 rs1 rm rd 1010011", (n, e) => new FloatRow<FToInt<F64, Wu>>(n, e)),
        new("fcvt.l.d", "1100001 00010 rs1 rm rd 1010011", (n, e) => new FloatRow<FToInt<F64, L>>(n, e)),
        new("fcvt.lu.d", "1100001 00011 rs1 rm rd 1010011", (n, e) => new FloatRow<FToInt<F64, Lu>>(n, e)),
        new("fcvt.d.w", "1101001 00000 rs1 rm rd 1010011", (n, e) => new FloatRow<FFromInt<F64, W>>(n, e)),
        new("fcvt.d.wu", "1101001 00001 rs1 rm rd 1010011", (n, e) => new FloatRow<FFromInt<F64, Wu>>(n, e)),
        new("fcvt.d.l", "1101001 00010 rs1 rm rd 1010011", (n, e) => new FloatRow<FFromInt<F64, L>>(n, e)),
        new("fcvt.d.lu", "1101001 00011 rs1 rm rd 1010011", (n, e) => new FloatRow<FFromInt<F64, Lu>>(n, e)),
        new("fcvt.s.d", "0100000 00001 rs1 rm rd 1010011", (n, e) => new FloatRow<FConvert<F64, F32>>(n, e)),
        new("fcvt.d.s", "0100001 00000 rs1 rm rd 1010011", (n, e) => new FloatRow<FConvert<F32, F64>>(n, e)),
        new("fmv.x.d", "1110001 00000 rs1 000 rd 1010011", (n, e) => new FloatRow<FMvToX<F64>>(n, e)),
        new("fmv.d.x", "1111001 00000 rs1 000 rd 1010011", (n, e) => new FloatRow<FMvFromX<F64>>(n, e)),
    ];
}
