namespace RvJit.Machine;

/// <summary>
/// Notices a hart that only traps: the same exception at the same pc with the same registers again and again, with no
/// return from a trap in between, as when the handler itself cannot be fetched. Environment calls are meant, and are let
/// pass.
/// </summary>
internal sealed unsafe class TrapLoop
{
    /// <summary>Enough that another hart or an interrupt has had its chance to repair things.</summary>
    private const int MostRepetitions = 1000;

    private ulong _pc;
    private Trap? _trap;
    private int _registers;
    private int _repetitions;

    /// <summary>What came before the exception that repeats.</summary>
    private (ulong Pc, Trap Trap)? _origin;

    /// <summary>The hart returned from a trap, or took an interrupt.</summary>
    public void Forget()
    {
        _repetitions = 0;
        _origin = null;
        _trap = null;
    }

    /// <summary>True when the exception, about to be taken, has come too often. The text says what happened.</summary>
    public bool IsStuck(Hart hart, in Trap trap, Privilege mode, out string reason)
    {
        reason = "";
        HartState* st = hart.State;
        if (trap.Cause is TrapCause.EnvironmentCallFromU or TrapCause.EnvironmentCallFromS or TrapCause.EnvironmentCallFromM)
        {
            Forget();
            return false;
        }

        if (trap != _trap || st->Pc != _pc)
        {
            _origin = _trap is { } before ? (_pc, before) : null;
            _trap = trap;
            _pc = st->Pc;
            _repetitions = 0;
            _registers = 0;
            return false;
        }

        int registers = Hash(st);
        _repetitions = registers == _registers ? _repetitions + 1 : 0;
        _registers = registers;
        if (_repetitions < MostRepetitions)
            return false;
        reason = $"the trap handler in {mode} mode cannot handle {Describe(_pc, trap)}"
            + (_origin is var (pc, origin) ? $", which came from {Describe(pc, origin)}" : "");
        return true;
    }

    private static string Describe(ulong pc, in Trap trap) => $"{trap} at pc 0x{pc:x}";

    private static int Hash(HartState* st)
    {
        var hash = default(HashCode);
        hash.AddBytes(new ReadOnlySpan<byte>(st->X, 32 * sizeof(ulong)));
        return hash.ToHashCode();
    }
}
