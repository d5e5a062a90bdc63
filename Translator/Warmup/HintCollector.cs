using RvJit.Machine;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Regions;

namespace RvJit.Translator.Warmup;

/// <summary>Puts together what a run has learnt, and what it was told when it began: regions hide their code from the interpreter.</summary>
internal static unsafe class HintCollector
{
    public static CodeHints Collect(CodeCache cache, PlacedHints told)
    {
        var entries = new List<ulong>();
        var pages = new Dictionary<ulong, HintPage>();
        var seen = new HashSet<ulong>();
        foreach (ulong pc in cache.InstallOrder())
        {
            if (!told.Contains(pc) || cache.RegionAt(pc) is not { } region || !seen.Add(pc) || entries.Count == CodeHints.MostEntries)
                continue;
            entries.Add(pc - told.Start);
            foreach (ulong page in region.Pages)
                AddPage(cache, told, page, pages);
        }

        foreach (ulong entry in told.Hints.Entries)
        {
            if (seen.Add(entry + told.Start) && entries.Count < CodeHints.MostEntries)
                entries.Add(entry);
        }

        foreach ((ulong number, HintPage before) in told.Hints.Pages)
        {
            if (pages.TryGetValue(number, out HintPage? now))
                now.Add(before);
            else if (pages.Count < CodeHints.MostPages)
                pages.Add(number, before);
        }

        return new CodeHints([.. entries], pages, Jumps(cache, told, pages));
    }

    private static void AddPage(CodeCache cache, PlacedHints told, ulong number, Dictionary<ulong, HintPage> pages)
    {
        ulong address = number << HostMemory.PageShift;
        ulong offset = address - told.Start;
        if (!told.Contains(address) || pages.Count == CodeHints.MostPages || pages.ContainsKey(offset >> HintPage.Shift))
            return;
        var page = new HintPage();
        for (ulong at = 0; at < HostMemory.PageSize; at += 2)
        {
            if (cache.WasDecoded(address + at))
                HintPage.Set(page.Reached, at);
            if (cache.RunsOften(address + at))
                HintPage.Set(page.Often, at);
        }

        if (!page.IsEmpty)
            pages.Add(offset >> HintPage.Shift, page);
    }

    private static HintJump[] Jumps(CodeCache cache, PlacedHints told, Dictionary<ulong, HintPage> pages)
    {
        var jumps = new HashSet<HintJump>();
        foreach (ulong number in pages.Keys)
        {
            ulong page = told.Start + (number << HintPage.Shift);
            if (!cache.Has(page))
                continue;
            for (int n = 0; n < CodePage.JumpsKept; n++)
            {
                if (CodePage.TryGetJump(cache.Find(page), n, out ulong offset, out ulong to)
                    && told.Contains(to) && told.Contains(page + offset) && jumps.Count < CodeHints.MostJumps)
                    jumps.Add(new HintJump(page + offset - told.Start, to - told.Start));
            }
        }

        foreach (HintJump jump in told.Hints.Jumps)
        {
            if (jumps.Count < CodeHints.MostJumps)
                jumps.Add(jump);
        }

        HintJump[] sorted = [.. jumps];
        Array.Sort(sorted, (a, b) => a.From != b.From ? a.From.CompareTo(b.From) : a.To.CompareTo(b.To));
        return sorted;
    }
}
