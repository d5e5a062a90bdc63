using System.Collections.Frozen;
using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Tracing;

/// <summary>The registers that a log names when a CSR is written: a view is not one of them, what it shows is.</summary>
internal static class TracedCsrs
{
    public static readonly int[] Mstatus = [CsrNames.NumberOf("mstatus")];

    private static readonly FrozenDictionary<int, int[]> s_views = new Dictionary<int, int[]>
    {
        [Csr.Fcsr] = [Csr.Fflags, Csr.Frm],
        [CsrNames.NumberOf("sstatus")] = Mstatus,
        [CsrNames.NumberOf("sie")] = [CsrNames.NumberOf("sie"), CsrNames.NumberOf("mie")],
        [CsrNames.NumberOf("sip")] = [CsrNames.NumberOf("mip")],
    }.ToFrozenDictionary();

    private static readonly int[][] s_single = [.. Enumerable.Range(0, 1 << 12).Select(csr => new[] { csr })];

    public static int[] WrittenBy(in Instruction i) => i.Row!.WrittenCsr(i) switch
    {
        Row.NoCsr => [],
        var csr => s_views.TryGetValue(csr, out int[]? seen) ? seen : s_single[csr],
    };
}
