using RvJit.Machine;
using RvJit.Machine.Paging;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Isa;

namespace RvJit.Translator;

/// <summary>
/// Blocks of records and cells (<see cref="CodePage"/>). One that was given up is used again only after every hart that
/// was in code then has left it. Its owner's lock guards it.
/// </summary>
internal sealed unsafe class BlockPool(nint stub, Decoder decoder) : IDisposable
{
    private const int BlocksPerChunk = 256;

    private readonly List<nint> _chunks = [];
    private readonly Stack<nint> _free = new();
    private readonly Queue<(nint Block, HartEpochs Waiting)> _retired = new();

    /// <summary>A block for the page at a guest address, all of whose cells lead back to the dispatcher.</summary>
    /// <param name="address">Guest address of the page.</param>
    /// <param name="decode">Handler that fills a record.</param>
    /// <param name="next">Handler behind the last record.</param>
    public byte* Take(ulong address, nint decode, nint next)
    {
        byte* block = Take();
        Clear(block, decode);
        CodePage.Address(block) = address;
        CodePage.DecoderId(block) = decoder.Id;
        DecodedOp* end = (DecodedOp*)(block + CodePage.OpsOffset) + CodePage.Halfwords;
        end[0].Handler = next;
        end[1].Handler = next;
        return block;
    }

    /// <summary>Gives a block up. Code that is still running may jump through its cells until it leaves.</summary>
    public void Retire(byte* block, HartEpochs running)
    {
        ResetCells(block);
        _retired.Enqueue(((nint)block, running));
    }

    /// <summary>Makes a block whose cells hold the stub and whose records hold one handler.</summary>
    public void Clear(byte* block, nint handler)
    {
        ResetCells(block);
        new Span<byte>(block + CodePage.CountersOffset, CodePage.BlockSize - CodePage.CountersOffset).Clear();
        var ops = (DecodedOp*)(block + CodePage.OpsOffset);
        for (int i = 0; i < CodePage.OpCount; i++)
            ops[i] = new DecodedOp { Handler = handler };
    }

    public void Dispose()
    {
        foreach (nint chunk in _chunks)
            HostMemory.Release((byte*)chunk, BlocksPerChunk * (ulong)CodePage.BlockSize * 2);
        _chunks.Clear();
    }

    // Loops, not Span.Fill: that is never compiled ahead.
    private void ResetCells(byte* block)
    {
        var cells = (nint*)(block + CodePage.CellsOffset);
        for (int i = 0; i < CodePage.Halfwords; i++)
            cells[i] = stub;
    }

    private byte* Take()
    {
        while (_retired.TryPeek(out (nint Block, HartEpochs Waiting) r) && r.Waiting.AllLeft)
        {
            _retired.Dequeue();
            _free.Push(r.Block);
        }

        if (_free.Count == 0)
        {
            // Twice the size, so that a run of aligned blocks fits whatever the address is.
            byte* chunk = HostMemory.Reserve(BlocksPerChunk * (ulong)CodePage.BlockSize * 2);
            _chunks.Add((nint)chunk);
            byte* aligned = (byte*)(((nuint)chunk + CodePage.BlockSize - 1) & ~(nuint)(CodePage.BlockSize - 1));
            for (int i = BlocksPerChunk - 1; i >= 0; i--)
                _free.Push((nint)(aligned + ((long)i * CodePage.BlockSize)));
        }

        return (byte*)_free.Pop();
    }
}

/// <summary>The harts that were in code at some moment; all have left when each moved to another epoch.</summary>
internal readonly unsafe struct HartEpochs
{
    private readonly (Hart Hart, long Epoch)[] _harts;

    private HartEpochs(IEnumerable<Hart> harts) =>
        _harts = [.. harts.Select(hart => (hart, Volatile.Read(ref hart.State->Epoch)))];

    public bool AllLeft
    {
        get
        {
            foreach ((Hart hart, long epoch) in _harts)
            {
                HartState* s = hart.State;
                if (s != null && Volatile.Read(ref s->InCode) != 0 && Volatile.Read(ref s->Epoch) == epoch)
                    return false;
            }

            return true;
        }
    }

    public static HartEpochs Of(World world) => new(world.Harts.ToArray());

    public static HartEpochs Of(MachineMemory machine) => new(machine.RunningHarts);
}
