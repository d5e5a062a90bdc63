using RvJit.Cli.Listing;
using RvJit.Cli.Output;
using RvJit.Guest.Elf;

namespace RvJit.Cli.Inspection;

/// <summary>Names for the addresses of one guest context, from the files that its code comes from.</summary>
public sealed class CodeSymbols
{
    private readonly List<(LoadedCode Code, SymbolMap Symbols)> _files = [];

    /// <param name="place">Name of the world that the addresses are of; null for the one machine.</param>
    /// <param name="code">Where which file lies.</param>
    public CodeSymbols(string? place, IEnumerable<LoadedCode> code)
    {
        Place = place;
        foreach (LoadedCode file in code)
        {
            // A file whose symbol table is damaged has none: it may still be run and looked at.
            _ = file.File.TryReadSymbols(out IReadOnlyList<ElfSymbol> symbols, out _);
            _files.Add((file, new SymbolMap(symbols)));
        }
    }

    public static CodeSymbols None { get; } = new(null, []);

    public string? Place { get; }

    /// <summary>Name of the first file.</summary>
    public string Program => _files.Count == 0 ? "guest" : Terminal.OneLine(Path.GetFileName(_files[0].Code.File.Path));

    /// <summary>"name" or "name+0x12"; null when the address is in no file, or its file has no symbols.</summary>
    public string? Describe(ulong address) =>
        At(address) is var (code, symbols) && symbols.Describe(address - code.Bias) is { } name ? Terminal.OneLine(name) : null;

    /// <summary>The function that an address lies in, and where it begins; null as above.</summary>
    public (string Name, ulong Start)? FunctionAt(ulong address) =>
        At(address) is var (code, symbols) && symbols.Before(address - code.Bias) is var (name, start)
            ? (Terminal.OneLine(name), start + code.Bias)
            : null;

    /// <summary>Name of the file that an address comes from.</summary>
    public string? FileAt(ulong address) => At(address) is var (code, _) ? Terminal.OneLine(Path.GetFileName(code.File.Path)) : null;

    /// <summary>The address of a symbol; the program's own come first.</summary>
    public bool TryFind(string name, out ulong address)
    {
        foreach ((LoadedCode code, SymbolMap symbols) in _files)
        {
            if (!symbols.TryFind(name, out address))
                continue;
            address += code.Bias;
            return true;
        }

        address = 0;
        return false;
    }

    private (LoadedCode Code, SymbolMap Symbols)? At(ulong address)
    {
        foreach ((LoadedCode Code, SymbolMap) file in _files)
        {
            if (address >= file.Code.Start && address < file.Code.End)
                return file;
        }

        return null;
    }
}
