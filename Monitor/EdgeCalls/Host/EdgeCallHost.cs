namespace RvJit.Monitor.EdgeCalls.Host;

/// <summary>
/// The host's side of an enclave's asynchronous edge calls, in C#: services answer the enclave, any thread calls it and awaits
/// the answer. In steady state a call allocates nothing. Needs an enclave that uses rings (backends async-*, workers).
/// </summary>
public sealed class EdgeCallHost : IDisposable
{
    private readonly HostView _view;
    private readonly Action _ring;
    private readonly HostServer.Service?[] _services = new HostServer.Service?[AecAbi.MaximumFunctions];
    private readonly HostHeap _heap;
    private readonly HostCaller? _caller;
    private HostServer? _server;
    private bool _started;

    /// <param name="region">As the monitor laid it out; nobody else plays the host's side of it.</param>
    /// <param name="ring">Rings the enclave's door (<see cref="SecurityMonitor.RingEnclave"/>); called on two threads.</param>
    public EdgeCallHost(EdgeCallRegion region, Action ring)
    {
        _view = new HostView(region);
        _ring = ring;
        uint half = _view.DataLength / 2 & ~(uint)(KeystoneAbi.PageSize - 1);
        _heap = new HostHeap(_view.Data + half, _view.DataLength - half);
        if (region.Shape.EcallLanes != 0)
            _caller = new HostCaller(_view, lane: 0, new HostHeap(_view.Data, half), ring);
    }

    /// <summary>A service has thrown; the enclave heard <see cref="AecStatus.Invalid"/>.</summary>
    public event Action<Exception>? ServiceFailed;

    /// <summary>Makes a delegate the function that enclaves call by this number; before <see cref="Start"/>.</summary>
    /// <param name="function">Row of the table.</param>
    /// <param name="service">Runs on the thread that serves; it may call the enclave and wait.</param>
    /// <param name="maximumArgument">Bytes that it takes.</param>
    /// <param name="maximumResult">Bytes that it gives.</param>
    public void Register(int function, EdgeCallService service, int maximumArgument = 4096, int maximumResult = 4096)
    {
        if (_started)
            throw new InvalidOperationException("services are registered before the start");
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)maximumArgument, AecAbi.MaximumPayload);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)maximumResult, AecAbi.MaximumPayload);
        _services[function] = new HostServer.Service(service, Math.Max(maximumArgument, (int)AecAbi.InlineBytes), maximumResult);
    }

    /// <summary>Begins to serve and to call; calls made before wait.</summary>
    public void Start()
    {
        _started = true;
        _caller?.Start();
        if (_view.Region.Shape.OcallLanes == 0)
            return;
        _server = new HostServer(_view, _heap, _services, error => ServiceFailed?.Invoke(error), _ring);
        _server.Start();
    }

    /// <summary>
    /// Calls a function of the enclave's table. How it ended is in the answer: <see cref="AecStatus.Timeout"/> when the time was
    /// over first, <see cref="AecStatus.Gone"/> when the region ended, <see cref="AecStatus.Ring"/> when the enclave broke the
    /// protocol. A call that is cancelled before the enclave starts it throws <see cref="OperationCanceledException"/>; one that
    /// was started ends as if it had not been cancelled. Nothing is written to <paramref name="result"/> after the end.
    /// </summary>
    /// <param name="function">Row of the table.</param>
    /// <param name="argument">Not to be changed before the end.</param>
    /// <param name="result">Where the result goes.</param>
    /// <param name="timeout">From now; null: none.</param>
    /// <param name="cancellation">Asks the enclave not to start it.</param>
    public ValueTask<EdgeCallAnswer> CallAsync(
        uint function, ReadOnlyMemory<byte> argument, Memory<byte> result = default, TimeSpan? timeout = null, CancellationToken cancellation = default) =>
        _caller is null
            ? throw new InvalidOperationException("the region has no lane for calls of the host")
            : _caller.Call(function, argument, result, timeout, cancellation);

    /// <summary>Every call that waits ends with <see cref="AecStatus.Gone"/>; the region is not touched any more.</summary>
    public void Dispose()
    {
        _caller?.Stop(); // first: a service may wait for the enclave
        _server?.Stop();
    }
}
