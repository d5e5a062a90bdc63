using System.Diagnostics.CodeAnalysis;
using RvJit.Guest.Elf;
using RvJit.Machine.Devices;

namespace RvJit.Guest.Boot;

/// <summary>Symbols by which bare-metal programs talk to whoever runs them.</summary>
public static class ElfSymbols
{
    /// <summary>The two words of HTIF; a program without them does not use it.</summary>
    public static HtifSymbols? Htif(ElfFile elf)
    {
        Dictionary<string, ulong> symbols = Read(elf);
        return symbols.TryGetValue("tohost", out ulong toHost)
            ? new HtifSymbols(toHost, symbols.TryGetValue("fromhost", out ulong fromHost) ? fromHost : null)
            : null;
    }

    /// <summary>The memory in which tests of the architecture leave their results (RISCOF documentation, "signature").</summary>
    public static bool TrySignature(ElfFile elf, out ulong begin, out ulong end, [NotNullWhen(false)] out string? error)
    {
        Dictionary<string, ulong> symbols = Read(elf);
        end = 0;
        error = null;
        if (!symbols.TryGetValue("begin_signature", out begin) || !symbols.TryGetValue("end_signature", out end))
            error = $"{elf.Path} has no symbols begin_signature and end_signature, so it has no signature; leave --signature out";
        else if (begin > end)
            error = $"{elf.Path}: its signature ends before it begins; link it again";
        return error is null;
    }

    /// <summary>Names and values; a damaged symbol table is none.</summary>
    private static Dictionary<string, ulong> Read(ElfFile elf)
    {
        var symbols = new Dictionary<string, ulong>();
        if (elf.TryReadSymbols(out IReadOnlyList<ElfSymbol> all, out _))
        {
            foreach (ElfSymbol symbol in all)
                symbols.TryAdd(symbol.Name, symbol.Value);
        }

        return symbols;
    }
}
