using RvJit.Cli.Statistics;
using RvJit.Translator.Inspection;
using RvJit.Translator.Isa;

namespace RvJit.Cli.Inspection;

/// <summary>Prints translated regions: guest instructions by block, and how much IL and machine code they became.</summary>
/// <param name="Output">Where to.</param>
/// <param name="Machine">The machine code of regions.</param>
/// <param name="Symbols">Names for addresses.</param>
/// <param name="Instructions">What the harts have.</param>
public sealed record RegionReport(TextWriter Output, MachineCodeLog Machine, CodeSymbols Symbols, InstructionSet Instructions)
{
    private const int BytesInLine = 32;

    public void Write(IReadOnlyList<RegionChoice> choices, IReadOnlyList<LoggedRegion> regions)
    {
        foreach (RegionChoice choice in choices)
        {
            LoggedRegion[] chosen = [.. choice.Among(regions, Symbols)];
            if (chosen.Length == 0)
                Output.Write($"no region holds {choice.Text}: it was not translated\n");
            foreach (LoggedRegion region in chosen)
                Write(region, withMachineCode: !choice.IsAll);
        }

        Output.Flush();
    }

    private void Write(LoggedRegion logged, bool withMachineCode)
    {
        bool named = Symbols.Place is null || Symbols.Place == logged.Place;
        Symbolizer? symbolize = named ? Symbols.Describe : null;
        int instructions = logged.Region.Instructions;
        MachineCode? machine = Machine.Find(logged.Region.Code);
        Output.Write($"region {Address(logged.Region.Entries[0], symbolize)} of {logged.Place}: ");
        Output.Write($"{StatisticsReport.Number(instructions, "instruction")} in {StatisticsReport.Number(logged.Blocks.Count, "block")}, {Size("IL", logged.Region.IlBytes, instructions)}, ");
        Output.Write(machine is null
            ? "machine code unknown\n"
            : $"{Size("machine code", machine.Bytes, instructions)}, {Quality(machine.Quality)}\n");
        Output.Write($"  entries: {string.Join(", ", logged.Region.Entries.Select(entry => Address(entry, symbolize)))}\n");
        foreach (LoggedBlock block in logged.Blocks)
            Write(block, symbolize);
        if (withMachineCode && machine is not null)
            Write(machine);
        Output.Write("\n");
    }

    private void Write(LoggedBlock block, Symbolizer? symbolize)
    {
        string next = block.Successors.Count == 0 ? "" : $", then {string.Join(" or ", block.Successors.Select(pc => $"0x{pc:x}"))}";
        string inlined = block.ReturnTo is { } back ? $", inlined before 0x{back:x}" : "";
        Output.Write($"  block {Address(block.Start, symbolize)}{(block.IsEntry ? ", entry" : "")}{inlined}{next}\n");
        ulong pc = block.Start;
        foreach (Instruction i in block.Instructions)
        {
            string bits = i.Length == 2 ? $"{i.Word:x4}    " : $"{i.Word:x8}";
            Output.Write($"    {pc:x}:\t{bits}\t{Disassembler.Format(i.Word, pc, aliases: true, symbolize, Instructions)}\n");
            pc += i.Length;
        }
    }

    private unsafe void Write(MachineCode machine)
    {
        Output.Write($"  machine code at 0x{machine.Address:x}:\n");
        var bytes = new ReadOnlySpan<byte>((void*)machine.Address, machine.Bytes);
        for (int at = 0; at < bytes.Length; at += BytesInLine)
            Output.Write($"    {Convert.ToHexStringLower(bytes[at..Math.Min(at + BytesInLine, bytes.Length)])}\n");
    }

    private static string Address(ulong pc, Symbolizer? symbolize) => symbolize?.Invoke(pc) is { } name ? $"0x{pc:x} <{name}>" : $"0x{pc:x}";

    private static string Size(string what, int bytes, int instructions) =>
        $"{bytes} bytes of {what} ({(double)bytes / instructions:0.0} an instruction)";

    private static string Quality(CodeQuality quality) => quality switch
    {
        CodeQuality.Optimized or CodeQuality.OptimizedTier1 => "optimized",
        CodeQuality.Unknown => "perhaps optimized",
        _ => "not optimized",
    };
}
