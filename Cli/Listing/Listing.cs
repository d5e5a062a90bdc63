using System.Buffers.Binary;
using RvJit.Cli.Output;
using RvJit.Guest.Elf;
using RvJit.Translator.Isa;

namespace RvJit.Cli.Listing;

/// <summary>Lists the instructions of an ELF file, in the form of objdump -d.</summary>
public sealed class Listing
{
    /// <summary>Instructions between two reports of progress.</summary>
    private const long ReportEvery = 0x4000;

    private readonly ElfFile _file;
    private readonly SymbolMap _symbols;
    private readonly IReadOnlyList<Part> _parts;
    private readonly bool _aliases;
    private readonly InstructionSet _instructions;

    private Listing(ElfFile file, SymbolMap symbols, IReadOnlyList<Part> parts, ListingOptions options)
    {
        _file = file;
        _symbols = symbols;
        _parts = parts;
        _aliases = options.Aliases;
        _instructions = new InstructionSet(options.Extensions);
    }

    private readonly record struct Part(string Name, ulong Address, int Offset, int Length);

    public static Listing Open(ListingOptions options)
    {
        if (!ElfFile.TryRead(options.File, out ElfFile? file, out string? error, addressLimit: ulong.MaxValue)
            || !file.TryReadSections(out IReadOnlyList<ElfSection> sections, out error)
            || !file.TryReadSymbols(out IReadOnlyList<ElfSymbol> symbols, out error))
            throw new BadInputException(error);
        Part[] parts = options.Section is { } name ? [Named(options, sections, name)] : Executable(file, sections);
        return new Listing(
            file,
            new SymbolMap(symbols),
            [.. parts.Select(part => Clip(part, options)).Where(part => part.Length > 0)],
            options);
    }

    public void Write(TextWriter output)
    {
        long total = _parts.Sum(part => (long)part.Length), done = 0, reported = 0;
        using var progress = new Progress("disassembling");
        output.Write($"\n{_file.Path}:     file format elf64-littleriscv\n\n");
        foreach (Part part in _parts)
        {
            output.Write($"\nDisassembly of section {part.Name}:\n");
            int width = ColumnWidth(part.Address + (ulong)part.Length);
            for (int at = 0; at < part.Length;)
            {
                ulong pc = part.Address + (ulong)at;
                if (_symbols.At(pc) is { } label || (at == 0 && (label = _symbols.Describe(pc) ?? part.Name) is not null))
                    output.Write($"\n{pc:x16} <{label}>:\n");
                output.Write($"{pc.ToString("x").PadLeft(width)}:\t");
                int length = WriteInstruction(output, pc, _file.Bytes.AsSpan(part.Offset + at, part.Length - at));
                at += length;
                if ((done += length) - reported >= ReportEvery)
                    progress.Report(reported = done, total);
            }
        }

        output.Flush();
    }

    /// <summary>Addresses of a part stand in a column as wide as the last one, in steps of four digits.</summary>
    private static int ColumnWidth(ulong last) => (last.ToString("x").Length + 3) / 4 * 4;

    /// <summary>Writes one instruction and returns its bytes.</summary>
    private int WriteInstruction(TextWriter output, ulong pc, ReadOnlySpan<byte> code)
    {
        if (code.Length < 2)
        {
            output.Write($"{code[0]:x2}                  \t.byte\t0x{code[0]:x2}\n");
            return 1;
        }

        ushort low = BinaryPrimitives.ReadUInt16LittleEndian(code);
        int length = InstructionTable.LengthOf(low);
        if (length > 4 || code.Length < length)
        {
            output.Write($"{low:x4}                \t.2byte\t0x{low:x}\n");
            return 2;
        }

        uint word = length == 2 ? low : BinaryPrimitives.ReadUInt32LittleEndian(code);
        string bits = length == 2 ? $"{word:x4}                " : $"{word:x8}          ";
        output.Write($"{bits}\t{Disassembler.Format(word, pc, _aliases, _symbols.Describe, _instructions)}\n");
        return length;
    }

    private static Part Named(ListingOptions options, IReadOnlyList<ElfSection> sections, string name)
    {
        foreach (ElfSection section in sections)
        {
            if (section.Name == name && section.Type != ElfSection.NoBits)
                return new Part(name, section.Address, (int)section.Offset, (int)section.Size);
        }

        string known = string.Join(", ", sections.Where(section => section.IsCode).Select(section => section.Name));
        throw new BadInputException($"{options.File} has no section {name} with contents; its code is in: {(known.Length > 0 ? known : "no section")}");
    }

    /// <summary>Code sections, or the executable segments of a file whose section table was stripped.</summary>
    private static Part[] Executable(ElfFile file, IReadOnlyList<ElfSection> sections)
    {
        Part[] parts = [.. sections.Where(section => section.IsCode)
            .Select(section => new Part(section.Name, section.Address, (int)section.Offset, (int)section.Size))];
        return parts.Length > 0
            ? parts
            : [.. file.LoadSegments.Where(segment => segment.Flags.HasFlag(ElfSegmentFlags.Execute))
                .Select(segment => new Part($"segment{segment.Address:x}", segment.Address, (int)segment.Offset, (int)segment.FileSize))];
    }

    private static Part Clip(Part part, ListingOptions options)
    {
        ulong end = part.Address + (ulong)part.Length;
        ulong start = Math.Clamp(options.Start, part.Address, end);
        ulong stop = Math.Clamp(options.Stop, start, end);
        return part with { Address = start, Offset = part.Offset + (int)(start - part.Address), Length = (int)(stop - start) };
    }
}
