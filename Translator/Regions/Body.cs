using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>
/// The instructions of one function as far as a region holds them: the function that the region is made for, or a copy
/// of a callee for one call.
/// </summary>
internal sealed class Body(ulong entry, Body? caller, ulong returnTo)
{
    public ulong Entry { get; } = entry;

    /// <summary>The body whose call this one is a copy for; null for the region's own function.</summary>
    public Body? Caller { get; } = caller;

    /// <summary>Where the inlined call returns to, in the caller.</summary>
    public ulong ReturnTo { get; } = returnTo;

    /// <summary>Calls around it that are inlined, itself included.</summary>
    public int Depth { get; } = caller is null ? 0 : caller.Depth + 1;

    /// <summary>Everything that was reached fitted in.</summary>
    public bool IsWhole { get; set; }

    /// <summary>Control may leave the region in it and come back to it or its caller: by a call that is not inlined.</summary>
    public bool MayLeave { get; set; }

    /// <summary>And does so often, as far as that is known: a copy for one call is not worth it.</summary>
    public bool LeavesOften { get; set; }

    public Dictionary<ulong, Instruction> Instructions { get; } = [];

    /// <summary>Addresses at which blocks begin.</summary>
    public HashSet<ulong> Leaders { get; } = [];

    /// <summary>Addresses at which control may enter from outside; only the region's own function has any.</summary>
    public HashSet<ulong> Entries { get; } = [];

    /// <summary>Copies of callees, by the address of the call; an indirect call may have several.</summary>
    public Dictionary<ulong, List<Body>> Inlined { get; } = [];

    /// <summary>Addresses that indirect jumps and calls of the body have been seen to go to, by the address of the jump.</summary>
    public Dictionary<ulong, ulong[]> JumpTargets { get; } = [];

    public Dictionary<ulong, Block> Blocks { get; } = [];

    /// <summary>Whether the body is a copy of the function at an address, or is inlined into one.</summary>
    public bool IsWithin(ulong function) => Entry == function || (Caller?.IsWithin(function) ?? false);
}
