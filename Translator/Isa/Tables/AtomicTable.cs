using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Isa.Tables;

/// <summary>A, which is Zalrsc and Zaamo, and what builds on them.</summary>
internal static class AtomicTable
{
    public static Row[] Zalrsc() =>
    [
        new AtomicRow<LrW>("lr.w", "00010 aq rl 00000 rs1 010 rd 0101111"),
        new AtomicRow<ScW>("sc.w", "00011 aq rl rs2 rs1 010 rd 0101111"),
        new AtomicRow<LrD>("lr.d", "00010 aq rl 00000 rs1 011 rd 0101111"),
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

    public static Row[] Zabha() =>
    [
        new AtomicRow<AmoLoopB<Swap>>("amoswap.b", "00001 aq rl rs2 rs1 000 rd 0101111"),
        new AtomicRow<AmoLoopB<Add>>("amoadd.b", "00000 aq rl rs2 rs1 000 rd 0101111"),
        new AtomicRow<AmoLoopB<Xor>>("amoxor.b", "00100 aq rl rs2 rs1 000 rd 0101111"),
        new AtomicRow<AmoLoopB<And>>("amoand.b", "01100 aq rl rs2 rs1 000 rd 0101111"),
        new AtomicRow<AmoLoopB<Or>>("amoor.b", "01000 aq rl rs2 rs1 000 rd 0101111"),
        new AtomicRow<AmoLoopB<Min>>("amomin.b", "10000 aq rl rs2 rs1 000 rd 0101111"),
        new AtomicRow<AmoLoopB<Max>>("amomax.b", "10100 aq rl rs2 rs1 000 rd 0101111"),
        new AtomicRow<AmoLoopB<Minu>>("amominu.b", "11000 aq rl rs2 rs1 000 rd 0101111"),
        new AtomicRow<AmoLoopB<Maxu>>("amomaxu.b", "11100 aq rl rs2 rs1 000 rd 0101111"),
        new AtomicRow<AmoLoopH<Swap>>("amoswap.h", "00001 aq rl rs2 rs1 001 rd 0101111"),
        new AtomicRow<AmoLoopH<Add>>("amoadd.h", "00000 aq rl rs2 rs1 001 rd 0101111"),
        new AtomicRow<AmoLoopH<Xor>>("amoxor.h", "00100 aq rl rs2 rs1 001 rd 0101111"),
        new AtomicRow<AmoLoopH<And>>("amoand.h", "01100 aq rl rs2 rs1 001 rd 0101111"),
        new AtomicRow<AmoLoopH<Or>>("amoor.h", "01000 aq rl rs2 rs1 001 rd 0101111"),
        new AtomicRow<AmoLoopH<Min>>("amomin.h", "10000 aq rl rs2 rs1 001 rd 0101111"),
        new AtomicRow<AmoLoopH<Max>>("amomax.h", "10100 aq rl rs2 rs1 001 rd 0101111"),
        new AtomicRow<AmoLoopH<Minu>>("amominu.h", "11000 aq rl rs2 rs1 001 rd 0101111"),
        new AtomicRow<AmoLoopH<Maxu>>("amomaxu.h", "11100 aq rl rs2 rs1 001 rd 0101111"),
    ];

    public static Row[] Zacas() =>
    [
        new AtomicRow<CasW>("amocas.w", "00101 aq rl rs2 rs1 010 rd 0101111"),
        new AtomicRow<CasD>("amocas.d", "00101 aq rl rs2 rs1 011 rd 0101111"),
        new QuadCompareAndSwapRow("amocas.q", "00101 aq rl rs2[4:1] 0 rs1 100 rd[4:1] 0 0101111"),
    ];

    /// <summary>Zabha's part of Zacas.</summary>
    public static Row[] ZabhaWithZacas() =>
    [
        new AtomicRow<CasB>("amocas.b", "00101 aq rl rs2 rs1 000 rd 0101111"),
        new AtomicRow<CasH>("amocas.h", "00101 aq rl rs2 rs1 001 rd 0101111"),
    ];

    public static Row[] Zawrs() =>
    [
        new WaitOnReservationRow("wrs.nto", "000000001101 00000 000 00000 1110011", microseconds: 1000),
        new WaitOnReservationRow("wrs.sto", "000000011101 00000 000 00000 1110011", microseconds: 50),
    ];
}
