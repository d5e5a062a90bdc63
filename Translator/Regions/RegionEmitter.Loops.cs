using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Regions.Lanes;

namespace RvJit.Translator.Regions;

/// <summary>What is done before loops so that their iterations need not do it (<see cref="LoopChecks"/>).</summary>
public sealed partial class RegionEmitter
{
    /// <summary>Most iterations between two polls: about a microsecond of a small loop, which is how late an interrupt may come.</summary>
    private const int MostIterations = 256;

    /// <summary>Most iterations between two polls where vectors do them.</summary>
    private const int MostLaneIterations = 4096;

    private readonly Dictionary<Block, Label> _beforeLoops = [];
    private readonly Dictionary<Block, Label> _usedUp = [];
    private readonly Dictionary<Loop, LocalBuilder> _iterations = [];

    /// <summary>Loops that host vectors do.</summary>
    internal int LaneLoops { get; private set; }

    /// <summary>Where control goes to get from a block, or from outside the region, to another.</summary>
    private Label LabelTo(Block? from, Block to) => PassesChecks(from, to) ? BeforeLoop(to) : _labels[to];

    /// <summary>Whether the checks before a loop lie between a block, or the outside of the region, and another.</summary>
    private bool PassesChecks(Block? from, Block to) =>
        _plan?.LoopAt(to) is { } loop && (from is null || !loop.Loop.Blocks.Contains(from));

    private Label BeforeLoop(Block header) => LabelIn(_beforeLoops, header);

    private Label UsedUp(Block header) => LabelIn(_usedUp, header);

    private Label LabelIn(Dictionary<Block, Label> labels, Block header)
    {
        if (!labels.TryGetValue(header, out Label label))
            labels.Add(header, label = Il.DefineLabel());
        return label;
    }

    /// <summary>Whether going from a block to another counts an iteration; it polls when they are used up.</summary>
    private bool CountsInstead(Block from, Block to) =>
        _plan?.LoopAt(to) is { Counts: true } loop && loop.Loop.Blocks.Contains(from);

    private LocalBuilder Iterations(Loop loop)
    {
        if (!_iterations.TryGetValue(loop, out LocalBuilder? local))
            _iterations.Add(loop, local = Il.DeclareLocal(typeof(int)));
        return local;
    }

    // used up: poll; before: iterations = the most further ones for which all checks hold; falls into the loop's header.
    private void EmitBeforeLoop(Block header)
    {
        if (_plan?.LoopAt(header) is not { } loop)
            return;
        LocalBuilder? count = null;
        LaneLoop? lanes = FindLanes(loop);
        if (loop.Counts)
        {
            Il.MarkLabel(UsedUp(header));
            EmitPoll(ColdExit(header.Start, step: false, _dirty, uncount: 0));
        }

        Il.MarkLabel(BeforeLoop(header));
        if (loop.Counts)
        {
            count = Iterations(loop.Loop);
            int iterations = (lanes is null ? MostIterations : MostLaneIterations) - 1;
            foreach (LoopCheck check in loop.Checks)
            {
                if (_memory.IterationsWithoutRoom(check) is >= 0 and int fewer)
                    iterations = Math.Min(iterations, fewer);
            }

            Il.Emit(OpCodes.Ldc_I4, iterations);
            Il.Emit(OpCodes.Stloc, count);
        }

        Label leave = ColdExit(header.Start, step: true, _dirty, uncount: 0, failed: -_number);
        foreach (LoopCheck check in loop.Checks)
            _memory.EmitLoopCheck(check, count, leave);
        if (lanes is null)
            return;
        bool isChecked = loop.Loop.Blocks.All(b => Array.TrueForAll(_plan.ChecksOf(b), c => c is null));
        new LaneEmitter(this, (WindowEmitter)_memory, lanes, _labels[header]).Emit(count!, isChecked);
        LaneLoops++;
    }

    /// <summary>What vectors do of a loop whose header comes next; null for nothing.</summary>
    private LaneLoop? FindLanes(LoopChecks loop) =>
        LaneHost.IsSupported && loop.Counts && !_limit && _memory is WindowEmitter && LaneLoop.Find(loop.Loop) is { } lanes && LaneEmitter.CanEmit(this, lanes)
            ? lanes
            : null;

    /// <summary>Pushes where guest memory is.</summary>
    internal void PushMemory() => Il.Emit(OpCodes.Ldarg_1);

    // x[register] += by; a word's sign is extended
    internal void Move(int register, long by, bool isWord)
    {
        PushX(register);
        PushConstant(by);
        Il.Emit(OpCodes.Add);
        bool isHeldAsWord = IsHeldAsWord(register);
        if (isWord || isHeldAsWord)
            Il.Emit(OpCodes.Conv_I4);
        if (isWord && !isHeldAsWord)
            Il.Emit(OpCodes.Conv_I8);
        Il.Emit(OpCodes.Stloc, LocalOf(register, isHeldAsWord));
    }

    /// <summary>Counts instructions that something else has done.</summary>
    internal void AddRetiredElsewhere(int count)
    {
        if (_count)
            AddRetired(count);
    }

    // x[register] is on the stack, in 64 bits
    internal void StoreEntering(int register) => Il.Emit(OpCodes.Stloc, LocalOf(register, word: false));

    // if (--iterations < 0) goto label;
    private void EmitIterationTest(Block header, Label usedUp)
    {
        LocalBuilder count = Iterations(_plan!.LoopAt(header)!.Loop);
        Il.Emit(OpCodes.Ldloc, count);
        Il.Emit(OpCodes.Ldc_I4_1);
        Il.Emit(OpCodes.Sub);
        Il.Emit(OpCodes.Stloc, count);
        Il.Emit(OpCodes.Ldloc, count);
        Il.Emit(OpCodes.Ldc_I4_0);
        Il.Emit(OpCodes.Blt, usedUp);
    }

    /// <summary>The region is entered in the middle of an iteration: nothing has been checked for the next.</summary>
    private void EmitMidLoopEntry(Block block)
    {
        foreach (LoopChecks loop in _plan?.CountedAround(block) ?? [])
        {
            Il.Emit(OpCodes.Ldc_I4_0);
            Il.Emit(OpCodes.Stloc, Iterations(loop.Loop));
        }
    }

    // state->FailedCheck = failed
    private void EmitFailedCheck(int failed)
    {
        PushStateField(HartState.FailedCheckOffset);
        Il.Emit(OpCodes.Ldc_I4, failed);
        Il.Emit(OpCodes.Stind_I4);
    }
}
