using System.Collections.Concurrent;

namespace RvJit.Translator.Tracing;

/// <summary>
/// Writes what harts executed, as text, on a thread of its own. Lines of one hart stand in order; those of several harts
/// take turns by some thousands.
/// </summary>
public sealed class CommitLog : IDisposable
{
    /// <summary>A hart that is faster than the file waits for one of these.</summary>
    private const int Chunks = 16;

    private const int BufferBytes = 1 << 20;

    private readonly Stream _output;
    private readonly Func<IOException, Exception> _explain;
    private readonly BlockingCollection<TraceChunk> _full = [];
    private readonly BlockingCollection<TraceChunk> _free = [];
    private readonly Thread _writer;
    private int _most = Chunks;
    private int _made;
    private Exception? _failure;

    /// <param name="output">Where the text goes; stays the caller's.</param>
    /// <param name="explain">Makes the error that harts and <see cref="Finish"/> throw when it cannot be written.</param>
    public CommitLog(Stream output, Func<IOException, Exception> explain)
    {
        _output = output;
        _explain = explain;
        _writer = new Thread(Write) { IsBackground = true, Name = "trace" };
        _writer.Start();
    }

    /// <summary>Writes what harts have handed over, and says whether all of it was written. No hart may run any more.</summary>
    public void Finish()
    {
        _full.CompleteAdding();
        _writer.Join();
        ThrowIfBroken();
    }

    public void Dispose()
    {
        _full.CompleteAdding();
        _writer.Join();
        _full.Dispose();
        _free.Dispose();
    }

    /// <summary>One more hart may hold a chunk while it waits for an interrupt.</summary>
    internal void AddHart() => Interlocked.Increment(ref _most);

    /// <summary>An empty chunk for a hart; waits while all are with the writer.</summary>
    internal TraceChunk Take(int hart)
    {
        if (!_free.TryTake(out TraceChunk? chunk))
            chunk = Interlocked.Increment(ref _made) <= Volatile.Read(ref _most) ? new TraceChunk() : _free.Take();
        ThrowIfBroken();
        chunk.Count = 0;
        chunk.Hart = hart;
        return chunk;
    }

    internal void Hand(TraceChunk chunk) => _full.Add(chunk);

    private void ThrowIfBroken()
    {
        if (Volatile.Read(ref _failure) is { } failure)
            throw failure;
    }

    /// <summary>When it cannot write it goes on taking chunks, so that no hart waits for one.</summary>
    private void Write()
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
        var starts = new Dictionary<int, LineStart>();
        bool broken = false;
        int length = 0;
        foreach (TraceChunk chunk in _full.GetConsumingEnumerable())
        {
            if (!starts.TryGetValue(chunk.Hart, out LineStart start))
                starts.Add(chunk.Hart, start = LineStart.Of(chunk.Hart));
            int done = 0;
            while (!broken && done < chunk.Count)
            {
                done = Format(chunk, done, start, buffer, ref length);
                broken = !TryWrite(buffer, ref length);
            }

            _free.Add(chunk);
        }
    }

    /// <summary>Lines from a place in the chunk on, until the buffer is nearly full.</summary>
    private static unsafe int Format(TraceChunk chunk, int from, LineStart start, byte[] buffer, ref int length)
    {
        fixed (ulong* words = chunk.Words)
        fixed (byte* text = buffer)
        {
            ulong* at = words + from;
            byte* to = text + length;
            byte* last = text + buffer.Length - CommitLogText.MostBytesOfLine;
            while (at < words + chunk.Count && to < last)
                to = CommitLogText.Line(to, start, ref at);
            length = (int)(to - text);
            return (int)(at - words);
        }
    }

    private bool TryWrite(byte[] buffer, ref int length)
    {
        try
        {
            _output.Write(buffer, 0, length);
            length = 0;
            return true;
        }
        catch (IOException error)
        {
            Volatile.Write(ref _failure, _explain(error));
            return false;
        }
    }
}
