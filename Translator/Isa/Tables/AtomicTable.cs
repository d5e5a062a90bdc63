using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Isa.Tables;

/// <summary>A, which is Zalrsc and Zaamo, and what builds on them.</summary>
internal static class AtomicTable
{
    public static RowDefinition[] Zalrsc() =>
    [
        new("lr.w", "00010 aq rl 00000 rs1 010 rd 0101111", (n, e) => new AtomicRow<LrW>(n, e)),
        new("sc.w", "00011 aq rl rs2 rs1 010 rd 0101111", (n, e) => new AtomicRow<ScW>(n, e)),
        new("lr.d", "00010 aq rl 00000 rs1 011 rd 0101111", (n, e) => new AtomicRow<LrD>(n, e)),
        new("sc.d", "00011 aq rl rs2 rs1 011 rd 0101111", (n, e) => new AtomicRow<ScD>(n, e)),
    ];

    public static RowDefinition[] Zaamo() =>
    [
        new("amoswap.w", "00001 aq rl rs2 rs1 010 rd 0101111", (n, e) => new AtomicRow<AmoSwapW>(n, e)),
        new("amoadd.w", "00000 aq rl rs2 rs1 010 rd 0101111", (n, e) => new AtomicRow<AmoAddW>(n, e)),
        new("amoxor.w", "00100 aq rl rs2 rs1 010 rd 0101111", (n, e) => new AtomicRow<AmoXorW>(n, e)),
        new("amoand.w", "01100 aq rl rs2 rs1 010 rd 0101111", (n, e) => new AtomicRow<AmoAndW>(n, e)),
        new("amoor.w", "01000 aq rl rs2 rs1 010 rd 0101111", (n, e) => new AtomicRow<AmoOrW>(n, e)),
        new("amomin.w", "10000 aq rl rs2 rs1 010 rd 0101111", (n, e) => new AtomicRow<AmoLoopW<Min>>(n, e)),
        new("amomax.w", "10100 aq rl rs2 rs1 010 rd 0101111", (n, e) => new AtomicRow<AmoLoopW<Max>>(n, e)),
        new("amominu.w", "11000 aq rl rs2 rs1 010 rd 0101111", (n, e) => new AtomicRow<AmoLoopW<Minu>>(n, e)),
        new("amomaxu.w", "11100 aq rl rs2 rs1 010 rd 0101111", (n, e) => new AtomicRow<AmoLoopW<Maxu>>(n, e)),
        new("amoswap.d", "00001 aq rl rs2 rs1 011 rd 0101111", (n, e) => new AtomicRow<AmoSwapD>(n, e)),
        new("amoadd.d", "00000 aq rl rs2 rs1 011 rd 0101111", (n, e) => new AtomicRow<AmoAddD>(n, e)),
        new("amoxor.d", "00100 aq rl rs2 rs1 011 rd 0101111", (n, e) => new AtomicRow<AmoXorD>(n, e)),
        new("amoand.d", "01100 aq rl rs2 rs1 011 rd 0101111", (n, e) => new AtomicRow<AmoAndD>(n, e)),
        new("amoor.d", "01000 aq rl rs2 rs1 011 rd 0101111", (n, e) => new AtomicRow<AmoOrD>(n, e)),
        new("amomin.d", "10000 aq rl rs2 rs1 011 rd 0101111", (n, e) => new AtomicRow<AmoLoopD<Min>>(n, e)),
        new("amomax.d", "10100 aq rl rs2 rs1 011 rd 0101111", (n, e) => new AtomicRow<AmoLoopD<Max>>(n, e)),
        new("amominu.d", "11000 aq rl rs2 rs1 011 rd 0101111", (n, e) => new AtomicRow<AmoLoopD<Minu>>(n, e)),
        new("amomaxu.d", "11100 aq rl rs2 rs1 011 rd 0101111", (n, e) => new AtomicRow<AmoLoopD<Maxu>>(n, e)),
    ];

    public static RowDefinition[] Zabha() =>
    [
        new("amoswap.b", "00001 aq rl rs2 rs1 000 rd 0101111", (n, e) => new AtomicRow<AmoLoopB<Swap>>(n, e)),
        new("amoadd.b", "00000 aq rl rs2 rs1 000 rd 0101111", (n, e) => new AtomicRow<AmoLoopB<Add>>(n, e)),
        new("amoxor.b", "00100 aq rl rs2 rs1 000 rd 0101111", (n, e) => new AtomicRow<AmoLoopB<Xor>>(n, e)),
        new("amoand.b", "01100 aq rl rs2 rs1 000 rd 0101111", (n, e) => new AtomicRow<AmoLoopB<And>>(n, e)),
        new("amoor.b", "01000 aq rl rs2 rs1 000 rd 0101111", (n, e) => new AtomicRow<AmoLoopB<Or>>(n, e)),
        new("amomin.b", "10000 aq rl rs2 rs1 000 rd 0101111", (n, e) => new AtomicRow<AmoLoopB<Min>>(n, e)),
        new("amomax.b", "10100 aq rl rs2 rs1 000 rd 0101111", (n, e) => new AtomicRow<AmoLoopB<Max>>(n, e)),
        new("amominu.b", "11000 aq rl rs2 rs1 000 rd 0101111", (n, e) => new AtomicRow<AmoLoopB<Minu>>(n, e)),
        new("amomaxu.b", "11100 aq rl rs2 rs1 000 rd 0101111", (n, e) => new AtomicRow<AmoLoopB<Maxu>>(n, e)),
        new("amoswap.h", "00001 aq rl rs2 rs1 001 rd 0101111", (n, e) => new AtomicRow<AmoLoopH<Swap>>(n, e)),
        new("amoadd.h", "00000 aq rl rs2 rs1 001 rd 0101111", (n, e) => new AtomicRow<AmoLoopH<Add>>(n, e)),
        new("amoxor.h", "00100 aq rl rs2 rs1 001 rd 0101111", (n, e) => new AtomicRow<AmoLoopH<Xor>>(n, e)),
        new("amoand.h", "01100 aq rl rs2 rs1 001 rd 0101111", (n, e) => new AtomicRow<AmoLoopH<And>>(n, e)),
        new("amoor.h", "01000 aq rl rs2 rs1 001 rd 0101111", (n, e) => new AtomicRow<AmoLoopH<Or>>(n, e)),
        new("amomin.h", "10000 aq rl rs2 rs1 001 rd 0101111", (n, e) => new AtomicRow<AmoLoopH<Min>>(n, e)),
        new("amomax.h", "10100 aq rl rs2 rs1 001 rd 0101111", (n, e) => new AtomicRow<AmoLoopH<Max>>(n, e)),
        new("amominu.h", "11000 aq rl rs2 rs1 001 rd 0101111", (n, e) => new AtomicRow<AmoLoopH<Minu>>(n, e)),
        new("amomaxu.h", "11100 aq rl rs2 rs1 001 rd 0101111", (n, e) => new AtomicRow<AmoLoopH<Maxu>>(n, e)),
    ];

    public static RowDefinition[] Zacas() =>
    [
        new("amocas.w", "00101 aq rl rs2 rs1 010 rd 0101111", (n, e) => new AtomicRow<CasW>(n, e)),
        new("amocas.d", "00101 aq rl rs2 rs1 011 rd 0101111", (n, e) => new AtomicRow<CasD>(n, e)),
        new("amocas.q", "00101 aq rl rs2[4:1] 0 rs1 100 rd[4:1] 0 0101111", (n, e) => new QuadCompareAndSwapRow(n, e)),
    ];

    /// <summary>Zabha's part of Zacas.</summary>
    public static RowDefinition[] ZabhaWithZacas() =>
    [
        new("amocas.b", "00101 aq rl rs2 rs1 000 rd 0101111", (n, e) => new AtomicRow<CasB>(n, e)),
        new("amocas.h", "00101 aq rl rs2 rs1 001 rd 0101111", (n, e) => new AtomicRow<CasH>(n, e)),
    ];

    public static RowDefinition[] Zawrs() =>
    [
        new("wrs.nto", "000000001101 00000 000 00000 1110011", (n, e) => new WaitOnReservationRow(n, e, microseconds: 1000)),
        new("wrs.sto", "000000011101 00000 000 00000 1110011", (n, e) => new WaitOnReservationRow(n, e, microseconds: 50)),
    ];
}
