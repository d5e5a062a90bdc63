namespace RvJit.Machine;

/// <summary>
/// What a machine hart has beyond the mandatory part of the privileged architecture. PMP entries are counted by
/// <see cref="PmpRegisters.Count"/>.
/// </summary>
public sealed record HartFeatures
{
    /// <summary>The single-letter extensions that misa shows, upper case; S and U are the privilege modes.</summary>
    public string Letters { get; init; } = "IMAFDCSU";

    /// <summary>cycle, time and instret.</summary>
    public bool Zicntr { get; init; } = true;

    /// <summary>hpmcounter3 to hpmcounter31.</summary>
    public bool Zihpm { get; init; } = true;

    public bool Zicbom { get; init; }

    public bool Zicboz { get; init; }

    /// <summary>stimecmp.</summary>
    public bool Sstc { get; init; }

    /// <summary>menvcfg.ADUE: page walks may set the A and D bits themselves.</summary>
    public bool Svadu { get; init; }

    /// <summary>menvcfg.PBMTE: memory types in page-table entries.</summary>
    public bool Svpbmt { get; init; }

    /// <summary>mseccfg with MML, MMWP and RLB.</summary>
    public bool Smepmp { get; init; }

    /// <summary>Virtual-address bits of the widest satp mode: 39, 48 or 57, each including the narrower; 0 for Bare alone.</summary>
    public int VirtualAddressBits { get; init; } = 57;

    /// <summary>Whether satp.ASID has its 16 bits or none.</summary>
    public bool AddressSpaceIds { get; init; } = true;

    public bool Supervisor => Has('S') && User;

    public bool User => Has('U');

    public bool Float => Has('F');

    /// <summary>Instructions are 16-bit aligned.</summary>
    public bool Compressed => Has('C');

    public bool Has(char letter) => Letters.Contains(letter, StringComparison.Ordinal);
}
