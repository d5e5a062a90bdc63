using System.Diagnostics;
using System.Reflection;
using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Isa.Kernels;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Isa.Rows;

/// <summary>A-extension instructions of up to 8 bytes, and cbo.zero.</summary>
public sealed unsafe class AtomicRow<K>(string name, string encoding) : Row(name, encoding, OperandsOf())
    where K : struct, IAtomicKernel
{
    private static MethodInfo? s_do;
    private static MethodInfo? s_doAlone;

    public override nint Handler => (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Atomic<K, WindowPolicy>;

    public override nint PagedHandler =>
        (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.Atomic<K, TlbPolicy>;

    public override bool HandlesX0 => true;

    public override AtomicShape Atomic => new(K.Kind, K.Bytes);

    public override WordForm Words(in Instruction i) =>
        K.Kind != AtomicKind.ZeroBlock && K.Bytes <= sizeof(int) ? WordForm.FreeResult : WordForm.None;

    public override ulong Modify(ulong old, ulong operand)
    {
        HartState state = default;
        _ = K.Do((byte*)&old, 0, operand, &state);
        return old;
    }

    public override bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        HartState* st = hart.State;
        ulong address = st->X[i.Rs1];
        if (K.Kind == AtomicKind.ZeroBlock)
        {
            address &= ~(ulong)(K.Bytes - 1);
            if (hart.Privileged?.Permits(CacheBlockOperation.Zero) == false)
            {
                trap = new Trap(TrapCause.IllegalInstruction, i.Word);
                return false;
            }
        }

        if ((address & (ulong)(K.Bytes - 1)) != 0)
        {
            trap = new Trap(
                K.Kind == AtomicKind.LoadReserved ? TrapCause.LoadAddressMisaligned : TrapCause.StoreAddressMisaligned, address);
            return false;
        }

        Access access = K.Kind switch
        {
            AtomicKind.LoadReserved => Access.Read,
            AtomicKind.ZeroBlock => Access.Write,
            _ => Access.ReadWrite,
        };
        if (!hart.Memory.TryAtomic(address, K.Bytes, access, out byte* p, out trap))
            return false;
        ulong result = K.Do(p, K.Kind == AtomicKind.CompareAndSwap ? st->X[i.Rd] : address, st->X[i.Rs2], st);
        if (K.Kind != AtomicKind.LoadReserved)
            hart.Memory.NoteWritten(address, K.Bytes);
        if (i.Rd != 0)
            st->X[i.Rd] = result;
        st->Pc += i.Length;
        return true;
    }

    public override void Emit(RegionEmitter e, in Instruction i)
    {
        if (K.Kind == AtomicKind.ZeroBlock)
            e.LeaveIfSet(HartState.BlockZeroTrappedOffset);
        e.CheckAtomicAddress(i, K.Bytes);
        if (K.Kind is AtomicKind.ZeroBlock or AtomicKind.LoadReserved)
        {
            EmitCall(e, i, s_do ??= Find(nameof(IAtomicKernel.Do), &K.Do));
            return;
        }

        // rd = state->Alone != 0 ? K.DoAlone(mem + rs1, ...) : K.Do(mem + rs1, ...);
        Label shared = e.Il.DefineLabel();
        Label done = e.Il.DefineLabel();
        e.PushStateField(HartState.AloneOffset);
        e.Il.Emit(OpCodes.Ldind_I4);
        e.Il.Emit(OpCodes.Brfalse, shared);
        EmitterPoint before = e.Here;
        EmitCall(e, i, s_doAlone ??= Find(nameof(IAtomicKernel.DoAlone), &K.DoAlone));
        e.Il.Emit(OpCodes.Br, done);
        e.Il.MarkLabel(shared);
        e.Resume(before);
        EmitCall(e, i, s_do ??= Find(nameof(IAtomicKernel.Do), &K.Do));
        e.Il.MarkLabel(done);
    }

    // rd = method(mem + rs1, rs1 or rd, rs2, state)
    private static void EmitCall(RegionEmitter e, in Instruction i, MethodInfo method)
    {
        e.PushAtomicAddress(i);
        e.PushX(K.Kind == AtomicKind.CompareAndSwap ? i.Rd : i.Rs1);
        e.PushX(K.Kind == AtomicKind.ZeroBlock ? 0 : i.Rs2);
        e.PushState();
        e.Il.Emit(OpCodes.Call, method);
        e.StoreX(i.Rd);
    }

    private static Operands OperandsOf() => K.Kind switch
    {
        AtomicKind.ZeroBlock => Operands.ReadsX1,
        AtomicKind.LoadReserved => Operands.ReadsX1 | Operands.WritesX,
        AtomicKind.CompareAndSwap => Operands.ReadsX1 | Operands.ReadsX2 | Operands.ReadsXD | Operands.WritesX,
        _ => Operands.ReadsX1 | Operands.ReadsX2 | Operands.WritesX,
    };

    /// <summary>
    /// A method of the kernel, with all it calls compiled: the compiler must not run when the region first gets there, where
    /// the guest's floating-point flags may be live.
    /// </summary>
    private static MethodInfo Find(string name, delegate*<byte*, ulong, ulong, HartState*, ulong> method)
    {
        byte* memory = stackalloc byte[K.Bytes + sizeof(ulong)];
        HartState state = default;
        _ = method((byte*)(((nuint)memory + sizeof(ulong) - 1) & ~(nuint)(sizeof(ulong) - 1)), 0, 0, &state);
        return typeof(K).GetMethod(name)!;
    }
}

/// <summary>amocas.q: registers in pairs, of which x0 is one of zeros.</summary>
public sealed class QuadCompareAndSwapRow(string name, string encoding)
    : LeavingRow(name, encoding, Operands.ReadsX1 | Operands.ReadsX2 | Operands.ReadsXD | Operands.WritesX)
{
    public override AtomicShape Atomic => new(AtomicKind.CompareAndSwap, QuadCompareAndSwap.Bytes);

    public override unsafe bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        HartState* st = hart.State;
        ulong address = st->X[i.Rs1];
        if (!QuadCompareAndSwap.IsSupported)
        {
            trap = new Trap(TrapCause.IllegalInstruction, i.Word);
            return false;
        }

        if ((address & (QuadCompareAndSwap.Bytes - 1)) != 0)
        {
            trap = new Trap(TrapCause.StoreAddressMisaligned, address);
            return false;
        }

        if (!hart.Memory.TryAtomic(address, QuadCompareAndSwap.Bytes, Access.ReadWrite, out byte* p, out trap))
            return false;
        ulong* expected = stackalloc ulong[] { st->X[i.Rd], i.Rd == 0 ? 0 : st->X[i.Rd + 1] };
        ulong* desired = stackalloc ulong[] { st->X[i.Rs2], i.Rs2 == 0 ? 0 : st->X[i.Rs2 + 1] };
        QuadCompareAndSwap.Do(p, expected, desired);
        hart.Memory.NoteWritten(address, QuadCompareAndSwap.Bytes);
        if (i.Rd != 0)
        {
            st->X[i.Rd] = expected[0];
            st->X[i.Rd + 1] = expected[1];
        }

        st->Pc += i.Length;
        return true;
    }
}

/// <summary>
/// wrs.nto, wrs.sto (unprivileged manual, "Zawrs"): waits until the reservation is lost, something is requested of the
/// hart, or a bounded time has passed, which the manual allows both of them.
/// </summary>
public sealed class WaitOnReservationRow(string name, string encoding, int microseconds) : LeavingRow(name, encoding, Operands.None)
{
    private const int SpinsBetweenLooks = 20;

    public override unsafe bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        HartState* st = hart.State;
        long end = Stopwatch.GetTimestamp() + (Stopwatch.Frequency * microseconds / 1_000_000);
        while (IsReserved(hart) && Volatile.Read(ref st->Poll) == 0 && Stopwatch.GetTimestamp() < end)
        {
            if (!Thread.Yield())
                Thread.SpinWait(SpinsBetweenLooks);
        }

        st->Pc += i.Length;
        trap = default;
        return true;
    }

    /// <summary>Whether memory still holds what was reserved. The size is not remembered: a doubleword shows by its value.</summary>
    private static unsafe bool IsReserved(Hart hart)
    {
        HartState* st = hart.State;
        ulong address = st->ReservationAddress;
        if (address == HartState.NoReservation)
            return false;
        bool word = st->ReservationValue == (ulong)(int)st->ReservationValue;
        return hart.Memory.TryAtomic(address, word ? sizeof(int) : sizeof(long), Access.Read, out byte* p, out _)
            && (word ? (ulong)Volatile.Read(ref *(int*)p) : Volatile.Read(ref *(ulong*)p)) == st->ReservationValue;
    }
}
