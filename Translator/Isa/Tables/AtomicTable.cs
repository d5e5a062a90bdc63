using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Isa.Tables;

/// <summary>A, which is Zalrsc and Zaamo, in the manual's order.</summary>
internal static class AtomicTable
{
    public static Row[] Zalrsc() =>
    [
        new AtomicRow<LrW>("lr.w", "00010 aq rl 00000 rs1 010 rd 0101111", readsOperand: false),
        new AtomicRow<ScW>("sc.w", "00011 aq rl rs2 rs1 010 rd 0101111"),
        new AtomicRow<LrD>("lr.d", "00010 aq rl 00000 rs1 011 rd 0101111", readsOperand: false),
        new AtomicRow<ScD>("sc.d", "00011 aq rl rs2 rs1 011 rd 0101111"),
    ];

    public static Row[] Zaamo() =>
    [
        new AtomicRow<AmoSwapW>("amoswap.w", "00001 aq rl rs2 rs1 010 rd 0101111"),
        new AtomicRow<AmoAddW>("amoadd.w", "00000 aq rl rs2 rs1 010 rd 0101111"),
        new AtomicRow<AmoXorW>("amoxor.w", "00100 aq rl rs2 rs1 010 rd 0101111"),
        new AtomicRow<AmoAndW>("amoand.w", "01100 aq rl rs2 rs1 010 rd 0101111"),
        new AtomicRow<AmoOrW>("amoor.w", "01000 aq rl rs2 rs1 010 rd 0101111"),
        new AtomicRow<AmoLoopW<Min>>("amomin.w", "10000 aq rl rs2 rs1 010 rd 0101111"),
        new AtomicRow<AmoLoopW<Max>>("amomax.w", "10100 aq rl rs2 rs1 010 rd 0101111"),
        new AtomicRow<AmoLoopW<Minu>>("amominu.w", "11000 aq rl rs2 rs1 010 rd 0101111"),
        new AtomicRow<AmoLoopW<Maxu>>("amomaxu.w", "11100 aq rl rs2 rs1 010 rd 0101111"),
        new AtomicRow<AmoSwapD>("amoswap.d", "00001 aq rl rs2 rs1 011 rd 0101111"),
        new AtomicRow<AmoAddD>("amoadd.d", "00000 aq rl rs2 rs1 011 rd 0101111"),
        new AtomicRow<AmoXorD>("amoxor.d", "00100 aq rl rs2 rs1 011 rd 0101111"),
        new AtomicRow<AmoAndD>("amoand.d", "01100 aq rl rs2 rs1 011 rd 0101111"),
        new AtomicRow<AmoOrD>("amoor.d", "01000 aq rl rs2 rs1 011 rd 0101111"),
        new AtomicRow<AmoLoopD<Min>>("amomin.d", "10000 aq rl rs2 rs1 011 rd 0101111"),
        new AtomicRow<AmoLoopD<Max>>("amomax.d", "10100 aq rl rs2 rs1 011 rd 0101111"),
        new AtomicRow<AmoLoopD<Minu>>("amominu.d", "11000 aq rl rs2 rs1 011 rd 0101111"),
        new AtomicRow<AmoLoopD<Maxu>>("amomaxu.d", "11100 aq rl rs2 rs1 011 rd 0101111"),
    ];
}
