using RvJit.Cli.Inspection;
using RvJit.Translator.Inspection;

namespace RvJit.Cli.Profiling;

/// <summary>A function of the guest, or what stands for one where there are no symbols.</summary>
public sealed record GuestFunction(string Name, string File);

/// <summary>
/// Says which function an address belongs to: by symbol, else by the region that was translated there, else by page.
/// </summary>
public sealed class FunctionNames
{
    private const ulong PageMask = 4095;

    private readonly CodeSymbols _symbols;
    private readonly Dictionary<string, SortedList<ulong, (ulong End, string Region)>> _blocks = [];
    private readonly Dictionary<(string, ulong), (GuestFunction, string)> _known = [];

    public FunctionNames(CodeSymbols symbols, IEnumerable<LoggedRegion> regions)
    {
        _symbols = symbols;
        foreach (LoggedRegion region in regions)
        {
            if (!_blocks.TryGetValue(region.Place, out SortedList<ulong, (ulong, string)>? blocks))
                _blocks.Add(region.Place, blocks = []);

            // The region's own function, and each callee that was inlined, stand for themselves.
            foreach (IGrouping<ulong?, LoggedBlock> body in region.Blocks.GroupBy(block => block.ReturnTo))
            {
                string name = $"0x{body.Min(block => block.Start):x}-0x{body.Max(block => block.End):x}";
                foreach (LoggedBlock block in body)
                    blocks.TryAdd(block.Start, (block.End, name));
            }
        }
    }

    /// <summary>The function at an address, and the address in words.</summary>
    public (GuestFunction Function, string Address) At(string place, ulong pc)
    {
        if (!_known.TryGetValue((place, pc), out (GuestFunction, string) names))
            _known.Add((place, pc), names = Find(place, pc));
        return names;
    }

    private (GuestFunction, string) Find(string place, ulong pc)
    {
        bool symbolized = _symbols.Place is null || _symbols.Place == place;
        string file = (symbolized ? _symbols.FileAt(pc) : null) ?? place;
        if (symbolized && _symbols.FunctionAt(pc) is var (name, start))
            return (new GuestFunction(name, file), pc == start ? name : $"{name}+0x{pc - start:x}");
        string range = RegionAt(place, pc) ?? $"0x{pc & ~PageMask:x}-0x{(pc | PageMask) + 1:x}";
        return (new GuestFunction(range, file), $"0x{pc:x}");
    }

    private string? RegionAt(string place, ulong pc)
    {
        if (!_blocks.TryGetValue(place, out SortedList<ulong, (ulong End, string Region)>? blocks))
            return null;
        int low = 0, high = blocks.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (blocks.GetKeyAtIndex(middle) <= pc)
                low = middle + 1;
            else
                high = middle;
        }

        return low > 0 && blocks.GetValueAtIndex(low - 1) is var (end, region) && pc < end ? region : null;
    }
}
