namespace RvJit.Translator.Profiling;

/// <summary>What executed guest code when a sample was taken.</summary>
public enum ExecutedBy
{
    Region,

    Interpreter,

    /// <summary>One instruction at a time: what neither tier does by itself, and the way between them.</summary>
    Dispatcher,
}

/// <summary>Where a hart was at one moment.</summary>
/// <param name="Place">The world, or "machine" for harts with page tables of their own.</param>
/// <param name="Pc">Guest address.</param>
/// <param name="By">What executed it.</param>
/// <param name="Ticks">The time that the sample stands for (Stopwatch).</param>
/// <param name="Instructions">Instructions that the hart has retired since its last sample.</param>
public readonly record struct ProfileSample(string Place, ulong Pc, ExecutedBy By, long Ticks, ulong Instructions);

/// <summary>Why translated code came back to the dispatcher.</summary>
public enum ExitReason
{
    /// <summary>The instruction must be executed precisely: a refused memory check, a CSR, something untranslated.</summary>
    Step,

    /// <summary>Nothing is translated where it goes on.</summary>
    Unlinked,
}

/// <param name="Place">As of samples.</param>
/// <param name="Pc">The instruction that is stepped, or where it goes on.</param>
/// <param name="Reason">Why.</param>
public readonly record struct ProfileExit(string Place, ulong Pc, ExitReason Reason);
