namespace RvJit.Fuzz.Generation;

/// <summary>
/// Which integer registers of a program mean what. Some steer it and are written by nothing else, so that every program
/// ends; a few of the others are hot, so that instructions meet in them.
/// </summary>
internal sealed class Registers
{
    /// <summary>Main is 0; a function calls only functions of higher levels.</summary>
    public const int Levels = 3;

    /// <summary>Loops within loops, by level.</summary>
    private static readonly int[] s_depths = [3, 2, 1];

    private const int Ra = 1, FewestHot = 3, MostHot = 9;

    private readonly int[][] _counters = new int[Levels][];
    private readonly int[] _pointers = new int[Levels];
    private readonly int[] _links = new int[Levels];
    private readonly HashSet<int> _control = [];

    public Registers(Random random)
    {
        int[] all = [.. Enumerable.Range(1, 31)];
        random.Shuffle(all);
        var free = new Stack<int>(all);
        for (int level = 0; level < Levels; level++)
        {
            _counters[level] = [.. Enumerable.Range(0, s_depths[level]).Select(_ => free.Pop())];
            _pointers[level] = free.Pop();
            _links[level] = free.Pop();
        }

        int called = random.Next(Levels);
        if (free.Contains(Ra) && called != 0)
        {
            free = new Stack<int>(free.Where(r => r != Ra).Append(_links[called]));
            _links[called] = Ra;
        }

        _control.UnionWith(_counters.SelectMany(c => c).Concat(_pointers).Concat(_links));
        Free = [.. free];
        random.Shuffle(Free);
        Hot = Free[..random.Next(FewestHot, MostHot)];
        HotFloat = [.. Enumerable.Range(0, random.Next(FewestHot, MostHot)).Select(_ => random.Next(32))];
    }

    /// <summary>Registers that any instruction may write.</summary>
    public int[] Free { get; }

    public int[] Hot { get; }

    public int[] HotFloat { get; }

    public static int LoopDepth(int level) => s_depths[level];

    public bool IsControl(int register) => _control.Contains(register);

    public int Counter(int level, int depth) => _counters[level][depth];

    /// <summary>Walks through memory in the outermost loop of a function.</summary>
    public int Pointer(int level) => _pointers[level];

    public int Link(int level) => _links[level];
}
