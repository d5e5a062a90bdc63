using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Tracing;

/// <summary>
/// What an atomic operation is seen to do. Its old value comes back in rd; when that is x0 it is executed with another
/// register, which gets its value back.
/// </summary>
internal unsafe struct AtomicObservation
{
    private const byte FirstSpare = 5;
    private const byte SpareCount = 3;

    private ulong _spared;
    private ulong _operand;
    private ulong _expected;
    private bool _isRedirected;

    public AtomicShape Shape;

    /// <summary>As it is to be executed.</summary>
    public Instruction Instruction;

    public ulong Address;

    /// <summary>What rd got, or would have got.</summary>
    public ulong Result;

    public static AtomicObservation Before(HartState* st, in Instruction i)
    {
        var o = new AtomicObservation { Shape = i.Row!.Atomic, Instruction = i };
        if (o.Shape.Kind == AtomicKind.None)
            return o;
        o.Address = st->X[i.Rs1];
        o._operand = st->X[i.Rs2];
        o._expected = st->X[i.Rd];
        if (i.Rd == 0 && o.Shape.Kind != AtomicKind.ZeroBlock)
        {
            byte spare = FirstSpare;
            for (int n = 0; n < SpareCount && (spare == i.Rs1 || spare == i.Rs2); n++)
                spare++;
            o._isRedirected = true;
            o._spared = st->X[spare];
            o.Instruction = i with { Rd = spare };
            if (o.Shape.Kind == AtomicKind.CompareAndSwap)
                st->X[spare] = 0;
        }

        return o;
    }

    public void After(HartState* st)
    {
        Result = st->X[Instruction.Rd];
        if (_isRedirected)
            st->X[Instruction.Rd] = _spared;
    }

    public readonly bool Loads => Shape.Kind is AtomicKind.LoadReserved or AtomicKind.Modify or AtomicKind.CompareAndSwap;

    public readonly bool Stores => Shape.Kind switch
    {
        AtomicKind.StoreConditional => Result == 0,
        AtomicKind.Modify => true,
        AtomicKind.CompareAndSwap => Narrow(Result) == Narrow(_expected),
        _ => false,
    };

    /// <summary>What is in memory now, if no other hart came in between.</summary>
    public readonly ulong Stored => Shape.Kind == AtomicKind.Modify ? Instruction.Row!.Modify(Result, _operand) : _operand;

    private readonly ulong Narrow(ulong value) => value << (64 - (8 * Shape.Bytes));
}
