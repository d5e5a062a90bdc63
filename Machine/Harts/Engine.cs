namespace RvJit.Machine;

/// <summary>Runs guest code. Engines plug into the machine; the machine knows none of them.</summary>
public interface IExecutionEngine : IDisposable
{
    /// <summary>
    /// Runs the hart in its current world from state.Pc until an instruction traps or <see cref="Hart.Request"/> asks
    /// it to leave. On return state.Pc is the address of the trapping instruction (which has had no effect) or of the
    /// next one to execute.
    /// </summary>
    Trap Run(Hart hart);

    /// <summary>Called once before the first <see cref="Run"/> of a world; the engine hangs its tables on the world.</summary>
    void Attach(World world);

    /// <summary>The guest executed, or the kernel was asked for, fence.i: later fetches see earlier stores.</summary>
    void FenceInstruction(Hart hart);

    EngineStatistics Statistics { get; }
}

/// <summary>Counts since the engine was made. Times in milliseconds.</summary>
public sealed record EngineStatistics(
    long RegionsCompiled,
    long RegionInstructions,
    long RegionsInvalidated,
    double CompileMilliseconds,
    long IlBytes,
    long CompileFailures,
    string? LastCompileFailure)
{
    /// <summary>Regions made because an earlier run of the program had them.</summary>
    public long RegionsForeseen { get; init; }

    /// <summary>Times that translated code was left because an address check failed.</summary>
    public long FailedChecks { get; init; }

    /// <summary>Regions that replaced another for that reason.</summary>
    public long CarefulRegions { get; init; }
}

public enum TrapOutcome
{
    /// <summary>Go on at state.Pc in the hart's (perhaps changed) world.</summary>
    Resume,

    /// <summary>This hart's thread is finished.</summary>
    Exit,
}

/// <summary>The native owner of a privilege level: Linux kernel, enclave runtime, firmware.</summary>
public interface ITrapHandler
{
    TrapOutcome Handle(Hart hart, in Trap trap);
}

/// <summary>The outer loop of a hart: run until a trap, give it to whoever owns the world's traps, again.</summary>
public static class HartRunner
{
    public static void Run(Hart hart, IExecutionEngine engine)
    {
        while (Step(hart, engine) != TrapOutcome.Exit)
        {
        }
    }

    /// <summary>Up to and with the next trap.</summary>
    public static TrapOutcome Step(Hart hart, IExecutionEngine engine)
    {
        Trap trap = engine.Run(hart);
        if (hart.UserTraps?.TryTakeException(hart, trap) == true)
            return TrapOutcome.Resume;
        ITrapHandler handler = hart.TrapHandler ?? hart.World.TrapHandler
            ?? throw new InvalidOperationException($"world '{hart.World.Name}' has no trap handler");
        return handler.Handle(hart, trap);
    }
}
