using System.Reflection;
using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions;

/// <summary>
/// Emits one region as IL: <c>long Region(nint state, nint memory, long pc)</c>. Guest registers are IL locals, loaded
/// at the entries and written back where the region is left. The result is the pc to go on at; its lowest bit asks the
/// dispatcher to execute that one instruction itself.
/// </summary>
public sealed partial class RegionEmitter
{
    /// <summary>Set in the result: execute the instruction there precisely before anything else.</summary>
    public const long StepBit = 1;

    private static readonly Type[] s_parameters = [typeof(nint), typeof(nint), typeof(long)];

    private readonly ControlFlow _flow;
    private readonly MemoryEmitter _memory;
    private readonly bool _count;
    private readonly bool _limit;
    private readonly int _number;
    private readonly CheckPlan? _plan;
    private readonly Dictionary<Block, Label> _labels = [];
    private readonly RegisterWebs _webs;
    private readonly LoopNest _nest;
    private readonly ExitNeeds _needs;
    private readonly HashSet<MethodInfo> _called = [];

    private Block _block = null!;
    private Block? _following;
    private int _index;
    private ulong _dirty;
    private PlacedCheck?[] _checks = [];
    private LocalBuilder? _target;

    internal RegionEmitter(ControlFlow flow, CodeSource code, RegionOptions options, ILGenerator il)
    {
        _flow = flow;
        _count = options.Count;
        _limit = options.Limit;
        _number = options.Number;
        Care = options.Care;
        Il = il;
        _webs = new RegisterWebs(flow.Blocks);
        WordTypes.Assign(flow.Blocks, _webs);
        _nest = new LoopNest(flow.Blocks);
        Float = new FloatEmitter(this, flow.Blocks, _nest);
        _memory = code.CreateEmitter(this);
        _plan = _memory.LoopPlan;
        _needs = new ExitNeeds(flow.Blocks, LeavesAt, NeedsAllOn);
    }

    public ILGenerator Il { get; }

    public FloatEmitter Float { get; }

    /// <summary>Guest address of the instruction being emitted.</summary>
    public ulong Pc { get; private set; }

    /// <summary>Which bets not to make.</summary>
    internal RegionCare Care { get; }

    internal LoopNest Nest => _nest;

    /// <summary>The block being emitted.</summary>
    internal Block Block => _block;

    /// <summary>Which of its instructions.</summary>
    internal int Index => _index;

    /// <summary>Where an indirect jump goes.</summary>
    public LocalBuilder TargetLocal => _target ??= Il.DeclareLocal(typeof(long));

    /// <summary>Methods the region calls; they are compiled before it runs, outside the guest's rounding mode.</summary>
    public IReadOnlyCollection<MethodInfo> Called => _called;

    internal static Type[] Parameters => s_parameters;

    internal ulong[] Entries { get; private set; } = [];

    internal void EmitAll()
    {
        foreach (Block block in _flow.Blocks)
            _labels.Add(block, Il.DefineLabel());
        EmitEntries();
        for (int k = 0; k < _flow.Blocks.Count; k++)
            EmitBlock(_flow.Blocks[k], k + 1 < _flow.Blocks.Count ? _flow.Blocks[k + 1] : null);
        EmitColdCode();
    }

    public void PushConstant(long value)
    {
        if (value is >= int.MinValue and <= int.MaxValue)
        {
            Il.Emit(OpCodes.Ldc_I4, (int)value);
            Il.Emit(OpCodes.Conv_I8);
        }
        else
        {
            Il.Emit(OpCodes.Ldc_I8, value);
        }
    }

    public void PushState() => Il.Emit(OpCodes.Ldarg_0);

    public void Call(MethodInfo method)
    {
        _called.Add(method);
        Il.Emit(OpCodes.Call, method);
    }

    /// <summary>state + offset.</summary>
    internal void PushStateField(int offset)
    {
        Il.Emit(OpCodes.Ldarg_0);
        if (offset != 0)
        {
            Il.Emit(OpCodes.Ldc_I4, offset);
            Il.Emit(OpCodes.Add);
        }
    }

    // switch (pc) { case entry1: load its registers; goto block1; ... }
    private void EmitEntries()
    {
        Block[] entries = [.. _flow.Blocks.Where(b => b.IsEntry).OrderBy(b => b.Start)];
        var places = new List<ulong> { _flow.Entry };
        foreach (Block block in entries)
        {
            if (block.Start != _flow.Entry)
                places.Add(block.Start);
        }

        Entries = [.. places];
        bool guardRounding = _flow.Blocks.Any(b => b.Instructions.Any(i => i.Row!.UsesFrm(i)));
        var stubs = new Label[entries.Length];
        for (int k = 0; k < stubs.Length; k++)
            stubs[k] = Il.DefineLabel();
        EmitEntrySearch(entries, stubs, 0, entries.Length);
        for (int k = 0; k < entries.Length; k++)
        {
            Il.MarkLabel(stubs[k]);
            _entryStubs.Add(entries[k], stubs[k]);
            EmitEntry(entries[k], guardRounding);
        }
    }

    private void EmitEntrySearch(Block[] entries, Label[] stubs, int from, int to)
    {
        if (to - from == 1)
        {
            Il.Emit(OpCodes.Br, stubs[from]);
            return;
        }

        int middle = (from + to) / 2;
        Label low = Il.DefineLabel();
        Il.Emit(OpCodes.Ldarg_2);
        PushConstant((long)entries[middle].Start);
        Il.Emit(OpCodes.Blt, low);
        EmitEntrySearch(entries, stubs, middle, to);
        Il.MarkLabel(low);
        EmitEntrySearch(entries, stubs, from, middle);
    }

    private void EmitEntry(Block block, bool guardRounding)
    {
        if (_memory.FloatTrapOffset != 0 && Float.Used)
        {
            // if (state->FloatTrapped != 0) return pc | StepBit;
            PushStateField(_memory.FloatTrapOffset);
            Il.Emit(OpCodes.Ldind_I4);
            Il.Emit(OpCodes.Brtrue, LeaveAtEntry(block));
        }

        if (guardRounding)
        {
            // if (state->FrmUnsupported != 0) return pc | StepBit;
            PushStateField(HartState.FrmUnsupportedOffset);
            Il.Emit(OpCodes.Ldind_U4);
            Il.Emit(OpCodes.Brtrue, LeaveAtEntry(block));
        }

        EmitEntryLoads(block);

        Float.EmitEntry(block);
        EmitMidLoopEntry(block);
        Il.Emit(OpCodes.Br, LabelTo(null, block));
    }

    private void EmitBlock(Block block, Block? following)
    {
        _block = block;
        _following = following;
        _dirty = block.DirtyIn;
        _current = (Web?[])_webs.Entering(block).Clone();
        _checks = _memory.ChecksOf(block);
        Float.BeginBlock(block);
        BeginFusions(block);
        EmitBeforeLoop(block);
        Il.MarkLabel(_labels[block]);
        if (_count)
            AddRetired(block.Instructions.Count);
        if (_limit)
            EmitLimitTest(block);
        Pc = block.Start;
        for (_index = 0; _index < block.Instructions.Count; _index++)
        {
            Instruction i = block.Instructions[_index];
            Row row = i.Row!;
            if (row.Transfers)
                Float.EndBlock();
            if (row.Flow == Flow.Branch && block.Taken is { } taken && MustPoll(block, taken))
                EmitPoll(ColdExit(Pc, step: false, _dirty, uncount: 1));
            if (row.Transfers)
                _dirty |= DataFlow.Writes(i);

            Float.Prepare(i, _index);
            ComputeFusions();
            if (!TryFuse(i.Rd))
                row.Emit(this, i);
            Float.Finish(i);
            _dirty |= DataFlow.Writes(i);
            Pc += i.Length;
        }

        Instruction last = block.Instructions[^1];
        if (last.Row!.EntersAfter(last))
        {
            EnterNext();
        }
        else if (!last.Row.Transfers)
        {
            Float.EndBlock();
            Pc -= last.Length;
            GoOn(block.End);
        }
    }

    // if (state->Retired > state->RetiredLimit) leave before the block;
    private void EmitLimitTest(Block block)
    {
        PushStateField(HartState.RetiredOffset);
        Il.Emit(OpCodes.Ldind_I8);
        PushStateField(HartState.RetiredLimitOffset);
        Il.Emit(OpCodes.Ldind_I8);
        Il.Emit(OpCodes.Bgt_Un, ColdExit(block.Start, step: false, _dirty, block.Instructions.Count));
    }

    // state->Retired += count
    private void AddRetired(int count)
    {
        PushStateField(HartState.RetiredOffset);
        PushStateField(HartState.RetiredOffset);
        Il.Emit(OpCodes.Ldind_I8);
        PushConstant(count);
        Il.Emit(OpCodes.Add);
        Il.Emit(OpCodes.Stind_I8);
    }
}
