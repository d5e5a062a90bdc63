using System.Diagnostics.CodeAnalysis;
using RvJit.Machine;
using RvJit.Machine.Paging;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Tracing;

/// <summary>Executes one hart's instructions one by one and records what each of them wrote.</summary>
internal sealed unsafe class HartTracer : IDisposable
{
    private readonly Hart _hart;
    private readonly Decoder _decoder;
    private readonly TraceRecorder _recorder;
    private TracedInstructions? _inWorlds;
    private TracedInstructions? _inPages;

    // Those for the memory that the hart has now.
    private TracedInstructions _instructions;
    private FetchWindow _fetch;

    public HartTracer(Hart hart, int number, Decoder decoder, CommitLog log)
    {
        _hart = hart;
        _decoder = decoder;
        _recorder = new TraceRecorder(hart, number, log);
        UseMemory();
    }

    public Trap Run()
    {
        HartState* st = _hart.State;
        _recorder.Mode = _hart.Privileged?.Mode ?? Privilege.User;
        if (_fetch.Paged != _hart.Memory as PagedMemory)
            UseMemory();
        _fetch.Forget();
        while (true)
        {
            if (Volatile.Read(ref st->Poll) != 0)
            {
                Volatile.Write(ref st->Poll, 0);
                Interlocked.MemoryBarrier();
                if (_hart.MustLeave())
                    return Leave();
            }

            if (RetiredLimit.IsReached(_hart))
                return Leave();

            RunInCode(st);
            if (Volatile.Read(ref st->Poll) == 0 && st->Retired < st->RetiredLimit && !Step(st, out Trap trap))
                return trap;
        }
    }

    public void Dispose()
    {
        _recorder.Flush();
        _inWorlds?.Dispose();
        _inPages?.Dispose();
    }

    /// <summary>The hart has come out of a world into translated memory, or back.</summary>
    [MemberNotNull(nameof(_instructions), nameof(_fetch))]
    private void UseMemory()
    {
        var paged = _hart.Memory as PagedMemory;
        _fetch = new FetchWindow(_hart, paged);
        _instructions = paged is null
            ? _inWorlds ??= new TracedInstructions(_decoder, paged: false)
            : _inPages ??= new TracedInstructions(_decoder, paged: true);
    }

    private Trap Leave()
    {
        _recorder.Flush();
        return Trap.Requested;
    }

    /// <summary>Executes instructions until one must be executed precisely, or something is asked of the hart.</summary>
    private void RunInCode(HartState* st)
    {
        Volatile.Write(ref st->InCode, 1);
        Interlocked.MemoryBarrier();
        while (Volatile.Read(ref st->Poll) == 0 && st->Retired < st->RetiredLimit && TryExecuteInCode(st))
            st->Retired++;
        Volatile.Write(ref st->Epoch, st->Epoch + 1);
        Volatile.Write(ref st->InCode, 0);
    }

    private bool TryExecuteInCode(HartState* st)
    {
        ulong pc = st->Pc;
        if (!_fetch.TryRead(pc, out uint word))
            return false;
        ref TracedInstruction t = ref _instructions.Find(word, out int slot);
        if (t.Way is TraceWay.None or TraceWay.Precise)
            return false;
        uint flags = t.RaisesFlags ? TakeFlags(st) : 0;
        ulong address = st->X[t.Instruction.Rs1] + (ulong)t.Instruction.Immediate;
        if (t.Way == TraceWay.Registers)
        {
            if (!t.Instruction.Row!.Execute(_hart, t.Instruction, out _))
                return false;
        }
        else
        {
            DecodedOp* op = _instructions.RecordOf(slot);
            DecodedOp* next = ((delegate*<DecodedOp*, HartState*, byte*, DecodedOp*>)op->Handler)(op, st, st->Memory);
            if (next == null)
            {
                st->Pc = pc;
                GiveFlags(st, flags);
                return false;
            }

            st->Pc = pc + t.Instruction.Length;
        }

        _recorder.Begin(pc);
        if (t.RaisesFlags)
        {
            _recorder.AddFlags(FloatingPointControl.ReadFlags(*st), flags);
            GiveFlags(st, flags);
        }

        _recorder.AddPlain(t, address);
        _recorder.End(t.Instruction);
        return true;
    }

    /// <summary>Executes the one instruction at pc precisely.</summary>
    private bool Step(HartState* st, out Trap trap)
    {
        ulong pc = st->Pc;
        if (!_fetch.TryReadPrecisely(pc, out uint word, out trap))
            return false;
        ref TracedInstruction t = ref _instructions.Find(word, out _);
        Instruction i = t.Instruction;
        bool trapped = st->FloatTrapped != 0;
        if (t.Way == TraceWay.None
            || (trapped && (i.Row!.Operands & Operands.AnyFloat) != 0 && _hart.Privileged?.TryUseFloat() != true))
        {
            trap = new Trap(TrapCause.IllegalInstruction, word);
            return false;
        }

        uint flags = t.RaisesFlags ? TakeFlags(st) : 0;
        ulong address = st->X[i.Rs1] + (ulong)i.Immediate;
        AtomicObservation atomic = AtomicObservation.Before(st, i);
        bool done = i.Row!.Execute(_hart, atomic.Instruction, out trap);
        uint raised = t.RaisesFlags ? FloatingPointControl.ReadFlags(*st) : 0;
        if (t.RaisesFlags)
            GiveFlags(st, flags);
        atomic.After(st);
        if (!done)
            return false;
        st->Retired++;
        _recorder.Begin(pc);
        _recorder.AddFlags(raised, flags);
        if (trapped && st->FloatTrapped == 0)
            _recorder.AddCsrs(TracedCsrs.Mstatus);
        _recorder.AddCsrs(TracedCsrs.WrittenBy(i));
        if (atomic.Shape.Kind == AtomicKind.None)
            _recorder.AddPlain(t, address);
        else
            _recorder.AddAtomic(t, atomic);
        _recorder.End(i);
        if (i.Row.Flow == Flow.Leave)
        {
            _recorder.Mode = _hart.Privileged?.Mode ?? Privilege.User;
            _fetch.Forget();
        }

        return true;
    }

    /// <summary>What an instruction raises shows only when it starts from none.</summary>
    private static uint TakeFlags(HartState* st)
    {
        uint flags = FloatingPointControl.ReadFlags(*st);
        FloatingPointControl.WriteFlags(ref *st, 0);
        return flags;
    }

    private static void GiveFlags(HartState* st, uint flags) => FloatingPointControl.AccrueFlags(ref *st, flags);
}
