using RvJit.Machine;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Isa.Tables;

/// <summary>The instructions of the privileged manual; whether a mode may use them is the hart's privileged unit's matter.</summary>
internal static class PrivilegedTable
{
    public static Row[] Base() =>
    [
        new TrapReturnRow("mret", "0011000 00010 00000 000 00000 1110011", Privilege.Machine),
        new TrapReturnRow("sret", "0001000 00010 00000 000 00000 1110011", Privilege.Supervisor),
        new WaitRow("wfi", "0001000 00101 00000 000 00000 1110011"),
        new FenceTranslationRow("sfence.vma", "0001001 rs2 rs1 000 00000 1110011"),
    ];

    public static Row[] N() => [new UserTrapReturnRow("uret", "0000000 00010 00000 000 00000 1110011")];

    /// <summary>In the space of custom-3; numbers and funct3 as in the first implementations of uipi.</summary>
    public static Row[] Xaec() =>
    [
        new SendUserInterruptRow("uipi.send", "000000000000 rs1 010 00000 1111011"),
        new ReadUserInterruptsRow("uipi.read", "000000000001 00000 110 rd 1111011"),
        new ActivateUserInterruptsRow("uipi.activate", "000000000011 00000 010 00000 1111011", active: true),
        new ActivateUserInterruptsRow("uipi.deactivate", "000000000100 00000 010 00000 1111011", active: false),
        new WaitForUserInterruptRow("uipi.wait", "000000000101 rs1 010 00000 1111011"),
    ];

    public static Row[] Svinval() =>
    [
        new FenceTranslationRow("sinval.vma", "0001011 rs2 rs1 000 00000 1110011"),
        new OrderTranslationRow("sfence.w.inval", "0001100 00000 00000 000 00000 1110011"),
        new OrderTranslationRow("sfence.inval.ir", "0001100 00001 00000 000 00000 1110011"),
    ];
}
