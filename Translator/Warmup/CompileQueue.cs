using System.Diagnostics;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Regions;
using Gate = System.Threading.Monitor;

namespace RvJit.Translator.Warmup;

/// <summary>Why a place is to be translated.</summary>
internal enum CompileReason
{
    /// <summary>Control entered it often.</summary>
    Hot,

    /// <summary>And came there through the dispatcher, as from a region that was left.</summary>
    Reentered,

    /// <summary>It was hot in an earlier run; nothing has gone there yet.</summary>
    Foreseen,

    /// <summary>The region there is left too often, so it is hot although nothing but the region enters it.</summary>
    Failing,
}

/// <summary>A place that somebody wants translated.</summary>
/// <param name="host">Whose code it is.</param>
/// <param name="pc">Where a region is to begin.</param>
/// <param name="reason">Why.</param>
internal sealed class CompileRequest(IRegionHost host, ulong pc, CompileReason reason)
{
    public IRegionHost Host => host;

    public ulong Pc => pc;

    public CompileReason Reason => reason;

    /// <summary>When it was made, in units of <see cref="Stopwatch"/>.</summary>
    public long Asked { get; } = Stopwatch.GetTimestamp();

    /// <summary>The entry counter when it was last looked at; a place asks when it gets to the threshold.</summary>
    public ushort SeenEntries { get; set; } = reason is CompileReason.Foreseen or CompileReason.Failing ? (ushort)0 : (ushort)Handlers.HotThreshold;

    /// <summary>Entries while it waits.</summary>
    public int Entered { get; set; }

    /// <summary>Looks in a row at which nothing had entered.</summary>
    public int IdleLooks { get; set; }
}

/// <summary>
/// What waits for the translator. The hottest goes first: what was entered most often since the last look; then what an
/// earlier run foresaw, in its order. A place that nothing enters any more is not translated: it is forgotten, and asks
/// again after some further entries.
/// </summary>
internal sealed class CompileQueue
{
    /// <summary>Between two looks when nothing that waits is being entered.</summary>
    private const int LookMilliseconds = 1;

    /// <summary>Idle looks after which a place counts as cold.</summary>
    private const int MostIdleLooks = 4;

    private readonly object _gate = new();
    private readonly List<CompileRequest> _waiting = [];
    private bool _closed;

    /// <summary>For harts: never waits for a translation that is going on. What waits already is not asked for twice.</summary>
    public void Add(CompileRequest request)
    {
        lock (_gate)
        {
            if (_waiting.Exists(r => r.Pc == request.Pc && r.Host == request.Host))
                return;
            _waiting.Add(request);
            Gate.Pulse(_gate);
        }
    }

    /// <summary>Waits for something to translate; null once the queue is closed.</summary>
    public CompileRequest? Take()
    {
        lock (_gate)
        {
            while (!_closed)
            {
                if (_waiting.Count == 0)
                {
                    Gate.Wait(_gate);
                    continue;
                }

                if (Choose() is { } chosen)
                {
                    _waiting.Remove(chosen);
                    return chosen;
                }

                if (_waiting.Count > 0)
                    Gate.Wait(_gate, LookMilliseconds);
            }

            return null;
        }
    }

    /// <summary>Nothing is translated any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _waiting.Clear();
            Gate.PulseAll(_gate);
        }
    }

    private CompileRequest? Choose()
    {
        CompileRequest? hottest = null;
        CompileRequest? foreseen = null;
        int most = 0;
        for (int i = 0; i < _waiting.Count; i++)
        {
            CompileRequest request = _waiting[i];
            int entries = request.Host.EntriesOf(request.Pc);
            if (entries < 0 && request.Reason != CompileReason.Foreseen)
            {
                _waiting.RemoveAt(i--);
                continue;
            }

            int since = (ushort)(Math.Max(entries, 0) - request.SeenEntries);
            request.SeenEntries = (ushort)Math.Max(entries, 0);
            request.Entered += since;
            request.IdleLooks = since == 0 ? request.IdleLooks + 1 : 0;
            if (since > most)
            {
                most = since;
                hottest = request;
            }
            else if (request.Reason == CompileReason.Foreseen)
            {
                foreseen ??= request;
            }
            else if (request.IdleLooks > MostIdleLooks)
            {
                _waiting.RemoveAt(i--);
                request.Host.AskAgain(request.Pc);
            }
        }

        return hottest ?? foreseen;
    }
}
