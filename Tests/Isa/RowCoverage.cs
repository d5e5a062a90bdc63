namespace RvJit.Tests.Isa;

/// <summary>Rows that the recorded vectors leave out, and where they are executed instead.</summary>
internal static class RowCoverage
{
    public static readonly IReadOnlyDictionary<string, string> WithoutVectors = new Dictionary<string, string>
    {
        ["ecall"] = "a system call of the recording program's own; SystemInstructionTests",
        ["ebreak"] = "ends every vector; SystemInstructionTests",
        ["cbo.inval"] = "illegal under Linux, which qemu does not know; AtomicInstructionTests",
        ["c.ebreak"] = "ends every vector; SystemInstructionTests",
        ["mret"] = "no program may; PrivilegedReturnTests",
        ["sret"] = "no program may; PrivilegedReturnTests",
        ["wfi"] = "no program may; PrivilegedInterruptTests",
        ["uret"] = "qemu has no extension N; DelegationTests, UserTrapTests",
        ["uipi.send"] = "custom; UserInterruptTests",
        ["uipi.read"] = "custom; UserInterruptTests",
        ["uipi.activate"] = "custom; UserInterruptTests",
        ["uipi.deactivate"] = "custom; UserInterruptTests",
        ["uipi.wait"] = "custom; UserInterruptTests",
        ["sfence.vma"] = "no program may; PrivilegedReturnTests",
        ["sinval.vma"] = "no program may; PrivilegedReturnTests",
        ["sfence.w.inval"] = "no program may; PrivilegedReturnTests",
        ["sfence.inval.ir"] = "no program may; PrivilegedReturnTests",
    };
}
