using System.Collections.Concurrent;
using Microsoft.Extensions.ObjectPool;
using RvJit.Machine;

namespace RvJit.Monitor.EdgeCalls.Host;

/// <summary>
/// The host's calls to the enclave. Any thread asks; one thread owns the lane, so that a ring has one producer and no
/// lock: orders reach it through lock-free queues. The protocol and why its fences are enough: Guest/Sdk/aec_call.c.
/// </summary>
internal sealed unsafe class HostCaller : HostThread
{
    /// <summary>Ticks that the low half of a deadline can tell from the past; a later one is this side's alone.</summary>
    private const ulong FarthestDeadline = 1u << 30;

    private readonly ConcurrentQueue<Order> _orders = new();
    private readonly ConcurrentQueue<Order> _cancellations = new();
    private readonly Queue<Order> _backlog = new();
    private readonly Queue<Order> _cancelling = new();
    private readonly ObjectPool<PendingCall> _pool;
    private readonly Lock _end = new();
    private readonly LaneHalf _mine;
    private readonly LaneHalf _peer;
    private readonly HostHeap _heap;
    private readonly Slot[] _slots;
    private readonly Stack<int> _free;
    private readonly Random _random = new();
    private uint _tail;
    private uint _head;
    private ulong _earliest = ulong.MaxValue;
    private AecStatus _broken;
    private bool _ended;

    public HostCaller(HostView view, int lane, HostHeap heap, Action ring) : base(view, ring, "edge calls")
    {
        (_mine, _peer) = view.Calling(lane);
        _heap = heap;
        _slots = new Slot[view.Entries];
        _free = new Stack<int>(Enumerable.Range(0, _slots.Length));
        ObjectPool<PendingCall>? pool = null;
        pool = new DefaultObjectPool<PendingCall>(new Policy(() => new PendingCall(pool!, this)), _slots.Length * 2);
        _pool = pool;
    }

    protected override bool HasOrders => !_orders.IsEmpty || !_cancellations.IsEmpty;

    protected override TimeSpan Patience => _earliest == ulong.MaxValue
        ? Timeout.InfiniteTimeSpan
        : TimeSpan.FromSeconds((_earliest - Math.Min(_earliest, HostClock.Ticks)) / (double)UserCsrs.TimebaseHertz);

    public ValueTask<EdgeCallAnswer> Call(uint function, ReadOnlyMemory<byte> argument, Memory<byte> result, TimeSpan? timeout, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<EdgeCallAnswer>(cancellation);
        if ((uint)argument.Length > AecAbi.MaximumPayload)
            return ValueTask.FromResult(new EdgeCallAnswer(AecStatus.TooBig));
        ulong deadline = timeout is { } limit ? HostClock.Ticks + (ulong)Math.Max(limit.TotalSeconds * UserCsrs.TimebaseHertz, 1) : ulong.MaxValue;
        PendingCall call = _pool.Get();
        int serial = call.Serial;
        ValueTask<EdgeCallAnswer> task = call.Begin(function, argument, result, deadline, cancellation);
        _orders.Enqueue(new Order(call, serial));
        Wake();
        if (Volatile.Read(ref _ended))
            EndOrders(AecStatus.Gone);
        return task;
    }

    public void Cancel(PendingCall call, int serial)
    {
        _cancellations.Enqueue(new Order(call, serial));
        Wake();
    }

    protected override bool Work(out bool bell)
    {
        uint shown = _tail;
        bool any = Reap();
        while (_cancelling.TryPeek(out Order unwanted) && (!unwanted.IsAlive || TrySubmitCancel(unwanted.Call)))
            _cancelling.Dequeue();
        while (_backlog.TryPeek(out Order next) && (!next.IsAlive || TrySubmit(next.Call)))
        {
            _backlog.Dequeue();
            any = true;
        }

        bell = _tail != shown;
        if (bell)
            bell = LaneHalf.WantsBell(_peer.Head, shown, _tail);

        return any;
    }

    /// <summary>Takes orders, and ends what ends without the enclave.</summary>
    protected override bool WorkOutside()
    {
        bool any = false;
        while (_orders.TryDequeue(out Order order))
        {
            _backlog.Enqueue(order);
            _earliest = Math.Min(_earliest, order.Call.Deadline);
            any = true;
        }

        while (_cancellations.TryDequeue(out Order order))
        {
            if (order.IsAlive && order.Call.Slot == PendingCall.Unplaced)
                order.Call.End(new EdgeCallAnswer(AecStatus.Canceled));
            else
                _cancelling.Enqueue(order);
            any = true;
        }

        if (HostClock.Ticks >= _earliest)
            Expire();
        return any;
    }

    protected override bool TryAskForBell()
    {
        LaneHalf.Wish(_mine.Head, AecWish.Notify);
        Interlocked.MemoryBarrier();
        return !_peer.Has<AecCqe>(_head, View.Entries);
    }

    protected override void RefuseBell() => LaneHalf.Wish(_mine.Head, AecWish.None);

    protected override void Finish()
    {
        AecStatus status = _broken == AecStatus.Ok ? AecStatus.Gone : _broken;
        foreach (ref Slot slot in _slots.AsSpan())
        {
            slot.Call?.End(new EdgeCallAnswer(status));
            slot = default;
        }

        foreach (Order order in _backlog)
        {
            if (order.IsAlive)
                order.Call.End(new EdgeCallAnswer(status));
        }

        _backlog.Clear();
        Volatile.Write(ref _ended, true);
        EndOrders(status);
    }

    private void EndOrders(AecStatus status)
    {
        Interlocked.MemoryBarrier();
        lock (_end)
        {
            while (_orders.TryDequeue(out Order order))
            {
                if (order.IsAlive)
                    order.Call.End(new EdgeCallAnswer(status));
            }
        }
    }

    private bool TrySubmit(PendingCall call)
    {
        if (_broken != AecStatus.Ok)
        {
            call.End(new EdgeCallAnswer(_broken));
            return true;
        }

        if (_free.Count == 0 || !HasRoom())
            return false;
        int length = call.Argument.Length;
        uint block = HostHeap.None;
        if (length > AecAbi.InlineBytes)
        {
            block = _heap.Allocate((uint)length);
            if (block == HostHeap.None)
            {
                if (_free.Count != _slots.Length)
                    return false; // one that completes makes room
                call.End(new EdgeCallAnswer(AecStatus.TooBig));
                return true;
            }

            call.Argument.Span.CopyTo(View.Own(block, (uint)length));
        }

        int index = _free.Pop();
        ref Slot slot = ref _slots[index];
        slot.Generation = (ushort)(slot.Generation == ushort.MaxValue ? 1 : slot.Generation + 1);
        slot.Cookie = ((ulong)slot.Generation << 48) | ((ulong)index << 32) | (uint)_random.Next();
        (slot.Call, slot.Argument, slot.IsUsed, call.Slot) = (call, block, true, index);
        uint deadline = call.Deadline - HostClock.Ticks < FarthestDeadline ? Math.Max((uint)call.Deadline, 1) : 0;
        Submit(AecOperation.Call, block == HostHeap.None ? AecFlags.Inline : AecFlags.None, slot.Cookie, call, block, deadline);
        return true;
    }

    private void Submit(AecOperation operation, AecFlags flags, ulong cookie, PendingCall call, uint block, uint deadline)
    {
        var entry = new AecSqe
        {
            Seq = _tail + 1,
            Op = operation,
            Flags = flags,
            Cookie = cookie,
            Func = call.Function,
            ArgLen = (uint)call.Argument.Length,
            ArgOff = block == HostHeap.None ? 0 : block,
            RetCap = (uint)call.Result.Length,
            Deadline = deadline,
        };
        if (flags.HasFlag(AecFlags.Inline))
            call.Argument.Span.CopyTo(new Span<byte>(entry.Data, (int)AecAbi.InlineBytes));
        _mine.Put(_tail++, View.Entries, entry);
    }

    /// <summary>What the enclave says it took cannot be more than there was.</summary>
    private bool HasRoom()
    {
        uint used = _tail - LaneHalf.Index(_peer.Head);
        if (used <= View.Entries)
            return used < View.Entries;
        Break();
        return false;
    }

    private bool Reap()
    {
        uint before = _head;
        if (_broken != AecStatus.Ok)
            return false;
        bool isBroken = false;
        for (; _head - before < View.Entries && _peer.TryTake(_head, View.Entries, out AecCqe entry, out isBroken); _head++)
            Complete(entry);
        if (isBroken)
            Break();
        else if (_head != before)
            LaneHalf.Publish(_mine.Head, _head);
        return isBroken || _head != before;
    }

    private void Complete(in AecCqe entry)
    {
        int index = (ushort)(entry.Cookie >> 32);
        if (index >= _slots.Length || !_slots[index].IsUsed || _slots[index].Cookie != entry.Cookie)
            return; // replayed or made up
        PendingCall? call = _slots[index].Call;
        Empty(index);
        if (call is null)
            return; // nobody waits any more
        AecStatus status = entry.Status > 0 ? AecStatus.Ring : entry.Status;
        if (entry.RetLen > (uint)call.Result.Length)
            status = AecStatus.TooBig;
        else if (entry.RetLen != 0 && !View.TryCopyIn(entry.RetOff, call.Result.Span[..(int)entry.RetLen]))
            status = AecStatus.Ring;
        call.End(new EdgeCallAnswer(status, status == AecStatus.Ok ? (int)entry.RetLen : 0, entry.RetVal));
    }

    private void Empty(int index)
    {
        ref Slot slot = ref _slots[index];
        if (slot.Argument != HostHeap.None)
            _heap.Free(slot.Argument);
        (slot.Call, slot.IsUsed) = (null, false);
        _free.Push(index);
    }

    private bool TrySubmitCancel(PendingCall call)
    {
        if (!HasRoom())
            return false;
        var entry = new AecSqe { Seq = _tail + 1, Op = AecOperation.Cancel, Flags = AecFlags.Inline | AecFlags.NoCompletion, ArgLen = sizeof(ulong) };
        *(ulong*)entry.Data = _slots[call.Slot].Cookie;
        LaneHalf.Cancels(_mine.Head); // from now on this lane's calls are queued before they are served
        _mine.Put(_tail++, View.Entries, entry);
        return true;
    }

    /// <summary>Calls whose time is over end now. What the enclave says later goes nowhere; until then the argument stays where it is.</summary>
    private void Expire()
    {
        ulong now = HostClock.Ticks;
        _earliest = ulong.MaxValue;
        foreach (ref Slot slot in _slots.AsSpan())
        {
            if (slot.Call is { } call && Ends(call, now))
                slot.Call = null;
        }

        foreach (Order order in _backlog)
        {
            if (order.IsAlive)
                Ends(order.Call, now);
        }
    }

    private bool Ends(PendingCall call, ulong now)
    {
        if (call.Deadline > now)
        {
            _earliest = Math.Min(_earliest, call.Deadline);
            return false;
        }

        call.End(new EdgeCallAnswer(AecStatus.Timeout));
        return true;
    }

    /// <summary>The enclave broke the protocol: there is no state to repair. Everybody hears it.</summary>
    private void Break()
    {
        _broken = AecStatus.Ring;
        foreach (ref Slot slot in _slots.AsSpan())
        {
            slot.Call?.End(new EdgeCallAnswer(AecStatus.Ring));
            slot.Call = null;
        }
    }

    /// <summary>A call as it was when somebody spoke of it.</summary>
    private readonly record struct Order(PendingCall Call, int Serial)
    {
        public bool IsAlive => Call.Serial == Serial;
    }

    private struct Slot
    {
        public ulong Cookie;
        public PendingCall? Call;
        public uint Argument;
        public ushort Generation;
        public bool IsUsed;
    }

    private sealed class Policy(Func<PendingCall> create) : PooledObjectPolicy<PendingCall>
    {
        public override PendingCall Create() => create();

        public override bool Return(PendingCall obj) => true;
    }
}
