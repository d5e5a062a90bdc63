using RvJit.Fuzz.Guest;
using RvJit.Machine;

namespace RvJit.Fuzz.Execution;

/// <summary>A hart in a world with the areas of <see cref="Layout"/>: what the serving program is under qemu.</summary>
internal sealed unsafe class CaseWorld : IDisposable
{
    private const ulong MemoryBytes = 1 << 20;

    /// <summary>-ENOSYS (errno.h).</summary>
    private const ulong NoSuchCall = unchecked((ulong)-38L);

    /// <summary>
    /// qemu accesses data at a displacement from the guest's address and tells the address of its own fault, which x86-64
    /// has only when bits 63 to 47 are all alike.
    /// </summary>
    private const int HostAddressBits = 48;

    private readonly PhysicalMemory _memory = new(MemoryBytes);
    private readonly byte* _data, _pool, _top;
    private int _codeBytes;

    /// <param name="extensions">What the hart has.</param>
    public CaseWorld(ExtensionSet extensions)
    {
        World = new World("fuzz", _memory);
        Hart = new Hart(0) { Extensions = extensions };
        Hart.EnterWorld(World);
        byte* code = Map(Layout.Code, Layout.CodeBytes, Access.All);
        new Span<ushort>(code, Layout.CodeBytes / 2).Fill(Layout.End);
        _data = Map(Layout.Data, Layout.DataBytes, Access.ReadWrite);
        _pool = Map(Layout.Pool, Layout.PoolBytes, Access.Read);
        _top = Map(Layout.Top, Layout.TopBytes, Access.ReadWrite);
    }

    public World World { get; }

    public Hart Hart { get; }

    /// <summary>Puts a case's state into the hart and its memory.</summary>
    public void Enter(TestCase test)
    {
        // What the case before left of its code goes.
        byte[] code = Layout.Padded(test.Image, Math.Max(_codeBytes, test.Image.Length));
        _codeBytes = test.Image.Length;
        if (!World.TryWrite(Layout.Code, code))
            throw new InvalidOperationException("the code area cannot be written");

        HartState* st = Hart.State;
        test.Initial.X.CopyTo(new Span<ulong>(st->X, 32));
        st->X[0] = 0;
        test.Initial.F.CopyTo(new Span<ulong>(st->F, 32));
        FloatingPointControl.Write(ref *st, test.Initial.Fcsr);
        st->ReservationAddress = HartState.NoReservation;
        st->Pc = Layout.Code;
        st->Retired = 0;
        test.Initial.Data.CopyTo(new Span<byte>(_data, Layout.DataBytes));
        test.Initial.Pool.CopyTo(new Span<byte>(_pool, Layout.PoolBytes));
        test.Initial.Top.CopyTo(new Span<byte>(_top, Layout.TopBytes));
    }

    /// <summary>
    /// Serves traps as Linux and the serving program do, until the case ends: unknown system calls fail, a wide ebreak is
    /// a checkpoint, everything else is the end.
    /// </summary>
    /// <param name="run">Runs the hart to its next trap.</param>
    public Outcome Serve(Func<Trap> run)
    {
        HartState* st = Hart.State;
        var stops = new List<Stop>();
        while (true)
        {
            Trap trap = run();
            switch (trap.Cause)
            {
                case TrapCause.EnvironmentCallFromU:
                    st->X[10] = NoSuchCall;
                    st->Pc += 4;
                    continue;
                case TrapCause.Requested:
                    return Outcome.Failed("no end in time");
            }

            stops.Add(ToStop(trap));
            if (trap.Cause == TrapCause.Breakpoint && World.TryRead(st->Pc, out ushort parcel) && parcel != Layout.End)
            {
                st->Pc += 4;
                continue;
            }

            return new Outcome(stops, new Span<byte>(_data, Layout.DataBytes).ToArray(), new Span<byte>(_top, Layout.TopBytes).ToArray());
        }
    }

    public void Dispose()
    {
        Hart.Dispose();
        World.Dispose();
        _memory.Dispose();
    }

    private static bool IsCanonical(long address) => address << (64 - HostAddressBits) >> (64 - HostAddressBits) == address;

    private byte* Map(ulong address, ulong bytes, Access access)
    {
        if (!_memory.TryAllocate(bytes, HostMemory.PageSize, out ulong physical) || !World.TryMap(address, bytes, physical, access))
            throw new InvalidOperationException($"cannot map 0x{bytes:x} bytes at 0x{address:x}");
        return _memory.Pointer(physical, bytes);
    }

    private Stop ToStop(in Trap trap)
    {
        HartState* st = Hart.State;
        StopSignal signal = trap.Cause switch
        {
            TrapCause.IllegalInstruction => StopSignal.Illegal,
            TrapCause.Breakpoint => StopSignal.Trap,
            TrapCause.LoadAddressMisaligned or TrapCause.StoreAddressMisaligned => StopSignal.Bus,
            _ => StopSignal.Segmentation,
        };
        bool told = signal == StopSignal.Bus
            || (signal == StopSignal.Segmentation && (trap.Cause == TrapCause.InstructionPageFault || IsCanonical((long)trap.Value)));
        return new Stop(
            signal,
            told ? trap.Value : 0,
            st->Pc,
            new Span<ulong>(st->X, 32).ToArray(),
            new Span<ulong>(st->F, 32).ToArray(),
            FloatingPointControl.Read(*st));
    }
}
