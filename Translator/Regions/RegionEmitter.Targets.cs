using System.Reflection.Emit;

namespace RvJit.Translator.Regions;

/// <summary>Indirect jumps to places inside the region: returns of inlined calls, jump tables.</summary>
public sealed partial class RegionEmitter
{
    /// <summary>Up to so many places are compared one by one.</summary>
    internal const int MaxCompared = 4;

    /// <summary>Bytes of guest code that one table of labels may span; an entry is 4 bytes of IL for each 2 of them.</summary>
    private const int MaxTableSpan = 4096;

    /// <summary>Whether few comparisons, or a table, tell which of these places a jump goes to.</summary>
    internal static bool TellsApart(IReadOnlyCollection<ulong> places) =>
        places.Count <= MaxCompared || places.Max() - places.Min() + 2 <= MaxTableSpan;

    /// <summary>Ends the current block by going where <see cref="TargetLocal"/> says.</summary>
    public void GoToRegister()
    {
        // if (state->Poll != 0) return target;
        Label back = Il.DefineLabel();
        Label outside = Il.DefineLabel();
        List<Block> targets = _block.Targets;
        if (targets.Exists(target => MustPoll(_block, target)))
            EmitPollTo(outside);
        ulong low = targets.Count == 0 ? 0 : targets.Min(b => b.Start);
        ulong span = targets.Count == 0 ? 0 : targets.Max(b => b.Start) - low + 2;
        if (targets.Count > MaxCompared && span <= MaxTableSpan)
            EmitTable(targets, low, span, outside);
        else
            EmitComparisons(targets);
        Il.MarkLabel(outside);
        EmitSpill(WriteBackOf(_dirty));
        EmitPollTo(back);
        _memory.EmitIndirectJump(back);
        Il.MarkLabel(back);
        EmitLeftAt(Pc);
        Il.Emit(OpCodes.Ldloc, TargetLocal);
        Il.Emit(OpCodes.Ret);
    }

    private void EmitComparisons(List<Block> targets)
    {
        foreach (Block target in targets)
        {
            Il.Emit(OpCodes.Ldloc, TargetLocal);
            PushConstant((long)target.Start);
            Il.Emit(OpCodes.Beq, LabelOfEdge(target));
        }
    }

    // if ((ulong)(target - low) < span) switch ((target - low) / 2) { ... }
    private void EmitTable(List<Block> targets, ulong low, ulong span, Label outside)
    {
        var labels = new Label[span / 2];
        Array.Fill(labels, outside);
        foreach (Block target in targets)
            labels[(target.Start - low) / 2] = LabelOfEdge(target);
        Il.Emit(OpCodes.Ldloc, TargetLocal);
        PushConstant((long)low);
        Il.Emit(OpCodes.Sub);
        PushConstant((long)span);
        Il.Emit(OpCodes.Bge_Un, outside);
        Il.Emit(OpCodes.Ldloc, TargetLocal);
        PushConstant((long)low);
        Il.Emit(OpCodes.Sub);
        Il.Emit(OpCodes.Conv_I4);
        Il.Emit(OpCodes.Ldc_I4_1);
        Il.Emit(OpCodes.Shr_Un);
        Il.Emit(OpCodes.Switch, labels);
    }
}
