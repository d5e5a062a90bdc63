using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Tracing;

/// <summary>
/// What an atomic operation is seen to do. Its old value comes back in rd; when that is x0 it is executed with another
/// register, which gets its value back.
/// </summary>
internal unsafe struct AtomicObservation
{
    private const int PairBytes = 16;

    private RegisterPair _spared;
    private RegisterPair _operand;
    private RegisterPair _expected;
    private bool _isRedirected;

    public AtomicShape Shape;

    /// <summary>As it is to be executed.</summary>
    public Instruction Instruction;

    public ulong Address;

    /// <summary>What rd got, or would have got; the high half of amocas.q's is the next register's.</summary>
    public RegisterPair Result;

    public readonly bool IsPair => Shape.Bytes == PairBytes;

    public static AtomicObservation Before(HartState* st, in Instruction i)
    {
        var o = new AtomicObservation { Shape = i.Row!.Atomic, Instruction = i };
        if (o.Shape.Kind == AtomicKind.None)
            return o;
        o.Address = st->X[i.Rs1];
        o._operand = Read(st, i.Rs2);
        o._expected = Read(st, i.Rd);
        if (i.Rd == 0 && o.Shape.Kind != AtomicKind.ZeroBlock)
        {
            byte spare = Spare(i);
            o._isRedirected = true;
            o._spared = Read(st, spare);
            o.Instruction = i with { Rd = spare };
            if (o.Shape.Kind == AtomicKind.CompareAndSwap)
                Write(st, spare, default);
        }

        return o;
    }

    public void After(HartState* st)
    {
        Result = Read(st, Instruction.Rd);
        if (_isRedirected)
            Write(st, Instruction.Rd, _spared);
    }

    public readonly bool Loads => Shape.Kind is AtomicKind.LoadReserved or AtomicKind.Modify or AtomicKind.CompareAndSwap;

    public readonly bool Stores => Shape.Kind switch
    {
        AtomicKind.StoreConditional => Result.Low == 0,
        AtomicKind.Modify => true,
        AtomicKind.CompareAndSwap => IsPair ? Result == _expected : Narrow(Result.Low) == Narrow(_expected.Low),
        _ => false,
    };

    /// <summary>What is in memory now, if no other hart came in between.</summary>
    public readonly RegisterPair Stored => Shape.Kind == AtomicKind.Modify
        ? new RegisterPair(Instruction.Row!.Modify(Result.Low, _operand.Low), 0)
        : _operand;

    private readonly ulong Narrow(ulong value) => value << (64 - (8 * Shape.Bytes));

    /// <summary>A pair of registers that the instruction does not name.</summary>
    private static byte Spare(in Instruction i)
    {
        foreach (byte pair in (ReadOnlySpan<byte>)[6, 28, 30])
        {
            if (pair >> 1 != i.Rs1 >> 1 && pair >> 1 != i.Rs2 >> 1)
                return pair;
        }

        throw new InvalidOperationException("two registers are in three pairs");
    }

    /// <summary>A register and the next; of x0 both are zero, as pairs have it, and x31 has no next.</summary>
    private static RegisterPair Read(HartState* st, byte register) =>
        new(st->X[register], register is 0 or 31 ? 0 : st->X[register + 1]);

    private static void Write(HartState* st, byte register, RegisterPair value)
    {
        st->X[register] = value.Low;
        st->X[register + 1] = value.High;
    }
}

internal readonly record struct RegisterPair(ulong Low, ulong High);
