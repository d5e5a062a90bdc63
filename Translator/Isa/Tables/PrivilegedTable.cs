using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Isa.Tables;

/// <summary>The instructions of the privileged manual; whether a mode may use them is the hart's privileged unit's matter.</summary>
internal static class PrivilegedTable
{
    public static Row[] Base() =>
    [
        new TrapReturnRow("mret", "0011000 00010 00000 000 00000 1110011", fromMachine: true),
        new TrapReturnRow("sret", "0001000 00010 00000 000 00000 1110011", fromMachine: false),
        new WaitRow("wfi", "0001000 00101 00000 000 00000 1110011"),
        new FenceTranslationRow("sfence.vma", "0001001 rs2 rs1 000 00000 1110011"),
    ];

    public static Row[] Svinval() =>
    [
        new FenceTranslationRow("sinval.vma", "0001011 rs2 rs1 000 00000 1110011"),
        new OrderTranslationRow("sfence.w.inval", "0001100 00000 00000 000 00000 1110011"),
        new OrderTranslationRow("sfence.inval.ir", "0001100 00001 00000 000 00000 1110011"),
    ];
}
