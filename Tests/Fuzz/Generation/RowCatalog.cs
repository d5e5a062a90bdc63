using RvJit.Fuzz.Execution;
using RvJit.Fuzz.Guest;
using RvJit.Fuzz.Support;
using RvJit.Translator.Isa;

namespace RvJit.Fuzz.Generation;

/// <summary>The rows that programs are made of, by the place they can stand in. Nothing here names a computation.</summary>
internal sealed class RowCatalog
{
    private const int ProbeSeed = 1;
    private const int Probes = 8;
    private const long MostInstructions = 100;
    private const ulong Unmapped = 0x7000_0000;

    /// <param name="instructions">The rows to use.</param>
    public RowCatalog(InstructionSet instructions)
    {
        using var step = new StepExecutor(instructions, MostInstructions);
        foreach (Row row in instructions.Rows.Where(row => !KnownDifferences.IsNotCompared(row)))
            ListFor(row, step).Add(row);
    }

    /// <summary>Rows that only change registers and go on.</summary>
    public List<Row> Plain { get; } = [];

    /// <summary>Loads and stores at rs1 + immediate.</summary>
    public List<Row> Memory { get; } = [];

    /// <summary>Whatever accesses memory at rs1, aligned.</summary>
    public List<Row> Atomic { get; } = [];

    public List<Row> Csr { get; } = [];

    public List<Row> Branches { get; } = [];

    public List<Row> Jumps { get; } = [];

    public List<Row> RegisterJumps { get; } = [];

    /// <summary>Rows that a user program cannot get past.</summary>
    public List<Row> Ending { get; } = [];

    /// <summary>ecall, ebreak: programs have them where they mean something.</summary>
    public List<Row> System { get; } = [];

    private List<Row> ListFor(Row row, StepExecutor step)
    {
        var random = new Random(ProbeSeed);
        Row meaning = InstructionTable.Decode(Encoder.Random(row, random)).Row!;
        if (meaning.Name is "ecall" or "ebreak")
            return System;
        switch (meaning.Flow)
        {
            case Flow.Branch:
                return Branches;
            case Flow.Jump:
                return Jumps;
            case Flow.JumpRegister:
                return RegisterJumps;
        }

        if (meaning.Memory.Bytes != 0)
            return Memory;
        if (meaning.Encoding.Format == Format.Amo)
            return Atomic;
        if (meaning.Encoding.Format is Format.Csr or Format.CsrImmediate)
            return Csr;

        // The rest is known by what it does: all registers lead nowhere, and whoever follows one faults.
        var ends = new HashSet<StopSignal>();
        for (int n = 0; n < Probes; n++)
            ends.Add(Probe(Encoder.Random(row, random), step));
        return ends.Contains(StopSignal.Segmentation) ? Atomic : ends.Contains(StopSignal.Trap) ? Plain : Ending;
    }

    private static StopSignal Probe(uint word, StepExecutor step)
    {
        var state = new MachineState();
        state.X.AsSpan(1).Fill(Unmapped);
        return step.Run(new TestCase(CodeLayout.Assemble([new Item(ItemKind.Word, 0, word)], Layout.Code), state)).Stops[^1].Signal;
    }
}
