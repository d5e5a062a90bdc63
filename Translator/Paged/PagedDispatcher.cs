using RvJit.Machine;
using RvJit.Machine.Paging;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Isa;
using RvJit.Translator.Profiling;
using RvJit.Translator.Regions;
using RvJit.Translator.Warmup;

namespace RvJit.Translator.Paged;

/// <summary>The engine's loop for harts that translate addresses: between regions, records and precise steps.</summary>
internal sealed unsafe class PagedDispatcher(EngineOptions options, Decoder decoder, RegionCompiler compiler, nint stub)
{
    /// <summary>Instructions that the forced tier interprets after a step, to reach the next place where a region begins.</summary>
    private const ulong StraightInstructions = 64;

    private readonly Lock _attachLock = new();

    public Trap Run(Hart hart, PagedMemory memory, HartProfile? profile)
    {
        HartState* st = hart.State;
        PagedCode code = CodeOf(memory.Machine);
        bool stepped = false;
        while (true)
        {
            if (Volatile.Read(ref st->Poll) != 0)
            {
                Volatile.Write(ref st->Poll, 0);
                Interlocked.MemoryBarrier();
                profile?.Dispatched();
                if (hart.MustLeave())
                    return Trap.Requested;
            }

            if (options.Limited && RetiredLimit.IsNear(st))
            {
                if (RetiredLimit.IsReached(hart))
                    return Trap.Requested;
                if (!Step(hart, memory, code, 0, out Trap limitTrap))
                    return limitTrap;
                continue;
            }

            Trap trap;
            switch (Enter(hart, code, stepped, profile, out uint word))
            {
                case Outcome.GoOn:
                    stepped = false;
                    continue;
                case Outcome.Lookup:
                    long generation = memory.Generation; // before the walk: a fence of another hart may come between
                    if (!memory.TryTranslateFetch(st->Pc, out ulong? page, out trap))
                        return trap;
                    if (page is { } physical && TryFillCode(hart, memory, code, physical, generation))
                        continue;
                    break;
                case Outcome.Translate:
                    if (Translate(code, st))
                        continue;
                    stepped = false;
                    break;
                case Outcome.Hot:
                    if (BlockOf(st) is var hot && hot != null && code.PageOf(hot) is { } hotPage)
                        compiler.Enqueue(hotPage, st->Pc);
                    continue;
                case Outcome.StepInRegion:
                    stepped = true;
                    break;
            }

            if (!Step(hart, memory, code, word, out trap))
                return trap;
        }
    }

    private enum Outcome
    {
        /// <summary>Some instructions were executed; pc is the next.</summary>
        GoOn,

        /// <summary>The instruction at pc must be executed precisely.</summary>
        Step,

        /// <summary>The same, and a region asked for it.</summary>
        StepInRegion,

        /// <summary>No block for the page of pc is known.</summary>
        Lookup,

        /// <summary>The forced tier wants a region at pc.</summary>
        Translate,

        /// <summary>pc is worth a region.</summary>
        Hot,
    }

    /// <summary>Runs a region or records from pc, as far as they go.</summary>
    /// <param name="hart">The hart.</param>
    /// <param name="code">Its machine's code.</param>
    /// <param name="stepped">A region has asked for the last step.</param>
    /// <param name="profile">Its samples, when there are any.</param>
    /// <param name="word">The instruction to execute precisely, when it is known already; 0 otherwise.</param>
    private Outcome Enter(Hart hart, PagedCode code, bool stepped, HartProfile? profile, out uint word)
    {
        HartState* st = hart.State;
        Volatile.Write(ref st->InCode, 1);
        Interlocked.MemoryBarrier();
        Outcome outcome = InCode(st, code, stepped, profile);
        word = outcome is Outcome.Step or Outcome.StepInRegion ? Peek(st) : 0;
        Volatile.Write(ref st->Epoch, st->Epoch + 1);
        Volatile.Write(ref st->InCode, 0);
        return outcome;
    }

    private Outcome InCode(HartState* st, PagedCode code, bool stepped, HartProfile? profile)
    {
        ulong pc = st->Pc;
        byte* block = BlockOf(st);
        if (block == null)
            return Outcome.Lookup;
        nint cell = options.Tier == Tier.Interp ? stub : *CodePage.Cell(block, pc);
        if (cell != stub)
        {
            bool swap = code.UsesFloat && st->FloatTrapped == 0 && FloatEnvironment.IsSupported;
            if (swap)
                FloatEnvironment.Enter(st);
            long next = ((delegate*<nint, nint, long, long>)cell)((nint)st, (nint)st->Memory, (long)pc);
            if (swap)
                FloatEnvironment.Leave(st);
            st->Pc = (ulong)(next & ~RegionEmitter.StepBit);
            profile?.LeftRegion((next & RegionEmitter.StepBit) != 0);
            return (next & RegionEmitter.StepBit) != 0 ? Outcome.StepInRegion : Outcome.GoOn;
        }

        DecodedOp* op = CodePage.Op(block, pc);
        if (options.Tier == Tier.Jit)
        {
            if (!stepped)
                return Outcome.Translate;
            InterpreterExit end = InterpreterLoop.RunStraight(op, st, st->Memory, StraightInstructions);
            profile?.LeftInterpreter();
            return end == InterpreterExit.Slow ? Outcome.StepInRegion : Outcome.GoOn;
        }

        // What regions leave to, again and again, is worth translating like the target of a jump.
        if (options.Tier == Tier.Auto && ++*CodePage.Counter(block, pc) == Handlers.HotThreshold)
            return Outcome.Hot;
        InterpreterExit exit = options.Limited
            ? InterpreterLoop.RunStraight(op, st, st->Memory, RetiredLimit.Margin - 1)
            : InterpreterLoop.Run(op, st, st->Memory);
        profile?.LeftInterpreter();
        return exit switch
        {
            InterpreterExit.Slow => Outcome.Step,
            InterpreterExit.Hot when options.Tier == Tier.Auto => Outcome.Hot,
            _ => Outcome.GoOn,
        };
    }

    /// <summary>
    /// The instruction at pc out of a page that control may enter, which saves the walk; 0 when there is none or it goes on
    /// in the next page. In code, where the block stays the page's.
    /// </summary>
    private static uint Peek(HartState* st)
    {
        byte* block = BlockOf(st);
        if (block == null)
            return 0;
        int offset = (int)st->Pc & (HostMemory.PageSize - 1);
        byte* at = CodePage.Host(block) + offset;
        uint low = *(ushort*)at;
        if (InstructionTable.LengthOf((ushort)low) == 2)
            return low;
        return offset == HostMemory.PageSize - 2 ? 0 : low | (uint)*(ushort*)(at + 2) << 16;
    }

    private static byte* BlockOf(HartState* st) => TlbPolicy.FindCode(st, st->Memory, st->Pc);

    private bool Translate(PagedCode code, HartState* st)
    {
        ulong pc = st->Pc;
        byte* block = BlockOf(st);
        return block != null && code.PageOf(block) is { } page && compiler.Compile(page, pc) && page.HasRegion(pc);
    }

    private static bool TryFillCode(Hart hart, PagedMemory memory, PagedCode code, ulong physical, long generation)
    {
        ulong pc = hart.State->Pc;
        byte* block = code.FindOrMake(TlbLayout.PageOf(pc), physical, hart);
        if (block == null)
            return false;
        memory.FillCode(pc, block, generation);
        return true;
    }

    /// <summary>Executes the one instruction at pc precisely: <paramref name="word"/>, or what is fetched when that is 0.</summary>
    private bool Step(Hart hart, PagedMemory memory, PagedCode code, uint word, out Trap trap)
    {
        HartState* st = hart.State;
        if (word == 0 && !TryFetchWord(st, memory, out word, out trap))
            return false;
        Instruction i = decoder.Decode(word);
        if (i.Row is null
            || (st->FloatTrapped != 0 && (i.Row.Operands & Operands.AnyFloat) != 0 && hart.Privileged?.TryUseFloat() != true))
        {
            trap = new Trap(TrapCause.IllegalInstruction, i.Word);
            return false;
        }

        if (st->FailedCheck != 0)
            NoteFailedCheck(st, code, i);
        bool executed = i.Row.Flow == Flow.Leave ? i.Row.Execute(hart, i, out trap) : Execute(hart, i, out trap);
        if (executed)
            st->Retired++;
        return executed;
    }

    /// <summary>
    /// A region was left because an address check failed. Mostly the TLB had no entry, and will; where it has one, the check stood for
    /// accesses in two pages: the region is translated again when that happens too often.
    /// </summary>
    private void NoteFailedCheck(HartState* st, PagedCode code, in Instruction i)
    {
        int failed = st->FailedCheck;
        st->FailedCheck = 0;
        (int bytes, bool writes) = i.Row!.Memory;
        ulong address = st->X[i.Rs1] + (ulong)i.Immediate;
        bool hits = bytes != 0
            && (writes ? TlbPolicy.MayWrite(st->Memory, address, bytes, out _) : TlbPolicy.MayRead(st->Memory, address, bytes, out _));
        byte* block = hits ? BlockOf(st) : null;
        if (block == null || code.PageOf(block) is not { } page || !page.TooManyFailedChecks(failed, out ulong entry))
            return;
        if (options.Tier == Tier.Jit)
            compiler.Compile(page, entry);
        else
            compiler.Enqueue(page, entry, CompileReason.Failing);
    }

    /// <summary>
    /// Executes an instruction that may touch memory: a fence for this hart's translations waits until the access that
    /// used them has been made, as it waits for translated code. (wfi blocks, and is none of these.)
    /// </summary>
    private static bool Execute(Hart hart, in Instruction i, out Trap trap)
    {
        HartState* st = hart.State;
        Volatile.Write(ref st->InCode, 1);
        Interlocked.MemoryBarrier();
        bool executed = i.Row!.Execute(hart, i, out trap);
        Volatile.Write(ref st->Epoch, st->Epoch + 1);
        Volatile.Write(ref st->InCode, 0);
        return executed;
    }

    private static bool TryFetchWord(HartState* st, PagedMemory memory, out uint word, out Trap trap)
    {
        word = 0;
        if (!memory.TryFetch(st->Pc, out ushort low, out trap))
            return false;
        word = low;
        if (InstructionTable.LengthOf(low) == 2)
            return true;
        if (!memory.TryFetch(st->Pc + 2, out ushort high, out trap))
            return false;
        word |= (uint)high << 16;
        return true;
    }

    private PagedCode CodeOf(MachineMemory machine)
    {
        if (machine.Code is PagedCode known)
            return known;
        lock (_attachLock)
        {
            if (machine.Code is null)
                machine.Code = new PagedCode(machine, decoder, stub);
            return (PagedCode)machine.Code;
        }
    }
}
