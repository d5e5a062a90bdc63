namespace RvJit.Fuzz.Generation;

/// <summary>What executing a piece of program once costs at most; loops are bounded by it.</summary>
/// <param name="Instructions">Executed instructions.</param>
/// <param name="Patches">Rewritten instructions: each makes every executor translate anew.</param>
/// <param name="Stops">Checkpoints and system calls: each leaves translated code.</param>
internal readonly record struct Cost(long Instructions, long Patches = 0, long Stops = 0)
{
    public static Cost operator +(Cost a, Cost b) => new(a.Instructions + b.Instructions, a.Patches + b.Patches, a.Stops + b.Stops);

    public static Cost operator *(Cost a, long times) => new(a.Instructions * times, a.Patches * times, a.Stops * times);
}
