using System.Runtime.InteropServices;
using RvJit.Machine;

namespace RvJit.Monitor;

/// <summary>
/// Synchronous edge calls that enclaves made: how many of each call id, and how many privilege transitions each took.
/// Transitions of system calls that the host's handler made on the way (two each) do not count, so a null OCALL shows
/// the bare price of the path: eight.
/// </summary>
public sealed class EdgeCallStatistics
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, long> _byCall = [];
    private long _completed;
    private long _minimum = long.MaxValue;
    private long _maximum;

    /// <summary>Edge calls begun.</summary>
    public long Count
    {
        get
        {
            lock (_lock)
                return _byCall.Values.Sum();
        }
    }

    /// <summary>Edge calls whose transitions are known: begun and ended on one hart.</summary>
    public long Completed => Interlocked.Read(ref _completed);

    /// <summary>Fewest transitions of a completed call; 0 when there is none.</summary>
    public long MinimumTransitions => Completed == 0 ? 0 : Volatile.Read(ref _minimum);

    public long MaximumTransitions => Volatile.Read(ref _maximum);

    /// <summary>Edge calls begun, by call id.</summary>
    public IReadOnlyList<KeyValuePair<ulong, long>> ByCall
    {
        get
        {
            lock (_lock)
                return [.. _byCall.OrderBy(call => call.Key)];
        }
    }

    internal void Begin(ulong callId)
    {
        lock (_lock)
            CollectionsMarshal.GetValueRefOrAddDefault(_byCall, callId, out _)++;
    }

    internal void Complete(long transitions)
    {
        if (transitions < Volatile.Read(ref _minimum) || transitions > Volatile.Read(ref _maximum))
        {
            lock (_lock)
            {
                _minimum = Math.Min(_minimum, transitions);
                _maximum = Math.Max(_maximum, transitions);
            }
        }

        Interlocked.Increment(ref _completed);
    }
}

/// <summary>A hart's transition counters at the moment an edge call began.</summary>
internal readonly struct EdgeCallMark(Hart hart)
{
    private readonly long _total = hart.Transitions.Total;
    private readonly long _hostEntries = hart.Transitions[TransitionKind.HostUserToSupervisor];

    /// <summary>
    /// Transitions since the mark without those of the host handler's own system calls. The host enters its kernel once
    /// for the RESUME ioctl itself. False when the call ends on another hart than it began on.
    /// </summary>
    public bool TryMeasure(Hart now, out long transitions)
    {
        transitions = 0;
        if (now != hart)
            return false;
        long handlerCalls = now.Transitions[TransitionKind.HostUserToSupervisor] - _hostEntries - 1;
        transitions = now.Transitions.Total - _total - (2 * Math.Max(handlerCalls, 0));
        return true;
    }
}
