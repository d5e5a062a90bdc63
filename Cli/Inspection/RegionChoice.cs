using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using RvJit.Translator.Inspection;

namespace RvJit.Cli.Inspection;

/// <summary>A value of <c>--dump-region</c>: an address, a symbol with or without an offset, or "all".</summary>
/// <param name="Text">As the user wrote it.</param>
/// <param name="Symbol">The symbol, if it is one.</param>
/// <param name="Offset">The address, or the distance from the symbol.</param>
public sealed record RegionChoice(string Text, string? Symbol, ulong Offset)
{
    private const string Everything = "all";

    public bool IsAll => Text == Everything;

    public static bool TryParse(string text, [NotNullWhen(true)] out RegionChoice? choice)
    {
        choice = null;
        if (text == Everything)
        {
            choice = new RegionChoice(text, null, 0);
        }
        else if (text.Length > 0 && char.IsAsciiDigit(text[0]))
        {
            if (TryNumber(text, out ulong address))
                choice = new RegionChoice(text, null, address);
        }
        else
        {
            int plus = text.LastIndexOf('+');
            if (plus < 0 && text.Length > 0)
                choice = new RegionChoice(text, text, 0);
            else if (plus > 0 && TryNumber(text[(plus + 1)..], out ulong offset))
                choice = new RegionChoice(text, text[..plus], offset);
        }

        return choice is not null;
    }

    /// <summary>The regions that hold the place.</summary>
    public IEnumerable<LoggedRegion> Among(IEnumerable<LoggedRegion> regions, CodeSymbols symbols)
    {
        if (IsAll)
            return regions;
        ulong address = 0;
        if (Symbol is not null && !symbols.TryFind(Symbol, out address))
            throw new BadInputException($"--dump-region {Text}: no file that the program executes has a symbol {Symbol}");
        address += Offset;
        return regions.Where(region => region.Contains(address)
            && (Symbol is null || symbols.Place is null || symbols.Place == region.Place));
    }

    private static bool TryNumber(string text, out ulong number) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
