using RvJit.Machine;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Isa.Tables;

/// <summary>The instructions of the privileged manual; whether a mode may use them is the hart's privileged unit's matter.</summary>
internal static class PrivilegedTable
{
    public static RowDefinition[] Base() =>
    [
        new("mret", "0011000 00010 00000 000 00000 1110011", (n, e) => new TrapReturnRow(n, e, Privilege.Machine)),
        new("sret", "0001000 00010 00000 000 00000 1110011", (n, e) => new TrapReturnRow(n, e, Privilege.Supervisor)),
        new("wfi", "0001000 00101 00000 000 00000 1110011", (n, e) => new WaitRow(n, e)),
        new("sfence.vma", "0001001 rs2 rs1 000 00000 1110011", (n, e) => new FenceTranslationRow(n, e)),
    ];

    public static RowDefinition[] N() => [new("uret", "0000000 00010 00000 000 00000 1110011", (n, e) => new UserTrapReturnRow(n, e))];

    /// <summary>In the space of custom-3; numbers and funct3 as in the first implementations of uipi.</summary>
    public static RowDefinition[] Xaec() =>
    [
        new("uipi.send", "000000000000 rs1 010 00000 1111011", (n, e) => new SendUserInterruptRow(n, e)),
        new("uipi.read", "000000000001 00000 110 rd 1111011", (n, e) => new ReadUserInterruptsRow(n, e)),
        new("uipi.activate", "000000000011 00000 010 00000 1111011", (n, e) => new ActivateUserInterruptsRow(n, e, active: true)),
        new("uipi.deactivate", "000000000100 00000 010 00000 1111011", (n, e) => new ActivateUserInterruptsRow(n, e, active: false)),
        new("uipi.wait", "000000000101 rs1 010 00000 1111011", (n, e) => new WaitForUserInterruptRow(n, e)),
    ];

    public static RowDefinition[] Svinval() =>
    [
        new("sinval.vma", "0001011 rs2 rs1 000 00000 1110011", (n, e) => new FenceTranslationRow(n, e)),
        new("sfence.w.inval", "0001100 00000 00000 000 00000 1110011", (n, e) => new OrderTranslationRow(n, e)),
        new("sfence.inval.ir", "0001100 00001 00000 000 00000 1110011", (n, e) => new OrderTranslationRow(n, e)),
    ];
}
