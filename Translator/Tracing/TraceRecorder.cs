using System.Runtime.CompilerServices;
using RvJit.Machine;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Tracing;

/// <summary>Puts what a hart's instructions wrote into chunks for the log: registers first, then loads, then stores.</summary>
internal sealed unsafe class TraceRecorder
{
    private readonly Hart _hart;
    private readonly int _number;
    private readonly HartState* _state;
    private readonly CommitLog _log;
    private TraceChunk? _chunk;
    private int _header;
    private int _effects;

    public TraceRecorder(Hart hart, int number, CommitLog log)
    {
        _hart = hart;
        _number = number;
        _state = hart.State;
        _log = log;
        log.AddHart();
    }

    /// <summary>The hart's privilege mode.</summary>
    public Privilege Mode { get; set; }

    public void Begin(ulong pc)
    {
        _chunk ??= _log.Take(_number);
        _chunk.Words[_chunk.Count] = pc;
        _header = _chunk.Count + 1;
        _chunk.Count += 2;
        _effects = 0;
    }

    public void End(in Instruction i)
    {
        TraceChunk chunk = _chunk!;
        chunk.Words[_header] = TraceChunk.Header(i.Word, i.Length == sizeof(uint), (int)Mode, _effects);
        if (chunk.IsFull)
            Flush();
    }

    /// <summary>Gives the log what was recorded.</summary>
    public void Flush()
    {
        if (_chunk is not { } chunk)
            return;
        _chunk = null;
        _log.Hand(chunk);
    }

    /// <summary>fflags, when an instruction raised some, whether they were set before or not.</summary>
    public void AddFlags(uint raised, uint before)
    {
        if (raised != 0)
            AddRegister(TraceKey.Of(TraceKey.Csr, Csr.Fflags), raised | before);
    }

    public void AddCsrs(ReadOnlySpan<int> csrs)
    {
        foreach (int csr in csrs)
        {
            if (_hart.Csrs.TryInspect(_hart, csr, out ulong value))
                AddRegister(TraceKey.Of(TraceKey.Csr, csr), value);
        }
    }

    /// <summary>The register and the memory that an instruction of this kind wrote; loads and stores are at the address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddPlain(in TracedInstruction t, ulong address)
    {
        if (t.Register != 0)
            AddRegister(t.Register, *(ulong*)((byte*)_state + t.ResultOffset));
        if (t.LoadBytes != 0)
            AddLoad(address);
        if (t.StoreBytes != 0)
            AddStore(address, *(ulong*)((byte*)_state + t.SourceOffset), t.StoreBytes);
    }

    public void AddAtomic(in TracedInstruction t, in AtomicObservation atomic)
    {
        if (t.Register != 0)
            AddRegister(t.Register, atomic.Result.Low);
        if (t.Register != 0 && atomic.IsPair)
            AddRegister(t.Register + TraceKey.Of(TraceKey.Integer, 1), atomic.Result.High);
        if (atomic.Loads)
            AddLoad(atomic.Address);
        if (atomic.Stores)
        {
            AddStore(atomic.Address, atomic.Stored.Low, Math.Min(atomic.Shape.Bytes, sizeof(ulong)));
            if (atomic.IsPair)
                AddStore(atomic.Address + sizeof(ulong), atomic.Stored.High, sizeof(ulong));
        }

        if (atomic.Shape.Kind != AtomicKind.ZeroBlock)
            return;
        ulong block = atomic.Address & ~(ulong)(atomic.Shape.Bytes - 1);
        for (int n = 0; n < atomic.Shape.Bytes; n++)
            AddStore(block + (ulong)n, 0, 1);
    }

    /// <summary>Keeps registers in the order of their keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddRegister(ulong key, ulong value)
    {
        TraceChunk chunk = _chunk!;
        ulong[] words = chunk.Words;
        int at = chunk.Count;
        if (_effects != 0 && words[at - 2] >= key)
        {
            InsertRegister(key, value);
            return;
        }

        words[at] = key;
        words[at + 1] = value;
        chunk.Count = at + 2;
        _effects++;
    }

    private void InsertRegister(ulong key, ulong value)
    {
        TraceChunk chunk = _chunk!;
        Span<ulong> words = chunk.Words.AsSpan(_header + 1);
        int at = 0;
        while (words[at] < key)
            at += 2;
        if (words[at] != key)
        {
            int end = chunk.Count - _header - 1;
            words[at..end].CopyTo(words[(at + 2)..]);
            chunk.Count += 2;
            _effects++;
        }

        words[at] = key;
        words[at + 1] = value;
    }

    private void AddLoad(ulong address)
    {
        TraceChunk chunk = _chunk!;
        chunk.Words[chunk.Count] = TraceKey.Load;
        chunk.Words[chunk.Count + 1] = address;
        chunk.Count += 2;
        _effects++;
    }

    private void AddStore(ulong address, ulong value, int bytes)
    {
        TraceChunk chunk = _chunk!;
        chunk.Words[chunk.Count] = TraceKey.Of(TraceKey.Store, bytes);
        chunk.Words[chunk.Count + 1] = address;
        chunk.Words[chunk.Count + 2] = value;
        chunk.Count += 3;
        _effects++;
    }
}
