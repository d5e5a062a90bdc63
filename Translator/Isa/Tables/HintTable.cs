using RvJit.Machine;
using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Isa.Tables;

/// <summary>
/// Hints, which stand inside encodings of base instructions and therefore before them; cache blocks; may-be-operations.
/// </summary>
internal static class HintTable
{
    public static RowDefinition[] Zihintpause() => [new("pause", "0000 0001 0000 00000 000 00000 0001111", (n, e) => new PauseRow(n, e))];

    public static RowDefinition[] Zihintntl() =>
    [
        new("ntl.p1", "0000000 00010 00000 000 00000 0110011", (n, e) => new HintRow(n, e)),
        new("ntl.pall", "0000000 00011 00000 000 00000 0110011", (n, e) => new HintRow(n, e)),
        new("ntl.s1", "0000000 00100 00000 000 00000 0110011", (n, e) => new HintRow(n, e)),
        new("ntl.all", "0000000 00101 00000 000 00000 0110011", (n, e) => new HintRow(n, e)),
    ];

    public static RowDefinition[] ZihintntlWithZca() =>
    [
        CompressedTable.Define("c.ntl.p1", "100 1 00000 00010 10", "", _ => Asm.R(0x33, 0, 0, 0, 0, 2)),
        CompressedTable.Define("c.ntl.pall", "100 1 00000 00011 10", "", _ => Asm.R(0x33, 0, 0, 0, 0, 3)),
        CompressedTable.Define("c.ntl.s1", "100 1 00000 00100 10", "", _ => Asm.R(0x33, 0, 0, 0, 0, 4)),
        CompressedTable.Define("c.ntl.all", "100 1 00000 00101 10", "", _ => Asm.R(0x33, 0, 0, 0, 0, 5)),
    ];

    public static RowDefinition[] Zicbop() =>
    [
        new("prefetch.i", "imm[11:5] 00000 rs1 110 00000 0010011", (n, e) => new HintRow(n, e, Operands.ReadsX1)),
        new("prefetch.r", "imm[11:5] 00001 rs1 110 00000 0010011", (n, e) => new HintRow(n, e, Operands.ReadsX1)),
        new("prefetch.w", "imm[11:5] 00011 rs1 110 00000 0010011", (n, e) => new HintRow(n, e, Operands.ReadsX1)),
    ];

    public static RowDefinition[] Zicbom() =>
    [
        new("cbo.inval", "000000000000 rs1 010 00000 0001111", (n, e) => new CacheBlockRow(n, e, CacheBlockOperation.Invalidate)),
        new("cbo.clean", "000000000001 rs1 010 00000 0001111", (n, e) => new CacheBlockRow(n, e, CacheBlockOperation.CleanOrFlush)),
        new("cbo.flush", "000000000010 rs1 010 00000 0001111", (n, e) => new CacheBlockRow(n, e, CacheBlockOperation.CleanOrFlush)),
    ];

    public static RowDefinition[] Zicboz() =>
        [new("cbo.zero", "000000000100 rs1 010 00000 0001111", (n, e) => new AtomicRow<CboZero>(n, e))];

    /// <summary>mop.r.0 to mop.r.31 and mop.rr.0 to mop.rr.7.</summary>
    public static RowDefinition[] Zimop() =>
    [
        .. Numbered(32, n => new(
            $"mop.r.{n}",
            $"1 {n >> 4:b1} 00 {(n >> 2) & 3:b2} 0111 {n & 3:b2} rs1 100 rd 1110011",
            (n, e) => new MayBeRow(n, e, Operands.ReadsX1 | Operands.WritesX))),
        .. Numbered(8, n => new(
            $"mop.rr.{n}",
            $"1 {n >> 2:b1} 00 {n & 3:b2} 1 rs2 rs1 100 rd 1110011",
            (n, e) => new MayBeRow(n, e, Operands.ReadsX1 | Operands.ReadsX2 | Operands.WritesX))),
    ];

    /// <summary>c.mop.1, c.mop.3, ... c.mop.15, which write nothing: reserved c.lui otherwise.</summary>
    public static RowDefinition[] Zcmop() =>
    [
        .. Numbered(8, n => CompressedTable.Define(
            $"c.mop.{(2 * n) + 1}", $"011 0 0{n:b3}1 00000 01", "", _ => Asm.I(0x13, 0, 0, 0, 0))),
    ];

    private static RowDefinition[] Numbered(int count, Func<int, RowDefinition> make)
    {
        var rows = new RowDefinition[count];
        for (int n = 0; n < count; n++)
            rows[n] = make(n);
        return rows;
    }
}
