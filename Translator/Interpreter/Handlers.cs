using System.Runtime.CompilerServices;
using RvJit.Machine;
using RvJit.Translator.Isa.Kernels;

namespace RvJit.Translator.Interpreter;

/// <summary>
/// The threaded interpreter's handlers. Each does one instruction from its record and returns the next record, or null
/// after saying why in <see cref="HartState.Exit"/>. The loop that calls them is <see cref="Engine"/>'s.
/// </summary>
public static unsafe class Handlers
{
    /// <summary>Entries of a branch target after which it is worth translating.</summary>
    public const int HotThreshold = 400;

    public static DecodedOp* Slow(DecodedOp* op, HartState* st, byte* mem) => Leave(op, st, InterpreterExit.Slow);

    public static DecodedOp* EnterRegion(DecodedOp* op, HartState* st, byte* mem) => Leave(op, st, InterpreterExit.Region);

    /// <summary>Stands in every record of the stub block: the jump has stored its target in pc.</summary>
    public static DecodedOp* MissingPage(DecodedOp* op, HartState* st, byte* mem)
    {
        st->Exit = (int)InterpreterExit.Lookup;
        return null;
    }

    /// <summary>Past the last instruction of a page: the next page begins.</summary>
    public static DecodedOp* NextPage(DecodedOp* op, HartState* st, byte* mem) => Enter(st, mem, CodePage.PcOf(op));

    public static DecodedOp* Nop(DecodedOp* op, HartState* st, byte* mem) => op + op->Length;

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

    public static DecodedOp* Load<K>(DecodedOp* op, HartState* st, byte* mem)
        where K : struct, ILoadKernel
    {
        ulong a = X(st, op->Rs1) + (ulong)(long)op->Immediate;
        if (!Allowed(mem, a, K.Bytes == 1 ? PageFlags.Read : PageFlags.ReadPair) && !AllowedInPage(mem, a, K.Bytes, PageFlags.Read))
            return Leave(op, st, InterpreterExit.Slow);
        if (K.Float)
            F(st, op->Rd) = K.Load(mem + a);
        else
            X(st, op->Rd) = K.Load(mem + a);
        return op + op->Length;
    }

    public static DecodedOp* Store<K>(DecodedOp* op, HartState* st, byte* mem)
        where K : struct, IStoreKernel
    {
        ulong a = X(st, op->Rs1) + (ulong)(long)op->Immediate;
        if (!Allowed(mem, a, K.Bytes == 1 ? PageFlags.Write : PageFlags.WritePair) && !AllowedInPage(mem, a, K.Bytes, PageFlags.Write))
            return Leave(op, st, InterpreterExit.Slow);
        K.Store(mem + a, K.Float ? F(st, op->Rs2) : X(st, op->Rs2));
        return op + op->Length;
    }

    public static DecodedOp* Atomic<K>(DecodedOp* op, HartState* st, byte* mem)
        where K : struct, IAtomicKernel
    {
        ulong a = X(st, op->Rs1);
        if ((a & (ulong)(K.Bytes - 1)) != 0 || !Allowed(mem, a, PageFlags.Write))
            return Leave(op, st, InterpreterExit.Slow);
        ulong result = K.Do(mem + a, a, X(st, op->Rs2), st);
        if (op->Rd != 0)
            X(st, op->Rd) = result;
        return op + op->Length;
    }

    public static DecodedOp* Float<K>(DecodedOp* op, HartState* st, byte* mem)
        where K : struct, IFloatKernel
    {
        int rm = (op->Immediate >> 8) & 7;
        if (K.Rounds)
        {
            if (rm == 7)
                rm = (int)FloatingPointControl.ReadFrm(*st);
            if (rm > 4)
                return Leave(op, st, InterpreterExit.Slow);
        }

        uint flags = 0;
        ulong a = K.FirstIsInteger ? X(st, op->Rs1) : F(st, op->Rs1);
        ulong result = K.Compute(a, F(st, op->Rs2), st->F[op->Immediate & 31], rm, ref flags);
        if (flags != 0)
            FloatingPointControl.AccrueFlags(ref *st, flags);
        if (!K.ResultIsInteger)
            F(st, op->Rd) = result;
        else if (op->Rd != 0)
            X(st, op->Rd) = result;
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
    public static DecodedOp* BranchFar<K>(DecodedOp* op, HartState* st, byte* mem)
        where K : struct, ICompareKernel
    {
        if (!K.Test(X(st, op->Rs1), X(st, op->Rs2)))
            return op + op->Length;
        return Enter(st, mem, CodePage.PcOf(op) + (ulong)(long)op->Immediate);
    }

    /// <summary>jal x0 within its page.</summary>
    public static DecodedOp* JumpNear(DecodedOp* op, HartState* st, byte* mem)
    {
        DecodedOp* target = op + op->Immediate;
        return op->Immediate > 0 ? target : Backward(target, st);
    }

    public static DecodedOp* Jump(DecodedOp* op, HartState* st, byte* mem)
    {
        ulong pc = CodePage.PcOf(op);
        if (op->Rd != 0)
            X(st, op->Rd) = pc + ((ulong)op->Length * 2);
        return Enter(st, mem, pc + (ulong)(long)op->Immediate);
    }

    public static DecodedOp* JumpRegister(DecodedOp* op, HartState* st, byte* mem)
    {
        ulong target = (X(st, op->Rs1) + (ulong)(long)op->Immediate) & ~1UL;
        if (op->Rd != 0)
            X(st, op->Rd) = CodePage.PcOf(op) + ((ulong)op->Length * 2);
        return Enter(st, mem, target);
    }

    public static DecodedOp* Leave(DecodedOp* op, HartState* st, InterpreterExit why)
    {
        st->Pc = CodePage.PcOf(op);
        st->Exit = (int)why;
        return null;
    }

    /// <summary>The in-window check of translated code: one byte of the permission table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Allowed(byte* mem, ulong address, byte need)
    {
        ulong page = address >> HostMemory.PageShift;
        return page < World.PageCount && (mem[(long)page - World.TableDisplacement] & need) != 0;
    }

    /// <summary>
    /// The last page before a hole has no pair bit, and it may be the hottest of all: the top page of an enclave's
    /// stack. An access that stays inside its page needs no neighbour (5 MIPS without this, by the slow path).
    /// </summary>
    private static bool AllowedInPage(byte* mem, ulong address, int bytes, byte need) =>
        (address & (HostMemory.PageSize - 1)) <= (ulong)(HostMemory.PageSize - bytes) && Allowed(mem, address, need);

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

    /// <summary>Control enters pc from anywhere: poll, count, find its page through the world's directory.</summary>
    private static DecodedOp* Enter(HartState* st, byte* mem, ulong pc)
    {
        st->Pc = pc;
        if (Volatile.Read(ref st->Poll) != 0)
        {
            st->Exit = (int)InterpreterExit.Poll;
            return null;
        }

        ulong page = pc >> HostMemory.PageShift;
        if (page >= World.PageCount)
        {
            st->Exit = (int)InterpreterExit.Lookup;
            return null;
        }

        byte* block = (byte*)(st->StubPage + *(nint*)(mem + ((long)page * 8) - World.DirectoryDisplacement));
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
