namespace RvJit.Guest.Linux.Mapping;

/// <summary>Areas sorted by address, never overlapping, neighbours merged when they continue each other.</summary>
internal sealed class VmaTable
{
    private readonly List<Vma> _areas = [];

    public int Count => _areas.Count;

    public Vma this[int index] => _areas[index];

    public bool TryFind(ulong address, out Vma area)
    {
        int i = IndexAtOrAfter(address);
        bool found = i < _areas.Count && _areas[i].Start <= address;
        area = found ? _areas[i] : default;
        return found;
    }

    /// <summary>Whether nothing lies in [start, end).</summary>
    public bool IsFree(ulong start, ulong end)
    {
        int i = IndexAtOrAfter(start);
        return i == _areas.Count || _areas[i].Start >= end;
    }

    /// <summary>Whether [start, end) has no hole.</summary>
    public bool Covers(ulong start, ulong end)
    {
        for (int i = IndexAtOrAfter(start); start < end; i++)
        {
            if (i == _areas.Count || _areas[i].Start > start)
                return false;
            start = _areas[i].End;
        }

        return true;
    }

    /// <summary>The areas in [start, end), clipped to it, in order: a copy.</summary>
    public List<Vma> Within(ulong start, ulong end)
    {
        var found = new List<Vma>();
        for (int i = IndexAtOrAfter(start); i < _areas.Count && _areas[i].Start < end; i++)
            found.Add(_areas[i].Clip(start, end));
        return found;
    }

    /// <summary>Forgets [start, end); what straddles its ends is cut.</summary>
    public void Remove(ulong start, ulong end)
    {
        int i = IndexAtOrAfter(start);
        while (i < _areas.Count && _areas[i].Start < end)
        {
            Vma a = _areas[i];
            _areas.RemoveAt(i);
            if (a.Start < start)
            {
                a.Backing?.Hold();
                _areas.Insert(i++, a.Clip(a.Start, start));
            }

            if (a.End > end)
            {
                a.Backing?.Hold();
                _areas.Insert(i++, a.Clip(end, a.End));
            }

            a.Backing?.Release();
        }
    }

    /// <summary>Adds an area where nothing is.</summary>
    public void Add(Vma area)
    {
        area.Backing?.Hold();
        int i = IndexAtOrAfter(area.Start);
        if (i < _areas.Count && area.Continues(_areas[i]))
        {
            area = area with { End = _areas[i].End };
            _areas[i].Backing?.Release();
            _areas.RemoveAt(i);
        }

        if (i > 0 && _areas[i - 1].Continues(area))
        {
            area.Backing?.Release();
            _areas[i - 1] = _areas[i - 1] with { End = area.End };
            return;
        }

        _areas.Insert(i, area);
    }

    /// <summary>The highest hole of so many bytes in [low, high), or 0.</summary>
    public ulong HighestHole(ulong bytes, ulong low, ulong high)
    {
        int i = IndexAtOrAfter(high);
        if (i < _areas.Count && _areas[i].Start < high)
            high = _areas[i].Start;
        for (i--; ; i--)
        {
            ulong floor = Math.Max(low, i >= 0 ? _areas[i].End : 0);
            if (high >= floor && high - floor >= bytes)
                return high - bytes;
            if (i < 0 || _areas[i].Start <= low)
                return 0;
            high = Math.Min(high, _areas[i].Start);
        }
    }

    /// <summary>The lowest hole of so many bytes in [low, high), or 0.</summary>
    public ulong LowestHole(ulong bytes, ulong low, ulong high)
    {
        for (int i = IndexAtOrAfter(low); ; i++)
        {
            ulong stop = i < _areas.Count ? Math.Min(high, _areas[i].Start) : high;
            if (stop > low && stop - low >= bytes)
                return low;
            if (i >= _areas.Count || stop == high)
                return 0;
            low = _areas[i].End;
        }
    }

    /// <summary>Index of the first area that ends after the address.</summary>
    private int IndexAtOrAfter(ulong address)
    {
        int lo = 0, hi = _areas.Count;
        while (lo < hi)
        {
            int mid = (lo + hi) / 2;
            if (_areas[mid].End <= address)
                lo = mid + 1;
            else
                hi = mid;
        }

        return lo;
    }
}
