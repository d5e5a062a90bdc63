namespace RvJit.Machine;

/// <summary>
/// What a machine hart has beyond the mandatory part of the privileged architecture. PMP entries are counted by
/// <see cref="PmpRegisters.Count"/>.
/// </summary>
/// <param name="extensions">All its extensions.</param>
/// <param name="user">It has U-mode.</param>
/// <param name="supervisor">It has S-mode, which needs U-mode.</param>
public sealed class HartFeatures(ExtensionSet extensions, bool user = true, bool supervisor = true)
{
    public ExtensionSet Extensions { get; } = extensions;

    public bool User { get; } = user;

    public bool Supervisor { get; } = user && supervisor;

    /// <summary>U-mode takes traps itself: extension N.</summary>
    public bool UserTraps { get; } = user && extensions.Contains("n");

    /// <summary>U-mode sends interrupts itself: uipi.</summary>
    public bool UserSending { get; } = user && extensions.Contains("xaec");

    /// <summary>Virtual-address bits of the widest satp mode: 39, 48 or 57, each including the narrower; 0 for Bare alone.</summary>
    public int VirtualAddressBits { get; } =
        !(user && supervisor) ? 0
        : extensions.Contains("sv57") ? 57
        : extensions.Contains("sv48") ? 48
        : extensions.Contains("sv39") ? 39
        : 0;

    /// <summary>Address translation exists.</summary>
    public bool Paged => VirtualAddressBits > 0;

    public bool Float { get; } = extensions.Contains("f");

    /// <summary>Instructions are 16-bit aligned.</summary>
    public bool Compressed { get; } = extensions.Contains("zca");

    /// <summary>cycle, time and instret.</summary>
    public bool Zicntr { get; } = extensions.HasCounters;

    /// <summary>hpmcounter3 to hpmcounter31.</summary>
    public bool Zihpm { get; } = extensions.Contains("zihpm");

    public bool Zicbom { get; } = extensions.Contains("zicbom");

    public bool Zicboz { get; } = extensions.Contains("zicboz");

    /// <summary>stimecmp.</summary>
    public bool Sstc { get; } = extensions.Contains("sstc");

    /// <summary>menvcfg.ADUE: page walks may set the A and D bits themselves.</summary>
    public bool Svadu { get; } = extensions.Contains("svadu");

    /// <summary>menvcfg.PBMTE: memory types in page-table entries.</summary>
    public bool Svpbmt { get; } = extensions.Contains("svpbmt");

    /// <summary>mseccfg with MML, MMWP and RLB.</summary>
    public bool Smepmp { get; } = extensions.Contains("smepmp");

    /// <summary>misa: 64 bits, and a bit for each letter, the privilege modes S and U and X for custom extensions among them.</summary>
    public ulong Misa => (2UL << 62)
        | (Extensions.Letters & ~(UserTraps ? 0 : Letter('n')))
        | (Supervisor ? Letter('s') : 0)
        | (User ? Letter('u') : 0)
        | (Extensions.Members.Any(extension => extension.Name[0] == 'x') ? Letter('x') : 0);

    private static ulong Letter(char letter) => 1UL << (letter - 'a');
}
