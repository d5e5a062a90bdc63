using System.Reflection.Emit;
using RvJit.Machine;

namespace RvJit.Translator.Regions;

/// <summary>What a profiler wants of regions: that they poll wherever they are left, and say where that was.</summary>
public sealed partial class RegionEmitter
{
    /// <summary>Whether somebody samples; costs a poll for each transfer between regions.</summary>
    internal bool Profiled { get; init; }

    /// <summary>Polls before going on outside the region: in a cycle of regions one edge goes backward.</summary>
    internal void EmitPollBefore(ulong source, ulong target)
    {
        if (!Profiled)
        {
            if (target <= source)
                EmitPollTo(ColdExit(target, step: false, dirty: 0, uncount: 0));
            return;
        }

        // if (state->Poll != 0) { state->LeftAt = source; return target; }
        Label go = Il.DefineLabel();
        PushStateField(HartState.PollOffset);
        Il.Emit(OpCodes.Volatile);
        Il.Emit(OpCodes.Ldind_I4);
        Il.Emit(OpCodes.Brfalse, go);
        EmitLeftAt(source);
        PushConstant((long)target);
        Il.Emit(OpCodes.Ret);
        Il.MarkLabel(go);
    }

    // state->LeftAt = pc;
    private void EmitLeftAt(ulong pc)
    {
        if (!Profiled)
            return;
        PushStateField(HartState.LeftAtOffset);
        PushConstant((long)pc);
        Il.Emit(OpCodes.Stind_I8);
    }
}
