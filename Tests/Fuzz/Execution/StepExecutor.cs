using System.Runtime.CompilerServices;
using RvJit.Fuzz.Guest;
using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Fuzz.Execution;

/// <summary>
/// Executes by <see cref="Row.Execute"/> alone, one instruction at a time, and counts: it knows whether a case ends at
/// all, how many instructions it has and of which rows they are.
/// </summary>
internal sealed unsafe class StepExecutor(InstructionSet instructions, long mostInstructions) : IExecutor
{
    private static readonly Dictionary<Row, int> s_indexes =
        InstructionTable.Rows.Select((row, index) => (row, index)).ToDictionary(pair => pair.row, pair => pair.index);

    private readonly CaseWorld _world = new(instructions.Extensions);
    private readonly Decoded[] _decoded = new Decoded[Layout.CodeBytes / 2];

    public string Name => "step";

    /// <summary>Instructions that the last case executed, those that trapped not among them.</summary>
    public long Instructions { get; private set; }

    /// <summary>Executions of every row by all cases, in the table's order.</summary>
    public long[] RowCounts { get; } = new long[InstructionTable.Rows.Count];

    public Outcome Run(TestCase test)
    {
        _world.Enter(test);
        Instructions = 0;
        return _world.Serve(ToTrap);
    }

    public void Dispose() => _world.Dispose();

    private Trap ToTrap()
    {
        Hart hart = _world.Hart;
        HartState* st = hart.State;
        while (true)
        {
            if (!TryFetch(st->Pc, out uint word, out Trap trap))
                return trap;

            ref Decoded d = ref _decoded[(st->Pc - Layout.Code) / 2 % (ulong)_decoded.Length];
            if (d.Word != word || d.Instruction.Row is null)
                d = Decode(word);
            if (d.Instruction.Row is not { } row)
                return new Trap(TrapCause.IllegalInstruction, word);
            bool done = row.Execute(hart, d.Instruction, out trap);
            if (done || trap.Cause is TrapCause.Breakpoint or TrapCause.EnvironmentCallFromU)
            {
                RowCounts[d.Index]++;
                if (d.Compressed >= 0)
                    RowCounts[d.Compressed]++;
            }

            if (!done)
                return trap;
            Instructions++;
            if (Instructions >= mostInstructions)
                return Trap.Requested;
        }
    }

    /// <summary>Code lies where it may be executed; elsewhere the world decides.</summary>
    private bool TryFetch(ulong pc, out uint word, out Trap trap)
    {
        trap = default;
        if (pc >= Layout.Code && pc <= Layout.Code + Layout.CodeBytes - sizeof(uint))
        {
            word = Unsafe.ReadUnaligned<uint>(_world.World.Base + pc);
            if (InstructionTable.LengthOf((ushort)word) == 2)
                word = (ushort)word;
            return true;
        }

        MemoryView memory = _world.Hart.Memory;
        word = 0;
        if (!memory.TryFetch(pc, out ushort low, out trap))
            return false;
        word = low;
        if (InstructionTable.LengthOf(low) == 2)
            return true;
        if (!memory.TryFetch(pc + 2, out ushort high, out trap))
            return false;
        word |= (uint)high << 16;
        return true;
    }

    private Decoded Decode(uint word)
    {
        Instruction i = instructions.Decode(word);
        return i.Row is null
            ? default
            : new Decoded(word, i, s_indexes[i.Row], i.Length == 2 ? s_indexes[instructions.FindCompressed(word)!] : -1);
    }

    /// <param name="Word">The bits as fetched.</param>
    /// <param name="Instruction">What they are.</param>
    /// <param name="Index">The row's place in the table.</param>
    /// <param name="Compressed">The compressed row's, or -1.</param>
    private readonly record struct Decoded(uint Word, Instruction Instruction, int Index, int Compressed);
}
