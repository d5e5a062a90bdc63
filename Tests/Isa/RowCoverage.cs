namespace RvJit.Tests.Isa;

/// <summary>Rows that the recorded vectors leave out, and where they are executed instead.</summary>
internal static class RowCoverage
{
    public static readonly IReadOnlyDictionary<string, string> WithoutVectors = new Dictionary<string, string>
    {
        ["ecall"] = "a system call of the recording program's own; SystemInstructionTests",
        ["ebreak"] = "ends every vector; SystemInstructionTests",
        ["c.ebreak"] = "ends every vector; SystemInstructionTests",
    };
}
