using System.Threading.Tasks.Sources;
using Microsoft.Extensions.ObjectPool;

namespace RvJit.Monitor.EdgeCalls.Host;

/// <summary>How a call ended.</summary>
/// <param name="Status">Of the call; only with <see cref="AecStatus.Ok"/> the rest means something.</param>
/// <param name="Length">Bytes written to the caller's result.</param>
/// <param name="Value">The function's word.</param>
public readonly record struct EdgeCallAnswer(AecStatus Status, int Length = 0, ulong Value = 0);

/// <summary>
/// A call that somebody awaits. It comes from a pool and goes back when the result is fetched; its serial names one life,
/// so that what is still said about an old life is not taken for the new one.
/// </summary>
internal sealed class PendingCall(ObjectPool<PendingCall> pool, HostCaller caller) : IValueTaskSource<EdgeCallAnswer>
{
    /// <summary>Not in a slot: it waits for room.</summary>
    public const int Unplaced = -1;

    private ManualResetValueTaskSourceCore<EdgeCallAnswer> _source = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellation;
    private int _serial;

    public uint Function { get; private set; }

    public ReadOnlyMemory<byte> Argument { get; private set; }

    public Memory<byte> Result { get; private set; }

    /// <summary>Of <see cref="Machine.HostClock.Ticks"/>; <see cref="ulong.MaxValue"/>: none.</summary>
    public ulong Deadline { get; private set; }

    /// <summary>The slot it is in; the caller's thread alone uses it.</summary>
    public int Slot { get; set; } = Unplaced;

    public int Serial => Volatile.Read(ref _serial);

    /// <summary>Begins a life. A token that is cancelled at once says so before this returns.</summary>
    public ValueTask<EdgeCallAnswer> Begin(uint function, ReadOnlyMemory<byte> argument, Memory<byte> result, ulong deadline, CancellationToken cancellation)
    {
        (Function, Argument, Result, Deadline) = (function, argument, result, deadline);
        var task = new ValueTask<EdgeCallAnswer>(this, _source.Version);
        _cancellation = cancellation;
        _registration = cancellation.UnsafeRegister(static state => ((PendingCall)state!).Cancel(), this);
        return task;
    }

    /// <summary>Ends the life: whoever awaits goes on, on another thread. The object is no longer the caller's to touch.</summary>
    public void End(EdgeCallAnswer answer)
    {
        _registration.Dispose(); // waits for a callback that is just running
        CancellationToken cancellation = _cancellation;
        Volatile.Write(ref _serial, _serial + 1);
        if (answer.Status == AecStatus.Canceled && cancellation.IsCancellationRequested)
            _source.SetException(new OperationCanceledException(cancellation));
        else
            _source.SetResult(answer);
    }

    public EdgeCallAnswer GetResult(short token)
    {
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            _source.Reset();
            (Argument, Result, _cancellation, _registration, Slot) = (default, default, default, default, Unplaced);
            pool.Return(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Cancel() => caller.Cancel(this, Serial);
}
