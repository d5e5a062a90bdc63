using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;
using F32 = RvJit.Translator.Float.Binary32;
using F64 = RvJit.Translator.Float.Binary64;

namespace RvJit.Translator.Isa.Tables;

/// <summary>F and D. fmt is 00 for single and 01 for double precision.</summary>
internal static class FloatTable
{
    public static Row[] F() =>
    [
        new LoadRow<Flw>("flw", "imm[11:0] rs1 010 rd 0000111"),
        new StoreRow<Fsw>("fsw", "imm[11:5] rs2 rs1 010 imm[4:0] 0100111"),
        new FloatRow<FFused<F32, Madd>>("fmadd.s", "rs3 00 rs2 rs1 rm rd 1000011"),
        new FloatRow<FFused<F32, Msub>>("fmsub.s", "rs3 00 rs2 rs1 rm rd 1000111"),
        new FloatRow<FFused<F32, Nmsub>>("fnmsub.s", "rs3 00 rs2 rs1 rm rd 1001011"),
        new FloatRow<FFused<F32, Nmadd>>("fnmadd.s", "rs3 00 rs2 rs1 rm rd 1001111"),
        new FloatRow<FAdd<F32>>("fadd.s", "0000000 rs2 rs1 rm rd 1010011"),
        new FloatRow<FSub<F32>>("fsub.s", "0000100 rs2 rs1 rm rd 1010011"),
        new FloatRow<FMul<F32>>("fmul.s", "0001000 rs2 rs1 rm rd 1010011"),
        new FloatRow<FDiv<F32>>("fdiv.s", "0001100 rs2 rs1 rm rd 1010011"),
        new FloatRow<FSqrt<F32>>("fsqrt.s", "0101100 00000 rs1 rm rd 1010011"),
        new FloatRow<FSgnj<F32, CopySign>>("fsgnj.s", "0010000 rs2 rs1 000 rd 1010011"),
        new FloatRow<FSgnj<F32, NegateSign>>("fsgnjn.s", "0010000 rs2 rs1 001 rd 1010011"),
        new FloatRow<FSgnj<F32, XorSign>>("fsgnjx.s", "0010000 rs2 rs1 010 rd 1010011"),
        new FloatRow<FMin<F32>>("fmin.s", "0010100 rs2 rs1 000 rd 1010011"),
        new FloatRow<FMax<F32>>("fmax.s", "0010100 rs2 rs1 001 rd 1010011"),
        new FloatRow<FLe<F32>>("fle.s", "1010000 rs2 rs1 000 rd 1010011"),
        new FloatRow<FLt<F32>>("flt.s", "1010000 rs2 rs1 001 rd 1010011"),
        new FloatRow<FEq<F32>>("feq.s", "1010000 rs2 rs1 010 rd 1010011"),
        new FloatRow<FClass<F32>>("fclass.s", "1110000 00000 rs1 001 rd 1010011"),
        new FloatRow<FToInt<F32, W>>("fcvt.w.s", "1100000 00000 rs1 rm rd 1010011"),
        new FloatRow<FToInt<F32, Wu>>("fcvt.wu.s", "1100000 00001 rs1 rm rd 1010011"),
        new FloatRow<FToInt<F32, L>>("fcvt.l.s", "1100000 00010 rs1 rm rd 1010011"),
        new FloatRow<FToInt<F32, Lu>>("fcvt.lu.s", "1100000 00011 rs1 rm rd 1010011"),
        new FloatRow<FFromInt<F32, W>>("fcvt.s.w", "1101000 00000 rs1 rm rd 1010011"),
        new FloatRow<FFromInt<F32, Wu>>("fcvt.s.wu", "1101000 00001 rs1 rm rd 1010011"),
        new FloatRow<FFromInt<F32, L>>("fcvt.s.l", "1101000 00010 rs1 rm rd 1010011"),
        new FloatRow<FFromInt<F32, Lu>>("fcvt.s.lu", "1101000 00011 rs1 rm rd 1010011"),
        new FloatRow<FMvToX<F32>>("fmv.x.w", "1110000 00000 rs1 000 rd 1010011"),
        new FloatRow<FMvFromX<F32>>("fmv.w.x", "1111000 00000 rs1 000 rd 1010011"),
    ];

    public static Row[] D() =>
    [
        new LoadRow<Fld>("fld", "imm[11:0] rs1 011 rd 0000111"),
        new StoreRow<Fsd>("fsd", "imm[11:5] rs2 rs1 011 imm[4:0] 0100111"),
        new FloatRow<FFused<F64, Madd>>("fmadd.d", "rs3 01 rs2 rs1 rm rd 1000011"),
        new FloatRow<FFused<F64, Msub>>("fmsub.d", "rs3 01 rs2 rs1 rm rd 1000111"),
        new FloatRow<FFused<F64, Nmsub>>("fnmsub.d", "rs3 01 rs2 rs1 rm rd 1001011"),
        new FloatRow<FFused<F64, Nmadd>>("fnmadd.d", "rs3 01 rs2 rs1 rm rd 1001111"),
        new FloatRow<FAdd<F64>>("fadd.d", "0000001 rs2 rs1 rm rd 1010011"),
        new FloatRow<FSub<F64>>("fsub.d", "0000101 rs2 rs1 rm rd 1010011"),
        new FloatRow<FMul<F64>>("fmul.d", "0001001 rs2 rs1 rm rd 1010011"),
        new FloatRow<FDiv<F64>>("fdiv.d", "0001101 rs2 rs1 rm rd 1010011"),
        new FloatRow<FSqrt<F64>>("fsqrt.d", "0101101 00000 rs1 rm rd 1010011"),
        new FloatRow<FSgnj<F64, CopySign>>("fsgnj.d", "0010001 rs2 rs1 000 rd 1010011"),
        new FloatRow<FSgnj<F64, NegateSign>>("fsgnjn.d", "0010001 rs2 rs1 001 rd 1010011"),
        new FloatRow<FSgnj<F64, XorSign>>("fsgnjx.d", "0010001 rs2 rs1 010 rd 1010011"),
        new FloatRow<FMin<F64>>("fmin.d", "0010101 rs2 rs1 000 rd 1010011"),
        new FloatRow<FMax<F64>>("fmax.d", "0010101 rs2 rs1 001 rd 1010011"),
        new FloatRow<FLe<F64>>("fle.d", "1010001 rs2 rs1 000 rd 1010011"),
        new FloatRow<FLt<F64>>("flt.d", "1010001 rs2 rs1 001 rd 1010011"),
        new FloatRow<FEq<F64>>("feq.d", "1010001 rs2 rs1 010 rd 1010011"),
        new FloatRow<FClass<F64>>("fclass.d", "1110001 00000 rs1 001 rd 1010011"),
        new FloatRow<FToInt<F64, W>>("fcvt.w.d", "1100001 00000 rs1 rm rd 1010011"),
        new FloatRow<FToInt<F64, Wu>>("fcvt.wu.d", "1100001 00001 rs1 rm rd 1010011"),
        new FloatRow<FToInt<F64, L>>("fcvt.l.d", "1100001 00010 rs1 rm rd 1010011"),
        new FloatRow<FToInt<F64, Lu>>("fcvt.lu.d", "1100001 00011 rs1 rm rd 1010011"),
        new FloatRow<FFromInt<F64, W>>("fcvt.d.w", "1101001 00000 rs1 rm rd 1010011"),
        new FloatRow<FFromInt<F64, Wu>>("fcvt.d.wu", "1101001 00001 rs1 rm rd 1010011"),
        new FloatRow<FFromInt<F64, L>>("fcvt.d.l", "1101001 00010 rs1 rm rd 1010011"),
        new FloatRow<FFromInt<F64, Lu>>("fcvt.d.lu", "1101001 00011 rs1 rm rd 1010011"),
        new FloatRow<FConvert<F64, F32>>("fcvt.s.d", "0100000 00001 rs1 rm rd 1010011"),
        new FloatRow<FConvert<F32, F64>>("fcvt.d.s", "0100001 00000 rs1 rm rd 1010011"),
        new FloatRow<FMvToX<F64>>("fmv.x.d", "1110001 00000 rs1 000 rd 1010011"),
        new FloatRow<FMvFromX<F64>>("fmv.d.x", "1111001 00000 rs1 000 rd 1010011"),
    ];
}
