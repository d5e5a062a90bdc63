namespace RvJit.Translator.Regions;

/// <summary>Which address checks a region makes, and where.</summary>
internal sealed class CheckPlan
{
    /// <summary>Loops whose checks were moved out need fewer inside; what is then left may be worth another look.</summary>
    private const int MostRounds = 2;

    private readonly AddressFacts _facts;
    private readonly IReadOnlyDictionary<Block, LoopChecks> _loops;

    /// <param name="nest">The region.</param>
    /// <param name="care">Which bets not to make.</param>
    public CheckPlan(LoopNest nest, RegionCare care)
    {
        _facts = new AddressFacts(nest, (care & RegionCare.Checks) != 0);
        var planner = new LoopPlanner(nest, _facts);
        _loops = planner.Plan;
        _facts.Solve(_loops);
        for (int round = 0; round < MostRounds && (care & RegionCare.Loops) == 0 && planner.Add(); round++)
            _facts.Solve(_loops);
    }

    /// <summary>For each instruction of a block: the check to make before it, or null.</summary>
    public PlacedCheck?[] ChecksOf(Block block) => _facts.ChecksOf(block);

    /// <summary>The checks made before the loop of a header, if any.</summary>
    public LoopChecks? LoopAt(Block header) => _loops.GetValueOrDefault(header);

    /// <summary>Loops with counted checks that a block lies in without being the header.</summary>
    public IEnumerable<LoopChecks> CountedAround(Block block) =>
        _loops.Values.Where(l => l.Counts && l.Loop.Header != block && l.Loop.Blocks.Contains(block));
}
