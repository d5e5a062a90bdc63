using RvJit.Fuzz.Execution;
using RvJit.Fuzz.Guest;
using RvJit.Fuzz.Server;
using RvJit.Fuzz.Support;
using RvJit.Translator.Isa;

namespace RvJit.Fuzz;

/// <summary>Whether a word is an instruction here exactly when it is one to qemu, executed alone from a state of zeros.</summary>
internal sealed class DecoderSession(FuzzOptions options) : IDisposable
{
    private const long MostInstructions = 100;

    private readonly QemuExecutor _reference = new(options.Qemu, options.Instructions, TimeSpan.FromSeconds(10));
    private readonly StepExecutor _step = new(options.Instructions, MostInstructions);

    public long Words { get; private set; }

    /// <summary>Words that are instructions to both.</summary>
    public long Instructions { get; private set; }

    /// <summary>All 16-bit words, then wide ones.</summary>
    /// <returns>What is decoded differently, in words.</returns>
    public IEnumerable<string> Run()
    {
        var random = new Random((int)options.Seed);
        IEnumerable<uint> compressed = Enumerable.Range(0, ushort.MaxValue + 1).Select(w => (uint)w).Where(w => InstructionTable.LengthOf((ushort)w) == 2);
        IEnumerable<uint> wide = Enumerable.Range(0, options.Words).Select(_ => Wide(random));
        return compressed.Concat(wide).Where(w => !MayNotEnd(w) && !KnownDifferences.IsNotCompared(w)).Select(Compare).OfType<string>();
    }

    public void Dispose()
    {
        _reference.Dispose();
        _step.Dispose();
    }

    /// <summary>Next to a valid encoding, or anything.</summary>
    private uint Wide(Random random)
    {
        uint word = (uint)random.NextInt64();
        if (random.Next(4) != 0)
        {
            Row row;
            do
                row = options.Instructions.Rows[random.Next(options.Instructions.Rows.Count)];
            while (row.Encoding.Bits != 32);
            word = Encoder.Random(row, random);
            for (int flips = random.Next(3); flips > 0; flips--)
                word ^= 1u << random.Next(32);
        }

        return word | 3;
    }

    /// <summary>A jump to itself, into its own middle, or into the program that serves cases under qemu.</summary>
    private static bool MayNotEnd(uint word) => InstructionTable.Decode(word) is { Row.Flow: Flow.Branch or Flow.Jump } i
        && ((i.Immediate >= 0 && i.Immediate < i.Length) || Layout.Code + (ulong)i.Immediate is >= Layout.Server and < Layout.Server + Layout.PageBytes);

    private string? Compare(uint word)
    {
        Words++;
        var test = new TestCase(CodeLayout.Assemble([new Item(ItemKind.Word, 0, word)], Layout.Code), new MachineState());
        Outcome reference = _reference.Run(test, withMemory: false);
        if (reference.Failure is not null)
            return $"{Text(word)}: {reference.Failure} under qemu";
        bool theirs = IsInstruction(reference), ours = IsInstruction(_step.Run(test));
        Instructions += ours && theirs ? 1 : 0;
        return ours == theirs ? null : $"{Text(word)} is {(ours ? "an" : "no")} instruction here, but {(theirs ? "one" : "none")} to qemu";
    }

    private static bool IsInstruction(Outcome outcome) => outcome.Stops[0] is not { Signal: StopSignal.Illegal, Pc: Layout.Code };

    private static string Text(uint word) => $"{word:x8} ({Disassembler.Format(word, Layout.Code).Replace('\t', ' ')})";
}
