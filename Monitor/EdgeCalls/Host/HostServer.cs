using RvJit.Machine;

namespace RvJit.Monitor.EdgeCalls.Host;

/// <summary>A call of the enclave, as a service of the host sees it: everything in it is private memory.</summary>
public ref struct EdgeCallRequest
{
    public ReadOnlySpan<byte> Argument { get; init; }

    /// <summary>Room for the result: what the caller takes and the service was registered with, the lower.</summary>
    public Span<byte> Result { get; init; }

    /// <summary>Bytes of <see cref="Result"/> that go back.</summary>
    public int ResultLength { get; set; }

    /// <summary>Goes back whatever <see cref="ResultLength"/> is.</summary>
    public ulong Value { get; set; }
}

/// <summary>A function that enclaves call.</summary>
public delegate AecStatus EdgeCallService(ref EdgeCallRequest request);

/// <summary>
/// Serves the enclave's calls of all lanes, in order, on one thread. The protocol stands in Guest/Sdk/aec_serve.c: what waits
/// is first taken into private memory, then served from there; nothing that decides is read twice.
/// </summary>
internal sealed class HostServer : HostThread
{
    private readonly Lane[] _lanes;
    private readonly Service?[] _services;
    private readonly Action<Exception> _failed;
    private readonly HostHeap _heap;
    private readonly byte[] _argument;
    private readonly byte[] _result;

    public HostServer(HostView view, HostHeap heap, Service?[] services, Action<Exception> failed, Action ring)
        : base(view, ring, "edge call services")
    {
        _lanes = [.. Enumerable.Range(0, view.Region.Shape.OcallLanes).Select(lane => new Lane(view, lane))];
        (_heap, _services, _failed) = (heap, services, failed);
        _argument = new byte[services.Max(service => service?.MaximumArgument ?? 0)];
        _result = new byte[services.Max(service => service?.MaximumResult ?? 0)];
    }

    protected override bool HasOrders => false;

    /// <summary>Takes what waits and gives results back whose callers have copied them.</summary>
    protected override bool Work(out bool bell)
    {
        bell = false;
        bool any = false;
        foreach (Lane lane in _lanes)
            any |= lane.Collect(_heap) && lane.Take();
        return any;
    }

    /// <summary>Services run while the region is not held: they may take their time, and call the enclave.</summary>
    protected override bool WorkOutside()
    {
        bool any = false;
        foreach (Lane lane in _lanes)
        {
            while (lane.HasRoom && lane.Next(out AecSqe entry))
            {
                any = true;
                if (!Serve(lane, entry))
                    return any;
            }
        }

        return any;
    }

    protected override bool TryAskForBell()
    {
        foreach (Lane lane in _lanes)
            lane.Wish(AecWish.Notify | AecWish.Idle);
        Interlocked.MemoryBarrier();
        return !Array.Exists(_lanes, lane => lane.HasWork);
    }

    protected override void RefuseBell()
    {
        foreach (Lane lane in _lanes)
            lane.Wish(AecWish.None);
    }

    protected override void Finish()
    {
    }

    /// <summary>False when the region is over: nothing is written then.</summary>
    private bool Serve(Lane lane, in AecSqe entry)
    {
        AecStatus status = lane.LinkFailed || entry.Reserved != 0 ? AecStatus.Canceled : AecStatus.Ok;
        int length = 0;
        if (status == AecStatus.Ok)
        {
            if (!Region.TryUse())
                return false;
            status = Admit(entry, out length);
            Region.Release();
        }

        var answer = new AecCqe { Cookie = entry.Cookie, Status = status };
        int resultLength = 0;
        if (status == AecStatus.Ok && entry.Op == AecOperation.Call)
            answer.Status = Run(_services[entry.Func]!, length, (int)Math.Min(entry.RetCap, int.MaxValue), out resultLength, out answer.RetVal);
        lane.LinkFailed = entry.Flags.HasFlag(AecFlags.Link) && answer.Status != AecStatus.Ok;
        if (entry.Flags.HasFlag(AecFlags.NoCompletion))
            return true;

        if (!Region.TryUse())
            return false;
        uint block = HostHeap.None;
        if (answer.Status == AecStatus.Ok && resultLength != 0)
        {
            block = _heap.Allocate((uint)resultLength);
            if (block == HostHeap.None)
            {
                answer.Status = AecStatus.Again;
            }
            else
            {
                _result.AsSpan(0, resultLength).CopyTo(View.Own(block, (uint)resultLength));
                (answer.RetOff, answer.RetLen) = (block, (uint)resultLength);
            }
        }

        bool bell = lane.Post(answer, block);
        Region.Release();
        if (bell)
            Ring();
        return true;
    }

    /// <summary>Judges an entry and copies its argument.</summary>
    private unsafe AecStatus Admit(in AecSqe entry, out int length)
    {
        length = 0;
        if (entry.Op is AecOperation.Nop or AecOperation.Fence)
            return AecStatus.Ok;
        if (entry.Op != AecOperation.Call)
            return AecStatus.Invalid;
        if (entry.Deadline != 0 && (int)((uint)HostClock.Ticks - entry.Deadline) >= 0)
            return AecStatus.Timeout;
        if (entry.Func >= (uint)_services.Length || _services[entry.Func] is not { } service)
            return AecStatus.NoFunction;
        if (entry.ArgLen > (uint)service.MaximumArgument)
            return AecStatus.TooBig;
        length = (int)entry.ArgLen;
        if (!entry.Flags.HasFlag(AecFlags.Inline))
            return View.TryCopyIn(entry.ArgOff, _argument.AsSpan(0, length)) ? AecStatus.Ok : AecStatus.Invalid;
        if (entry.ArgLen > AecAbi.InlineBytes)
            return AecStatus.Invalid;
        fixed (byte* data = entry.Data)
            new ReadOnlySpan<byte>(data, length).CopyTo(_argument);
        return AecStatus.Ok;
    }

    private AecStatus Run(Service service, int length, int room, out int resultLength, out ulong value)
    {
        room = Math.Min(room, service.MaximumResult);
        var request = new EdgeCallRequest { Argument = _argument.AsSpan(0, length), Result = _result.AsSpan(0, room) };
        AecStatus status;
        try
        {
            status = service.Function(ref request);
        }
        catch (Exception error) // the service's: the enclave hears that it did not work, its owner hears why
        {
            _failed(error);
            status = AecStatus.Invalid;
        }

        (resultLength, value) = (request.ResultLength, request.Value);
        if ((uint)resultLength > (uint)room)
            status = AecStatus.TooBig;
        return status > AecStatus.Ok ? AecStatus.Invalid : status;
    }

    internal sealed record Service(EdgeCallService Function, int MaximumArgument, int MaximumResult);

    /// <summary>A ring of calls and a ring of answers.</summary>
    private sealed unsafe class Lane
    {
        private readonly LaneHalf _mine;
        private readonly LaneHalf _peer;
        private readonly uint _entries;
        private readonly AecSqe[] _queue;
        private readonly uint[] _held;
        private uint _head;
        private uint _tail;
        private uint _freed;
        private uint _first;
        private uint _queued;
        private bool _broken;

        public Lane(HostView view, int lane)
        {
            (_mine, _peer) = view.Serving(lane);
            _entries = view.Entries;
            _queue = new AecSqe[_entries];
            _held = new uint[_entries];
            Array.Fill(_held, HostHeap.None);
        }

        /// <summary>An earlier call of a chain has failed.</summary>
        public bool LinkFailed { get; set; }

        public bool HasRoom => _tail - _freed < _entries;

        public bool HasWork => !_broken && (_queued != 0 || _peer.Has<AecSqe>(_head, _entries));

        public void Wish(AecWish wish) => LaneHalf.Wish(_mine.Head, wish);

        /// <summary>Frees results that the caller is done with; false when the lane is closed.</summary>
        public bool Collect(HostHeap heap)
        {
            if (_broken)
                return false;
            uint head = LaneHalf.Index(_peer.Head);
            if (_tail - head > _tail - _freed)
                return Break();
            for (; _freed != head; _freed++)
            {
                ref uint held = ref _held[_freed & (_entries - 1)];
                if (held != HostHeap.None)
                    heap.Free(held);
                held = HostHeap.None;
            }

            return true;
        }

        public bool Take()
        {
            uint before = _head;
            bool isBroken = false;
            for (; _head - before < _entries && _queued < _entries && _peer.TryTake(_head, _entries, out AecSqe entry, out isBroken); _head++)
            {
                entry.Reserved = 0;
                if (entry.Op == AecOperation.Cancel)
                    Cancel(*(ulong*)entry.Data);
                else
                    _queue[(_first + _queued++) & (_entries - 1)] = entry;
            }

            if (isBroken)
                return Break();
            if (_head == before)
                return false;
            LaneHalf.Publish(_mine.Head, _head);
            return true;
        }

        public bool Next(out AecSqe entry)
        {
            entry = default;
            if (_broken || _queued == 0)
                return false;
            entry = _queue[_first];
            _first = (_first + 1) & (_entries - 1);
            _queued--;
            return true;
        }

        /// <summary>Whether the caller wants the bell.</summary>
        public bool Post(in AecCqe answer, uint block)
        {
            _held[_tail & (_entries - 1)] = block;
            _mine.Put(_tail, _entries, answer with { Seq = _tail + 1 });
            _tail++;
            return LaneHalf.WantsBell(_peer.Head, _tail - 1, _tail);
        }

        /// <summary>Marks what has not been started.</summary>
        private void Cancel(ulong cookie)
        {
            for (uint i = 0; i < _queued; i++)
            {
                ref AecSqe entry = ref _queue[(_first + i) & (_entries - 1)];
                if (entry.Cookie == cookie && entry.Op == AecOperation.Call)
                    entry.Reserved = 1;
            }
        }

        private bool Break()
        {
            _broken = true;
            return false;
        }
    }
}
