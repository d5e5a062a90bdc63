using RvJit.Machine;
using RvJit.Translator.Regions;

namespace RvJit.Translator;

/// <summary>How dispatchers keep <see cref="HartState.RetiredLimit"/> to the instruction: near it, they step.</summary>
internal static unsafe class RetiredLimit
{
    /// <summary>More than any block of a region, which is executed as a whole or not begun.</summary>
    public const ulong Margin = ControlFlow.DefaultMaxInstructions + 1;

    public static bool IsNear(HartState* st) => st->Retired >= st->RetiredLimit || st->RetiredLimit - st->Retired < Margin;

    /// <summary>Whether the hart has executed all that it may; it is told so.</summary>
    public static bool IsReached(Hart hart)
    {
        if (hart.State->Retired < hart.State->RetiredLimit)
            return false;
        hart.Request(HartRequests.Limit);
        return true;
    }
}
