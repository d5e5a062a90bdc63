using System.Runtime.CompilerServices;
using RvJit.Machine;
using RvJit.Machine.Paging;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Isa;
using RvJit.Translator.Paged;
using RvJit.Translator.Profiling;
using RvJit.Translator.Regions;
using RvJit.Translator.Warmup;

namespace RvJit.Translator;

/// <summary>
/// Runs guest code in two tiers: the threaded interpreter at once, translated regions when code is hot. This class is
/// the dispatcher between them: everything that is neither straight translated code nor a plain interpreted
/// instruction passes here.
/// </summary>
public sealed unsafe class Engine : IExecutionEngine
{
    private readonly EngineOptions _options;
    private readonly Decoder _decoder;
    private readonly byte* _stubBlock;
    private readonly nint _stub;
    private readonly Lock _attachLock = new();
    private readonly List<CodeCache> _caches = [];
    private readonly RegionCompiler _compiler;
    private readonly PagedDispatcher _paged;
    private long _failedChecks;

    public Engine(EngineOptions options)
    {
        _options = options;
        _decoder = Decoder.Of(options.Instructions);
        _compiler = new RegionCompiler(options);
        _stub = (nint)(delegate*<byte*, byte*, long, long>)&Stub;

        // Compiled here, not when a region first goes there with a guest's flags live (FloatEnvironment).
        _ = ((delegate*<byte*, byte*, long, long>)_stub)(null, null, 0);
        _paged = new PagedDispatcher(options, _decoder, _compiler, _stub);
        byte* reserved = HostMemory.Reserve(CodePage.BlockSize * 2);
        _stubBlock = (byte*)(((nuint)reserved + CodePage.BlockSize - 1) & ~(nuint)(CodePage.BlockSize - 1));
        new BlockPool(_stub, _decoder).Clear(
            _stubBlock, (nint)(delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)&Handlers.MissingPage);
    }

    public EngineStatistics Statistics => new(
        _compiler.Compiled, _compiler.Instructions, Invalidated(), _compiler.Milliseconds, _compiler.IlBytes,
        _compiler.Failures, _compiler.LastFailure)
    {
        RegionsForeseen = _compiler.Foreseen,
        FailedChecks = Interlocked.Read(ref _failedChecks),
        CarefulRegions = _compiler.CarefulRegions,
    };

    public void Attach(World world)
    {
        lock (_attachLock)
        {
            if (world.Code is not null)
                return;
            var cache = new CodeCache(world, _decoder, _stub, _stubBlock, observed: _options.Tier == Tier.Auto);
            _caches.Add(cache);
            world.Code = cache;
        }
    }

    public void FenceInstruction(Hart hart) => Interlocked.MemoryBarrier();

    /// <summary>
    /// The program in a world is one that ran before: what was hot then is translated at once, in the background, and the
    /// rest is known to the translator. Before the world's first instruction.
    /// </summary>
    /// <param name="world">Where the program lies.</param>
    /// <param name="hints">What the earlier run learnt; <see cref="CodeHints.None"/> where there was none.</param>
    /// <param name="start">First page of the program's image.</param>
    /// <param name="end">One past the image's last byte.</param>
    public void Foresee(World world, CodeHints hints, ulong start, ulong end)
    {
        if (_options.Tier != Tier.Auto)
            return;
        Attach(world);
        var cache = (CodeCache)world.Code!;
        cache.Hints = new PlacedHints(hints, start, end);
        foreach (ulong entry in hints.Entries)
            _compiler.Enqueue(cache, start + entry, CompileReason.Foreseen);
    }

    /// <summary>What is known of the program now; null when <see cref="Foresee"/> was not told of it.</summary>
    public static CodeHints? Learnt(World world) =>
        world.Code is CodeCache { Hints: { } told } cache ? HintCollector.Collect(cache, told) : null;

    public Trap Run(Hart hart)
    {
        if (_options.Profiler is not { } profiler)
            return Run(hart, null);
        HartProfile profile = profiler.Of(hart);
        profile.Enter(hart);
        try
        {
            return Run(hart, profile);
        }
        finally
        {
            profile.Leave();
        }
    }

    public void Dispose() => _compiler.Dispose();

    private Trap Run(Hart hart, HartProfile? profile) =>
        hart.Memory is PagedMemory memory ? _paged.Run(hart, memory, profile) : RunInWorld(hart, profile);

    private Trap RunInWorld(Hart hart, HartProfile? profile)
    {
        HartState* st = hart.State;
        World world = hart.World;
        if (world.Code is null)
            Attach(world);
        var cache = (CodeCache)world.Code!;
        st->StubPage = (nint)_stubBlock;
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

            if (_options.Limited && RetiredLimit.IsNear(st))
            {
                if (RetiredLimit.IsReached(hart))
                    return Trap.Requested;
                if (!Step(hart, out Trap limitTrap))
                    return limitTrap;
                continue;
            }

            if (_options.Tier != Tier.Interp && TryRegion(hart, cache, out bool step))
            {
                profile?.LeftRegion(step);
                if (st->FailedCheck != 0)
                    NoteFailedCheck(st, cache);
                if (step && !Step(hart, out Trap stepTrap))
                    return stepTrap;
                continue;
            }

            if (_options.Tier == Tier.Jit && Translate(hart, cache))
                continue;

            InterpreterExit exit = _options.Tier == Tier.Jit ? InterpreterExit.Slow : Interpret(st, world.Base, cache);
            profile?.LeftInterpreter();
            switch (exit)
            {
                case InterpreterExit.Slow:
                    if (!Step(hart, out Trap trap))
                        return trap;
                    break;
                case InterpreterExit.Lookup:
                    if (!EnsurePage(hart, cache) && !Step(hart, out trap))
                        return trap;
                    break;
                case InterpreterExit.Hot or InterpreterExit.Reentered when _options.Tier == Tier.Auto && EnsurePage(hart, cache):
                    _compiler.Enqueue(cache, st->Pc, exit == InterpreterExit.Hot ? CompileReason.Hot : CompileReason.Reentered);
                    break;
            }
        }
    }

    private long Invalidated()
    {
        lock (_attachLock)
            return _caches.Sum(c => c.Invalidated);
    }

    /// <summary>Forced tier: makes a region at pc; false when there is nothing to translate.</summary>
    private bool Translate(Hart hart, CodeCache cache) =>
        EnsurePage(hart, cache) && _compiler.Compile(cache, hart.State->Pc) && cache.HasRegion(hart.State->Pc);

    /// <summary>A region was left because an address check failed: translate it again when that happens too often.</summary>
    private void NoteFailedCheck(HartState* st, CodeCache cache)
    {
        int failed = st->FailedCheck;
        st->FailedCheck = 0;
        Interlocked.Increment(ref _failedChecks);
        if (!cache.TooManyFailedChecks(failed, out ulong entry))
            return;
        if (_options.Tier == Tier.Jit)
            _compiler.Compile(cache, entry);
        else
            _compiler.Enqueue(cache, entry, CompileReason.Failing);
    }

    /// <summary>Runs translated code from pc if there is some, as far as it goes.</summary>
    private bool TryRegion(Hart hart, CodeCache cache, out bool step)
    {
        HartState* st = hart.State;
        ulong pc = st->Pc;
        step = false;
        if (pc >= World.AddressLimit)
            return false;
        Volatile.Write(ref st->InCode, 1);
        Interlocked.MemoryBarrier();
        nint code = *CodePage.Cell(cache.Find(pc), pc);
        bool found = code != _stub;
        if (found)
        {
            bool swap = cache.UsesFloat && FloatEnvironment.IsSupported;
            if (swap)
                FloatEnvironment.Enter(st);
            long next = ((delegate*<nint, nint, long, long>)code)((nint)st, (nint)st->Memory, (long)pc);
            if (swap)
                FloatEnvironment.Leave(st);
            step = (next & RegionEmitter.StepBit) != 0;
            st->Pc = (ulong)(next & ~RegionEmitter.StepBit);
        }

        Volatile.Write(ref st->Epoch, st->Epoch + 1);
        Volatile.Write(ref st->InCode, 0);
        return found;
    }

    /// <summary>Executes the one instruction at pc precisely.</summary>
    private bool Step(Hart hart, out Trap trap)
    {
        HartState* st = hart.State;
        if (!TryFetchQuickly(st, hart.World, out uint word) && !TryFetch(hart, out word, out trap))
            return false;
        Instruction i = _decoder.Decode(word);
        if (i.Row is null)
        {
            trap = new Trap(TrapCause.IllegalInstruction, i.Word);
            return false;
        }

        if (!i.Row.Execute(hart, i, out trap))
            return false;
        st->Retired++;
        return true;
    }

    /// <summary>
    /// Fetches the instruction at pc as translated code reads memory: by its page's table byte, while whoever takes rights
    /// away waits for this hart (<see cref="World.Quiesce"/>). False when that cannot tell, or it may lie in two pages.
    /// </summary>
    private static bool TryFetchQuickly(HartState* st, World world, out uint word)
    {
        ulong pc = st->Pc;
        word = 0;
        if (pc >= World.AddressLimit || (pc & (HostMemory.PageSize - 1)) > HostMemory.PageSize - sizeof(uint))
            return false;
        Volatile.Write(ref st->InCode, 1);
        Interlocked.MemoryBarrier();
        bool allowed = (world.PermissionTable[pc >> HostMemory.PageShift] & PageFlags.Execute) != 0;
        if (allowed)
            word = *(uint*)(world.Base + pc);
        Volatile.Write(ref st->Epoch, st->Epoch + 1);
        Volatile.Write(ref st->InCode, 0);
        return allowed;
    }

    private static bool TryFetch(Hart hart, out uint word, out Trap trap)
    {
        ulong pc = hart.State->Pc;
        word = 0;
        if (!hart.Memory.TryFetch(pc, out ushort low, out trap))
            return false;
        word = low;
        if (InstructionTable.LengthOf(low) != 4)
            return true;
        if (!hart.Memory.TryFetch(pc + 2, out ushort high, out trap))
            return false;
        word |= (uint)high << 16;
        return true;
    }

    /// <summary>Target of every empty cell: back to the dispatcher.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Stub(byte* state, byte* memory, long pc) => pc;

    /// <summary>Gives the page of pc a block; false when it may not be executed.</summary>
    private static bool EnsurePage(Hart hart, CodeCache cache)
    {
        ulong page = hart.State->Pc >> HostMemory.PageShift;
        if (page >= World.PageCount || (hart.World.PermissionTable[page] & PageFlags.Execute) == 0)
            return false;
        cache.Create(page, hart);
        return true;
    }

    private InterpreterExit Interpret(HartState* st, byte* mem, CodeCache cache)
    {
        ulong pc = st->Pc;
        if (pc >= World.AddressLimit || !cache.Has(pc))
            return InterpreterExit.Lookup;

        // What regions leave to, again and again, is worth translating like the target of a jump.
        if (_options.Tier == Tier.Auto && ++*CodePage.Counter(cache.Find(pc), pc) == Handlers.HotThreshold)
            return InterpreterExit.Reentered;
        Volatile.Write(ref st->InCode, 1);
        Interlocked.MemoryBarrier();
        DecodedOp* op = CodePage.Op(cache.Find(pc), pc);
        InterpreterExit exit = _options.Limited
            ? InterpreterLoop.RunStraight(op, st, mem, RetiredLimit.Margin - 1)
            : InterpreterLoop.Run(op, st, mem);
        Volatile.Write(ref st->Epoch, st->Epoch + 1);
        Volatile.Write(ref st->InCode, 0);
        return exit;
    }
}
