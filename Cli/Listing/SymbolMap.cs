using RvJit.Guest.Elf;

namespace RvJit.Cli.Listing;

/// <summary>Names for code addresses, as a listing shows them.</summary>
public sealed class SymbolMap
{
    /// <summary>STB_GLOBAL, STB_WEAK, STB_LOCAL (elf.h).</summary>
    private static readonly int[] _bindings = [1, 2, 0];

    private readonly IReadOnlyList<ElfSymbol> _all;
    private readonly ulong[] _addresses;
    private readonly string[] _names;

    public SymbolMap(IReadOnlyList<ElfSymbol> symbols)
    {
        _all = symbols;

        // One name an address: a function's before a label's, a global one's before an alias's (weak) or a local one's.
        // "$x" and "$d" only say where code and data begin.
        (ulong Address, string Name)[] named =
        [
            .. symbols.Where(symbol => symbol.Section != 0 && symbol.Type is ElfSymbol.NoType or ElfSymbol.Function)
                .Select(symbol => (symbol.Value, symbol.Type, symbol.Binding, symbol.Name))
                .Where(symbol => symbol.Name.Length > 0 && symbol.Name[0] != '$')
                .OrderByDescending(symbol => symbol.Type).ThenBy(symbol => Array.IndexOf(_bindings, symbol.Binding))
                .DistinctBy(symbol => symbol.Value)
                .OrderBy(symbol => symbol.Value)
                .Select(symbol => (symbol.Value, symbol.Name)),
        ];
        _addresses = [.. named.Select(symbol => symbol.Address)];
        _names = [.. named.Select(symbol => symbol.Name)];
    }

    /// <summary>The symbol that starts at an address, or null.</summary>
    public string? At(ulong address)
    {
        int index = Array.BinarySearch(_addresses, address);
        return index >= 0 ? _names[index] : null;
    }

    /// <summary>The address that a symbol has; aliases count.</summary>
    public bool TryFind(string name, out ulong address)
    {
        foreach (ElfSymbol symbol in _all)
        {
            if (symbol.Section == 0 || symbol.Name != name)
                continue;
            address = symbol.Value;
            return true;
        }

        address = 0;
        return false;
    }

    /// <summary>The symbol at or before an address and its own address; null when there is none.</summary>
    public (string Name, ulong Address)? Before(ulong address)
    {
        int index = Array.BinarySearch(_addresses, address);
        if (index < 0)
            index = ~index - 1;
        return index < 0 ? null : (_names[index], _addresses[index]);
    }

    /// <summary>"name" or "name+0x12" of the symbol at or before an address; null when there is none.</summary>
    public string? Describe(ulong address)
    {
        if (Before(address) is not var (name, start))
            return null;
        return address == start ? name : $"{name}+0x{address - start:x}";
    }
}
