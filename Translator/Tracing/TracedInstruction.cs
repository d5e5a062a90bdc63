using System.Runtime.InteropServices;
using RvJit.Machine;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Rows;

namespace RvJit.Translator.Tracing;

/// <summary>How a tracing hart executes an instruction.</summary>
internal enum TraceWay : byte
{
    /// <summary>The slot is empty.</summary>
    None,

    /// <summary>By its threaded handler, which may refuse.</summary>
    Handler,

    /// <summary>By <see cref="Row.Execute"/>, which touches nothing but registers.</summary>
    Registers,

    /// <summary>By <see cref="Row.Execute"/>, outside code.</summary>
    Precise,
}

/// <summary>An instruction word, decoded, and what of it a trace shows.</summary>
internal struct TracedInstruction
{
    public uint Word;
    public TraceWay Way;
    public bool RaisesFlags;
    public byte LoadBytes;
    public byte StoreBytes;

    /// <summary>Key of the register that it writes; 0, which is x0's, for none.</summary>
    public ulong Register;

    /// <summary>Byte offsets in <see cref="HartState"/> of the register written and of the one stored.</summary>
    public int ResultOffset;
    public int SourceOffset;

    public Instruction Instruction;

    public static TracedInstruction Of(uint word, in Instruction i)
    {
        Row row = i.Row!;
        var t = new TracedInstruction { Word = word, Instruction = i, Way = WayOf(row) };
        if ((row.Operands & Operands.WritesF) != 0)
        {
            t.Register = TraceKey.Of(TraceKey.Float, i.Rd);
            t.ResultOffset = HartState.FOffset + (i.Rd * sizeof(ulong));
        }
        else if ((row.Operands & Operands.WritesX) != 0)
        {
            t.Register = TraceKey.Of(TraceKey.Integer, i.Rd);
            t.ResultOffset = HartState.XOffset + (i.Rd * sizeof(ulong));
        }

        t.RaisesFlags = (row.Operands & Operands.AnyFloat) != 0 && row.Memory.Bytes == 0;
        if (row.Memory.Writes)
            t.StoreBytes = (byte)row.Memory.Bytes;
        else
            t.LoadBytes = (byte)row.Memory.Bytes;
        t.SourceOffset = ((row.Operands & Operands.ReadsF2) != 0 ? HartState.FOffset : HartState.XOffset) + (i.Rs2 * sizeof(ulong));
        return t;
    }

    private static TraceWay WayOf(Row row) => row switch
    {
        { Flow: Flow.Leave } => TraceWay.Precise,
        { Atomic.Kind: not AtomicKind.None } => TraceWay.Precise,
        PlainRow => TraceWay.Handler,
        _ when row.Memory.Bytes != 0 || (row.Operands & Operands.AnyFloat) != 0 => TraceWay.Handler,
        _ => TraceWay.Registers,
    };
}

/// <summary>
/// Decoded instructions of one hart by their words, each with the record that its threaded handler takes. Records stand
/// in blocks like those of pages, because a handler that refuses looks there for its pc; no handler that needs the pc is
/// run from here.
/// </summary>
internal sealed unsafe class TracedInstructions : IDisposable
{
    private const int Blocks = 4;
    private const int Slots = Blocks * CodePage.Halfwords;

    /// <summary>2^32 over the golden ratio: spreads words whose low bits are alike.</summary>
    private const uint HashFactor = 0x9E3779B9;

    private static readonly int s_hashShift = 32 - int.Log2(Slots);

    private readonly TracedInstruction[] _slots = new TracedInstruction[Slots];
    private readonly byte* _blocks = (byte*)NativeMemory.AlignedAlloc(Blocks * CodePage.BlockSize, CodePage.BlockSize);
    private readonly Decoder _decoder;
    private readonly bool _paged;

    public TracedInstructions(Decoder decoder, bool paged)
    {
        _decoder = decoder;
        _paged = paged;
        NativeMemory.Clear(_blocks, Blocks * CodePage.BlockSize);
    }

    public static int SlotOf(uint word) => (int)((word * HashFactor) >> s_hashShift);

    public DecodedOp* RecordOf(int slot) =>
        CodePage.Op(_blocks + (slot / CodePage.Halfwords * CodePage.BlockSize), (ulong)(slot % CodePage.Halfwords) * 2);

    /// <summary>The instruction's slot; the way is None when the bits are no instruction.</summary>
    public ref TracedInstruction Find(uint word, out int slot)
    {
        slot = SlotOf(word);
        ref TracedInstruction t = ref _slots[slot];
        if (t.Word != word || t.Way == TraceWay.None)
            Fill(ref t, word, slot);
        return ref t;
    }

    public void Dispose() => NativeMemory.AlignedFree(_blocks);

    private void Fill(ref TracedInstruction t, uint word, int slot)
    {
        Instruction i = _decoder.Decode(word);
        t = default;
        if (i.Row is null)
            return;
        t = TracedInstruction.Of(word, i);
        if (t.Way == TraceWay.Handler)
            StepOne.Pack(RecordOf(slot), i.Row, i, _paged);
    }
}
