namespace RvJit.Machine;

/// <summary>Consecutive guest pages that map consecutive physical pages with one grant.</summary>
public readonly record struct MappedRun(ulong Start, ulong End, ulong Physical, Access Access)
{
    public ulong PhysicalAt(ulong address) => Physical + (address - Start);
}

/// <summary>
/// What a world maps, sorted by address: the page-table content that the permission table is folded from. Not
/// thread-safe; the world's lock guards it.
/// </summary>
public sealed class MappedRuns
{
    private readonly List<MappedRun> _runs = [];

    public int Count => _runs.Count;

    public bool TryFind(ulong address, out MappedRun run)
    {
        int i = IndexAtOrAfter(address);
        if (i < _runs.Count && _runs[i].Start <= address)
        {
            run = _runs[i];
            return true;
        }

        run = default;
        return false;
    }

    /// <summary>The parts of [start, end) that are mapped, clipped to it.</summary>
    public IEnumerable<MappedRun> Within(ulong start, ulong end)
    {
        if (start >= end)
            yield break;
        for (int i = IndexAtOrAfter(start); i < _runs.Count && _runs[i].Start < end; i++)
        {
            MappedRun r = _runs[i];
            ulong s = Math.Max(start, r.Start);
            yield return new MappedRun(s, Math.Min(end, r.End), r.PhysicalAt(s), r.Access);
        }
    }

    public IReadOnlyList<MappedRun> All => _runs;

    /// <summary>Page numbers at which a physical page (its first address) is mapped.</summary>
    public IEnumerable<ulong> PagesOf(ulong physical)
    {
        foreach (MappedRun r in _runs)
        {
            if (physical >= r.Physical && physical - r.Physical < r.End - r.Start)
                yield return (r.Start + (physical - r.Physical)) >> HostMemory.PageShift;
        }
    }

    /// <summary>Removes [start, end), splitting what straddles it.</summary>
    public void Remove(ulong start, ulong end)
    {
        int i = IndexAtOrAfter(start);
        while (i < _runs.Count && _runs[i].Start < end)
        {
            MappedRun r = _runs[i];
            _runs.RemoveAt(i);
            if (r.Start < start)
                _runs.Insert(i++, r with { End = start });
            if (r.End > end)
                _runs.Insert(i++, new MappedRun(end, r.End, r.PhysicalAt(end), r.Access));
        }
    }

    /// <summary>Adds a run over a hole, merging with neighbours that continue it.</summary>
    public void Add(MappedRun run)
    {
        int i = IndexAtOrAfter(run.Start);
        if (i < _runs.Count && _runs[i].Start == run.End && _runs[i].Access == run.Access
            && _runs[i].Physical == run.PhysicalAt(run.End))
        {
            run = run with { End = _runs[i].End };
            _runs.RemoveAt(i);
        }

        if (i > 0 && _runs[i - 1].End == run.Start && _runs[i - 1].Access == run.Access
            && _runs[i - 1].PhysicalAt(run.Start) == run.Physical)
        {
            _runs[i - 1] = _runs[i - 1] with { End = run.End };
            return;
        }

        _runs.Insert(i, run);
    }

    /// <summary>Index of the first run that ends after the address.</summary>
    private int IndexAtOrAfter(ulong address)
    {
        int lo = 0, hi = _runs.Count;
        while (lo < hi)
        {
            int mid = (lo + hi) / 2;
            if (_runs[mid].End <= address)
                lo = mid + 1;
            else
                hi = mid;
        }

        return lo;
    }
}
