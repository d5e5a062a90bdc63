namespace RvJit.Machine;

/// <summary>
/// One CSR. Its number says the least privilege (bits 9:8) and whether it is read-only (bits 11:10 = 3; privileged
/// manual, "CSR Address Mapping Conventions").
/// </summary>
/// <param name="Number">Its address.</param>
/// <param name="Name">As in the manual.</param>
/// <param name="Read">What a read shows.</param>
/// <param name="Write">What a write does; null: nothing, every value is legal and ignored.</param>
internal sealed record CsrDefinition(
    int Number, string Name, Func<PrivilegedUnit, ulong> Read, Action<PrivilegedUnit, ulong>? Write = null)
{
    private const int ReadOnly = 3;

    public Privilege LeastPrivilege { get; } = (Privilege)((Number >> 8) & 3);

    public bool IsReadOnly { get; } = Number >> 10 == ReadOnly;

    /// <summary>Whether a hart has it at all.</summary>
    public Func<PrivilegedUnit, bool> Exists { get; init; } = static _ => true;

    /// <summary>The bits that a write reaches; asked at reset.</summary>
    public Func<HartFeatures, ulong> Mask { get; init; } = static _ => ulong.MaxValue;

    /// <summary>A rule beside privilege; it need not ask again for that.</summary>
    public Func<PrivilegedUnit, bool>? Permits { get; init; }

    /// <summary>What setting and clearing bits starts from, when it is not what a read shows.</summary>
    public Func<PrivilegedUnit, ulong>? Base { get; init; }
}
