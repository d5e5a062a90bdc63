using System.Runtime.CompilerServices;
using RvJit.Machine;
using RvJit.Translator.Float;
using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Kernels;

namespace RvJit.Translator.Interpreter;

/// <summary>
/// The threaded interpreter's handlers. Each does one instruction from its record and returns the next record, or null
/// after saying why in <see cref="HartState.Exit"/>. The loop that calls them is <see cref="Engine"/>'s.
/// </summary>
public static unsafe class Handlers
{
    /// <summary>Entries of a branch target after which it is worth translating.</summary>
    public const int HotThreshold = 2000;

    /// <summary>Entries after which a place that was hot, but not any more when the translator came to it, asks again.</summary>
    public const int HotAgain = 250;

    public static DecodedOp* Slow(DecodedOp* op, HartState* st, byte* mem) => Leave(op, st, InterpreterExit.Slow);

    public static DecodedOp* EnterRegion(DecodedOp* op, HartState* st, byte* mem) => Leave(op, st, InterpreterExit.Region);

    /// <summary>
    /// Stands in every record of the stub block: the jump has stored its target in pc. No instruction, although the loop
    /// counts it.
    /// </summary>
    public static DecodedOp* MissingPage(DecodedOp* op, HartState* st, byte* mem)
    {
        st->Retired--;
        st->Exit = (int)InterpreterExit.Lookup;
        return null;
    }

    /// <summary>Past the last instruction of a page: the next page begins. No instruction, although the loop counts it.</summary>
    public static DecodedOp* NextPage<P>(DecodedOp* op, HartState* st, byte* mem)
        where P : struct, IMemoryPolicy
    {
        st->Retired--;
        return Enter<P>(op, st, mem, CodePage.PcOf(op));
    }

    public static DecodedOp* Nop(DecodedOp* op, HartState* st, byte* mem) => op + op->Length;

    public static DecodedOp* Pause(DecodedOp* op, HartState* st, byte* mem)
    {
        Pausing.Pause();
        return op + op->Length;
    }

    public static DecodedOp* RegReg<K>(DecodedOp* op, HartState* st, byte* mem)
        where K : struct, IBinaryKernel
    {
        X(st, op->Rd) = K.Compute(X(st, op->Rs1), X(st, op->Rs2));
        return op + op->Length;
    }

    public static DecodedOp* RegImm<K>(DecodedOp* op, HartState* st, byte* mem)
        where K : struct, IBinaryKernel
    {
        X(st, op->Rd) = K.Compute(X(st, op->Rs1), (ulong)(long)op->Immediate);
        return op + op->Length;
    }

    public static DecodedOp* Unary<K>(DecodedOp* op, HartState* st, byte* mem)
        where K : struct, IUnaryKernel
    {
        X(st, op->Rd) = K.Compute(X(st, op->Rs1));
        return op + op->Length;
    }

    public static DecodedOp* ByteSelect<K>(DecodedOp* op, HartState* st, byte* mem)
        where K : struct, IByteSelectKernel
    {
        X(st, op->Rd) = K.Compute(X(st, op->Rs1), X(st, op->Rs2), op->Immediate);
        return op + op->Length;
    }

    public static DecodedOp* Lui(DecodedOp* op, HartState* st, byte* mem)
    {
        X(st, op->Rd) = (ulong)(long)op->Immediate;
        return op + op->Length;
    }

    public static DecodedOp* Auipc(DecodedOp* op, HartState* st, byte* mem)
    {
        X(st, op->Rd) = CodePage.PcOf(op) + (ulong)(long)op->Immediate;
        return op + op->Length;
    }

    public static DecodedOp* Load<K, P>(DecodedOp* op, HartState* st, byte* mem)
        where K : struct, ILoadKernel
        where P : struct, IMemoryPolicy
    {
        ulong a = X(st, op->Rs1) + (ulong)(long)op->Immediate;
        if ((K.Float && P.IsFloatTrapped(st)) || !P.MayRead(mem, a, K.Bytes, out byte* host))
            return Leave(op, st, InterpreterExit.Slow);
        if (K.Float)
            F(st, op->Rd) = K.Load(host);
        else
            X(st, op->Rd) = K.Load(host);
        return op + op->Length;
    }

    public static DecodedOp* Store<K, P>(DecodedOp* op, HartState* st, byte* mem)
        where K : struct, IStoreKernel
        where P : struct, IMemoryPolicy
    {
        ulong a = X(st, op->Rs1) + (ulong)(long)op->Immediate;
        if ((K.Float && P.IsFloatTrapped(st)) || !P.MayWrite(mem, a, K.Bytes, out byte* host))
            return Leave(op, st, InterpreterExit.Slow);
        K.Store(host, K.Float ? F(st, op->Rs2) : X(st, op->Rs2));
        return op + op->Length;
    }

    public static DecodedOp* Atomic<K, P>(DecodedOp* op, HartState* st, byte* mem)
        where K : struct, IAtomicKernel
        where P : struct, IMemoryPolicy
    {
        // An aligned operand lies in one page: one byte of it stands for all.
        ulong a = X(st, op->Rs1);
        if ((a & (ulong)(K.Bytes - 1)) != 0 || !P.MayWrite(mem, a, 1, out byte* host))
            return Leave(op, st, InterpreterExit.Slow);
        if (K.Kind == AtomicKind.ZeroBlock && st->BlockZeroTrapped != 0)
            return Leave(op, st, InterpreterExit.Slow);
        ulong result = K.Do(host, K.Kind == AtomicKind.CompareAndSwap ? X(st, op->Rd) : a, X(st, op->Rs2), st);
        if (op->Rd != 0)
            X(st, op->Rd) = result;
        return op + op->Length;
    }

    public static DecodedOp* Float<K, P>(DecodedOp* op, HartState* st, byte* mem)
        where K : struct, IFloatKernel
        where P : struct, IMemoryPolicy
    {
        if (P.IsFloatTrapped(st))
            return Leave(op, st, InterpreterExit.Slow);
        int rm = (op->Immediate >> 8) & 7;
        if ((K.Traits & FloatTraits.IgnoresRm) == 0)
        {
            if (rm == 7)
                rm = (int)FloatingPointControl.ReadFrm(*st);
            if (rm > 4)
                return Leave(op, st, InterpreterExit.Slow);
        }

        uint flags = 0;
        ulong a = (K.Traits & FloatTraits.FirstIsInteger) != 0 ? X(st, op->Rs1) : F(st, op->Rs1);
        ulong result = K.Compute(a, F(st, op->Rs2), st->F[op->Immediate & 31], rm, ref flags);
        if (flags != 0)
            FloatingPointControl.AccrueFlags(ref *st, flags);
        if ((K.Traits & FloatTraits.ResultIsInteger) == 0)
            F(st, op->Rd) = result;
        else if (op->Rd != 0)
            X(st, op->Rd) = result;
        return op + op->Length;
    }

    public static DecodedOp* FloatConstant<K, P>(DecodedOp* op, HartState* st, byte* mem)
        where K : struct, IFloatFormat
        where P : struct, IMemoryPolicy
    {
        if (P.IsFloatTrapped(st))
            return Leave(op, st, InterpreterExit.Slow);
        F(st, op->Rd) = FloatConstants<K>.Registers[op->Immediate];
        return op + op->Length;
    }

    public static DecodedOp* SendUserInterrupt(DecodedOp* op, HartState* st, byte* mem)
    {
        UserInterruptKernel.Send(st, X(st, op->Rs1));
        return op + op->Length;
    }

    public static DecodedOp* ReadUserInterrupts(DecodedOp* op, HartState* st, byte* mem)
    {
        ulong pending = UserInterruptKernel.Read(st);
        if (op->Rd != 0)
            X(st, op->Rd) = pending;
        return op + op->Length;
    }

    public static DecodedOp* Fence(DecodedOp* op, HartState* st, byte* mem)
    {
        Interlocked.MemoryBarrier();
        return op + op->Length;
    }

    /// <summary>A branch whose target lies in its page; the immediate is the distance in records.</summary>
    public static DecodedOp* BranchNear<K>(DecodedOp* op, HartState* st, byte* mem)
        where K : struct, ICompareKernel
    {
        if (!K.Test(X(st, op->Rs1), X(st, op->Rs2)))
            return op + op->Length;
        DecodedOp* target = op + op->Immediate;
        return op->Immediate > 0 ? target : Backward(target, st);
    }

    /// <summary>A branch into another page; the immediate is the distance in bytes.</summary>
    public static DecodedOp* BranchFar<K, P>(DecodedOp* op, HartState* st, byte* mem)
        where K : struct, ICompareKernel
        where P : struct, IMemoryPolicy
    {
        if (!K.Test(X(st, op->Rs1), X(st, op->Rs2)))
            return op + op->Length;
        return Enter<P>(op, st, mem, CodePage.PcOf(op) + (ulong)(long)op->Immediate);
    }

    /// <summary>jal x0 within its page.</summary>
    public static DecodedOp* JumpNear(DecodedOp* op, HartState* st, byte* mem)
    {
        DecodedOp* target = op + op->Immediate;
        return op->Immediate > 0 ? target : Backward(target, st);
    }

    public static DecodedOp* Jump<P>(DecodedOp* op, HartState* st, byte* mem)
        where P : struct, IMemoryPolicy
    {
        ulong pc = CodePage.PcOf(op);
        if (op->Rd != 0)
            X(st, op->Rd) = pc + ((ulong)op->Length * 2);
        return Enter<P>(op, st, mem, pc + (ulong)(long)op->Immediate);
    }

    public static DecodedOp* JumpRegister<P>(DecodedOp* op, HartState* st, byte* mem)
        where P : struct, IMemoryPolicy
    {
        ulong target = (X(st, op->Rs1) + (ulong)(long)op->Immediate) & ~1UL;
        if (op->Rd != 0)
            X(st, op->Rd) = CodePage.PcOf(op) + ((ulong)op->Length * 2);
        if ((op->Rd | (op->Rs1 ^ 8)) != 0)
            CodePage.NoteJump(CodePage.BlockOf(op), CodePage.PcOf(op), target); // all but a plain return
        return Enter<P>(op, st, mem, target);
    }

    public static DecodedOp* Leave(DecodedOp* op, HartState* st, InterpreterExit why)
    {
        st->Pc = CodePage.PcOf(op);
        st->Exit = (int)why;
        return null;
    }

    /// <summary>A taken branch that does not go forward: poll, and count the target.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DecodedOp* Backward(DecodedOp* target, HartState* st)
    {
        if (Volatile.Read(ref st->Poll) != 0)
            return Leave(target, st, InterpreterExit.Poll);
        byte* block = CodePage.BlockOf(target);
        ushort* counter = (ushort*)(block + CodePage.CountersOffset + (((byte*)target - block - CodePage.OpsOffset) / (DecodedOp.Size / 2)));
        return ++*counter == HotThreshold ? Leave(target, st, InterpreterExit.Hot) : target;
    }

    /// <summary>Control enters pc from anywhere: poll, count, find its page by the policy.</summary>
    private static DecodedOp* Enter<P>(DecodedOp* op, HartState* st, byte* mem, ulong pc)
        where P : struct, IMemoryPolicy
    {
        st->Pc = pc;
        if (Volatile.Read(ref st->Poll) != 0)
        {
            st->LeftAt = CodePage.PcOf(op);
            st->Exit = (int)InterpreterExit.Poll;
            return null;
        }

        byte* block = P.FindCode(st, mem, pc);
        if (block == null)
        {
            st->Exit = (int)InterpreterExit.Lookup;
            return null;
        }

        if (++*CodePage.Counter(block, pc) == HotThreshold)
        {
            st->Exit = (int)InterpreterExit.Hot;
            return null;
        }

        return CodePage.Op(block, pc);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref ulong X(HartState* st, byte offset) => ref *(ulong*)((byte*)st + HartState.XOffset + offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref ulong F(HartState* st, byte offset) => ref *(ulong*)((byte*)st + HartState.FOffset + offset);
}
