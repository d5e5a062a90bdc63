namespace RvJit.Translator.Regions;

/// <summary>
/// Where address checks of a region fail only if an access would. The first translation of a place bets that
/// neighbouring pages have equal rights and that loops run as they look; a bet that is lost too often is taken back.
/// </summary>
[Flags]
public enum RegionCare
{
    None = 0,

    /// <summary>
    /// A failing check looks twice: at the next page, then at its own alone. Behind page tables, a check of several accesses looks
    /// at both ends, which may lie in two pages that are neighbours in memory, too.
    /// </summary>
    Checks = 1,

    /// <summary>Nothing is checked before loops.</summary>
    Loops = 2,

    /// <summary>A check before a loop measures how far the allowed pages reach.</summary>
    Rooms = 4,

    /// <summary>Behind page tables: a check stands for other accesses of the same bytes only.</summary>
    Groups = 8,
}

/// <summary>How one region is to be emitted.</summary>
/// <param name="Number">Identifies the region among all of an engine, from 1.</param>
/// <param name="Count">It keeps <see cref="RvJit.Machine.HartState.Retired"/> exact.</param>
/// <param name="Limit">And leaves before a block that would pass <see cref="RvJit.Machine.HartState.RetiredLimit"/>.</param>
/// <param name="Care">Which bets not to make.</param>
internal readonly record struct RegionOptions(int Number, bool Count, bool Limit, RegionCare Care);
