namespace RvJit.Machine;

/// <summary>The CSRs of a hart that has M-mode in guest code.</summary>
public sealed class MachineCsrs : ICsrFile
{
    /// <summary>CSR numbers have 12 bits.</summary>
    private const int Numbers = 1 << 12;

    private readonly PrivilegedUnit _unit;
    private readonly CsrDefinition?[] _definitions = new CsrDefinition?[Numbers];
    private readonly ulong[] _masks = new ulong[Numbers];

    public MachineCsrs(PrivilegedUnit unit)
    {
        _unit = unit;
        foreach (CsrDefinition definition in CsrTable.Definitions)
        {
            if (!definition.Exists(unit))
                continue;
            _definitions[definition.Number] = definition;
            _masks[definition.Number] = definition.Mask(unit.Features);
        }
    }

    public bool TryRead(Hart hart, int csr, out ulong value)
    {
        value = 0;
        if (Find(csr) is not { } definition)
            return false;
        value = definition.Read(_unit);
        return true;
    }

    public bool TryWrite(Hart hart, int csr, ulong value)
    {
        if (Find(csr) is not { IsReadOnly: false } definition)
            return false;
        definition.Write?.Invoke(_unit, value & _masks[csr]);
        return true;
    }

    public bool TryModify(Hart hart, int csr, ulong set, ulong clear, out ulong old)
    {
        old = 0;
        if (Find(csr) is not { IsReadOnly: false } definition)
            return false;
        old = definition.Read(_unit);
        ulong from = definition.Base is { } start ? start(_unit) : old;
        definition.Write?.Invoke(_unit, ((from & ~clear) | set) & _masks[csr]);
        return true;
    }

    public bool TryInspect(Hart hart, int csr, out ulong value)
    {
        value = 0;
        if (_definitions[csr] is not { Write: not null } definition)
            return false;
        value = definition.Read(_unit);
        return true;
    }

    private CsrDefinition? Find(int csr)
    {
        CsrDefinition? definition = _definitions[csr];
        bool reachable = definition is not null && _unit.State.Mode >= definition.LeastPrivilege
            && (definition.Permits is not { } permits || permits(_unit));
        return reachable ? definition : null;
    }
}
