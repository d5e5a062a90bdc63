namespace RvJit.Fuzz.Guest;

internal enum ItemKind
{
    /// <summary>One instruction as it is.</summary>
    Word,

    /// <summary>No bytes: names the next address.</summary>
    Label,

    /// <summary>A branch or jump whose immediate is the way to a label; it grows when that is far.</summary>
    Branch,

    /// <summary>auipc, addi: the address of a label.</summary>
    LoadAddress,

    /// <summary>auipc, jalr: a call of a label, however far.</summary>
    FarCall,

    /// <summary>lui, addiw: a constant of 32 bits.</summary>
    LoadConstant,

    /// <summary>Breakpoints up to an address that is as many bytes past a page's start as the value says.</summary>
    Pad,
}

/// <summary>A piece of a program before it has addresses.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Group">Items that are only dropped together when a program is shrunk; 0: never.</param>
/// <param name="Word">The instruction; a branch with an immediate of 0.</param>
/// <param name="Label">The label defined or meant; 0: none.</param>
/// <param name="Register">The register that an address or constant goes to; of a call, the link.</param>
/// <param name="Value">A constant; of a label's address, what is added.</param>
internal sealed record Item(ItemKind Kind, int Group, uint Word = 0, int Label = 0, int Register = 0, long Value = 0)
{
    /// <summary>Whether the constant is an iteration count, which may shrink.</summary>
    public bool IsCount { get; init; }
}
