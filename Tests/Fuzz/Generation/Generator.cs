using RvJit.Fuzz.Guest;
using RvJit.Translator.Isa;

namespace RvJit.Fuzz.Generation;

/// <summary>
/// Makes a program from the rows: a main part and functions, each a sequence of pieces, some of which hold sequences
/// themselves. The same seed and number give the same program, as long as the rows are the same.
/// </summary>
internal sealed partial class Generator
{
    private const int MostFunctions = 4, FewestPieces = 8, MostPieces = 48, FunctionPieces = 14;
    private const int MostPatches = 24, MostStops = 60;
    private const int GuaranteedRows = 12;

    /// <summary>Executed instructions: most programs are short, some long enough for every tier to be reached.</summary>
    private static readonly long[] s_budgets = [2_000, 10_000, 30_000, 100_000, 1_000_000, 5_000_000, 20_000_000];

    private readonly Random _random;
    private readonly RowCatalog _catalog;
    private readonly Registers _registers;
    private readonly WordSource _words;
    private readonly ItemList _code = new();
    private readonly List<Function> _functions = [];
    private readonly List<Row> _rows;
    private readonly long _budget;

    private Generator(RowCatalog catalog, long seed, long number)
    {
        _random = new Random(SeedOf(seed, number));
        _catalog = catalog;
        _registers = new Registers(_random);
        _words = new WordSource(_random, _registers);
        _budget = Pick(s_budgets);
        _rows = RowsOf(number);
    }

    private sealed record Function(int Level, int Label, int Group, Cost Cost, List<Item> Body);

    public static GeneratedProgram Make(RowCatalog catalog, long seed, long number)
    {
        // The rare program that is too long for the code area gives way to a relative.
        for (long attempt = 0; ; attempt++)
        {
            GeneratedProgram program = new Generator(catalog, seed + (attempt << 32), number).Make();
            if (program.Fits)
                return program;
        }
    }

    /// <summary>Mixes seed and number (the finaliser of SplitMix64, Steele and others 2014).</summary>
    private static int SeedOf(long seed, long number)
    {
        ulong z = ((ulong)seed * 0x9E37_79B9_7F4A_7C15) + (ulong)number;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return (int)(z ^ (z >> 31)) & int.MaxValue;
    }

    /// <summary>
    /// The plain rows of one program: all of them, or few that then meet often; always some that its number chooses, so
    /// that every row has its turn.
    /// </summary>
    private List<Row> RowsOf(long number)
    {
        List<Row> all = _catalog.Plain;
        if (all.Count == 0 || _random.Next(3) == 0)
            return all;
        Row[] few = [.. all];
        _random.Shuffle(few);
        IEnumerable<Row> turn = Enumerable.Range(0, GuaranteedRows).Select(i => all[(int)(((number * GuaranteedRows) + i) % all.Count)]);
        return [.. few.Take(_random.Next(4, 40)), .. turn];
    }

    private GeneratedProgram Make()
    {
        for (int n = _random.Next(MostFunctions + 1); n > 0; n--)
            AddFunction(level: _random.Next(1, Registers.Levels));
        List<Item> main = _code.Aside(() =>
        {
            EndEarlyNowAndThen();
            var main = new Scope(0, 0, InLoop: false);
            if (Chance(2))
                Loop(main, _random.Next(FewestPieces, MostPieces) / 2, fills: true);
            Block(main, _random.Next(FewestPieces, MostPieces));
            _code.Word(0, Layout.End);
        });

        int start = _code.NewLabel();
        int before = _random.Next(_functions.Count + 1);
        if (before != 0)
            _code.Jump(0, 0, start);
        foreach (Function f in _functions.Take(before))
            Place(f.Body);
        if (before != 0)
            PadNowAndThen();
        _code.Label(start);
        _code.Items.AddRange(main);
        foreach (Function f in _functions.Skip(before))
            Place(f.Body);
        return new GeneratedProgram(_code.Items, InitialState());
    }

    private void Place(List<Item> items)
    {
        PadNowAndThen();
        _code.Items.AddRange(items);
    }

    /// <summary>Moves what follows close to a page's end, or anywhere.</summary>
    private void PadNowAndThen()
    {
        if (Chance(2))
            _code.Pad(_code.NewGroup(), Chance(2) ? Layout.PageBytes - (2 * _random.Next(1, 40)) : 2 * _random.Next(Layout.PageBytes / 2));
    }

    private void AddFunction(int level)
    {
        int label = _code.NewLabel(), group = _code.NewGroup();
        Cost cost = default;
        List<Item> body = _code.Aside(() =>
        {
            _code.Label(label);
            cost = Block(new Scope(level, 0, InLoop: false), _random.Next(2, FunctionPieces));
            Return(group, _registers.Link(level));
        });
        _functions.Add(new Function(level, label, group, cost + new Cost(2), body));
        _functions.Sort((a, b) => b.Level.CompareTo(a.Level));
    }

    /// <param name="Level">Of the function: 0 is main.</param>
    /// <param name="Depth">Loops of this function around.</param>
    /// <param name="InLoop">Whether the function's pointer is in use.</param>
    /// <param name="IsLong">Whether a loop around passes so often that nothing slow may stand in it.</param>
    private readonly record struct Scope(int Level, int Depth, bool InLoop, bool IsLong = false);

    private Cost Block(Scope scope, int pieces)
    {
        Cost cost = default;
        for (; pieces > 0; pieces--)
        {
            Cost piece = default;
            List<Item> items = _code.Aside(() => piece = Piece(scope, pieces));
            Cost sum = cost + piece;
            if ((scope.IsLong && (piece.Patches != 0 || piece.Stops != 0)) || sum.Instructions > _budget || sum.Patches > MostPatches || sum.Stops > MostStops)
                continue;
            _code.Items.AddRange(items);
            cost = sum;
        }

        return cost;
    }

    private Cost Piece(Scope scope, int left) => _random.Next(100) switch
    {
        < 34 => Straight(),
        < 42 => Constants(),
        < 46 => Csr(),
        < 47 => RoundingMode(),
        < 64 => Memory(),
        < 68 => Atomic(),
        < 76 => Condition(scope, left),
        < 86 => Loop(scope, left),
        < 91 => Call(scope),
        < 94 => JumpTable(scope),
        < 95 when !scope.IsLong => Patch(),
        < 97 when !scope.IsLong => Checkpoint(),
        < 98 when !scope.IsLong => SystemCall(),
        < 99 => GuardedFault(),
        _ => Straight(),
    };

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];

    private bool Chance(int outOf) => _random.Next(outOf) == 0;
}
