using System.Numerics;

namespace RvJit.Monitor.EdgeCalls.Host;

/// <summary>
/// A buddy allocator over a part of the host's data zone. What it knows stands in private memory: the zone itself holds
/// payload and nothing else, so whoever reads it learns nothing and whoever writes it breaks nothing. One thread at a time.
/// </summary>
internal sealed class HostHeap
{
    /// <summary>Returned where there is no room; no block begins there.</summary>
    public const uint None = uint.MaxValue;

    private const int SmallestOrder = 6;
    private const int NoBlock = -1;

    private readonly uint _start;
    private readonly int[] _first;
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly sbyte[] _order;
    private readonly bool[] _free;

    /// <param name="start">Offset of the part in the region.</param>
    /// <param name="length">Bytes.</param>
    public HostHeap(uint start, uint length)
    {
        _start = start;
        int units = (int)(length >> SmallestOrder);
        _next = new int[units];
        _previous = new int[units];
        _order = new sbyte[units];
        _free = new bool[units];
        _first = new int[units == 0 ? 0 : BitOperations.Log2((uint)units) + 1];
        Array.Fill(_first, NoBlock);
        for (int at = 0; at < units;)
        {
            int order = Math.Min(BitOperations.Log2((uint)(units - at)), at == 0 ? int.MaxValue : BitOperations.TrailingZeroCount(at));
            Link(at, order);
            at += 1 << order;
        }
    }

    /// <summary>Offset in the region of at least so many bytes, or <see cref="None"/>.</summary>
    public uint Allocate(uint bytes)
    {
        uint units = Math.Max((bytes >> SmallestOrder) + (bytes % (1 << SmallestOrder) == 0 ? 0u : 1), 1);
        int wanted = BitOperations.Log2(BitOperations.RoundUpToPowerOf2(units));
        for (int order = wanted; order < _first.Length; order++)
        {
            int at = _first[order];
            if (at == NoBlock)
                continue;
            Unlink(at);
            while (order > wanted)
                Link(at + (1 << --order), order);
            _order[at] = (sbyte)order;
            return _start + ((uint)at << SmallestOrder);
        }

        return None;
    }

    public void Free(uint offset)
    {
        int at = (int)((offset - _start) >> SmallestOrder), order = _order[at];
        for (; order + 1 < _first.Length; order++)
        {
            int buddy = at ^ (1 << order);
            if (buddy + (1 << order) > _free.Length || !_free[buddy] || _order[buddy] != order)
                break;
            Unlink(buddy);
            at &= ~(1 << order);
        }

        Link(at, order);
    }

    private void Link(int at, int order)
    {
        _order[at] = (sbyte)order;
        _free[at] = true;
        _previous[at] = NoBlock;
        _next[at] = _first[order];
        if (_first[order] != NoBlock)
            _previous[_first[order]] = at;
        _first[order] = at;
    }

    private void Unlink(int at)
    {
        _free[at] = false;
        if (_previous[at] == NoBlock)
            _first[_order[at]] = _next[at];
        else
            _next[_previous[at]] = _next[at];
        if (_next[at] != NoBlock)
            _previous[_next[at]] = _previous[at];
    }
}
