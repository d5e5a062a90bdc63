using RvJit.Translator.Isa;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Inspection;

/// <summary>A straight run of a region's instructions.</summary>
/// <param name="Start">Guest address of the first.</param>
/// <param name="Instructions">What was translated, in order.</param>
/// <param name="IsEntry">Control may come here from outside of the region.</param>
/// <param name="ReturnTo">Where the call returns to that the block was inlined for; null in the region's own function.</param>
/// <param name="Successors">Starts of the blocks of the region that control may go on to.</param>
public sealed record LoggedBlock(
    ulong Start, IReadOnlyList<Instruction> Instructions, bool IsEntry, ulong? ReturnTo, IReadOnlyList<ulong> Successors)
{
    /// <summary>One past the last byte.</summary>
    public ulong End { get; } = Instructions.Aggregate(Start, (end, i) => end + i.Length);
}

/// <summary>A region as it was made; it may have been invalidated since.</summary>
/// <param name="Place">The world, or page of a machine, that its instructions come from.</param>
public sealed record LoggedRegion(Region Region, string Place, IReadOnlyList<LoggedBlock> Blocks)
{
    public bool Contains(ulong pc) => Blocks.Any(block => pc >= block.Start && pc < block.End);
}

/// <summary>
/// Everything that an engine translates, for those who want to look at it (<see cref="EngineOptions.Log"/>). It keeps
/// the machine code of regions that were given up, too.
/// </summary>
public sealed class RegionLog
{
    private readonly Lock _lock = new();
    private readonly List<LoggedRegion> _regions = [];

    /// <summary>In the order in which they were made.</summary>
    public IReadOnlyList<LoggedRegion> Regions
    {
        get
        {
            lock (_lock)
                return [.. _regions];
        }
    }

    internal void Add(Region region, ControlFlow flow, string place)
    {
        LoggedBlock[] blocks =
        [
            .. flow.Blocks.Select(block => new LoggedBlock(
                block.Start,
                [.. block.Instructions],
                block.IsEntry,
                block.Body.Caller is null ? null : block.Body.ReturnTo,
                [.. block.Successors.Select(next => next.Start)])),
        ];
        lock (_lock)
            _regions.Add(new LoggedRegion(region, place, blocks));
    }
}
