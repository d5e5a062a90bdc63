using System.Diagnostics;
using System.Runtime.InteropServices;
using RvJit.Translator.Interpreter;
using RvJit.Translator.Warmup;

namespace RvJit.Translator.Regions;

/// <summary>
/// What becomes of a request for a region at a place that other regions know: one that holds the place inside will be
/// entered sooner or later, or else is given an entry there; one that left the place out, because it had not run yet, is
/// translated again with it. Used under the compiler's lock.
/// </summary>
internal sealed class RegionGrowth
{
    /// <summary>Translations of one region; then the place gets one of its own.</summary>
    private const int MostGenerations = 8;

    /// <summary>
    /// A place inside an installed region is granted an entry at this request. Requests are 2^16 entries from each other: while
    /// a region is made, and until control comes to it, the interpreter goes on in the loops that it holds.
    /// </summary>
    private const int GrantedRequest = 3;

    /// <summary>As <see cref="GrantedRequest"/>, for places that regions are left to; <see cref="Handlers.HotAgain"/> entries from each other.</summary>
    private const int GrantedReentry = 2;

    /// <summary>
    /// Entries a second and instruction of a region from which on it is translated again for a place that is interpreted until
    /// then: 40 us an instruction on another processor against about 1 us an entry, within a second or two.
    /// </summary>
    private const int WorthOfEntry = 25;

    /// <summary>As <see cref="WorthOfEntry"/>, for a function that is called and would be copied: a call is some 10 ns.</summary>
    private const int WorthOfCall = 100 * WorthOfEntry;

    private readonly Dictionary<ulong, Region> _inside = [];
    private readonly Dictionary<ulong, Region> _leftOut = [];
    private readonly Dictionary<ulong, int> _generations = [];
    private readonly Dictionary<ulong, int> _asked = [];
    private readonly Dictionary<ulong, long> _refused = [];
    private readonly Dictionary<ulong, HashSet<ulong>> _entries = [];
    private readonly Dictionary<ulong, HashSet<ulong>> _callers = [];

    /// <summary>A region was installed.</summary>
    public void Add(Region region)
    {
        _generations[region.Entries[0]] = _generations.GetValueOrDefault(region.Entries[0]) + 1;
        foreach (ulong pc in region.Inside)
        {
            _inside[pc] = region;
            _leftOut.Remove(pc);
        }

        foreach (ulong pc in region.LeftOut)
            _leftOut[pc] = region;
        foreach (ulong pc in region.Calls)
        {
            ref HashSet<ulong>? callers = ref CollectionsMarshal.GetValueRefOrAddDefault(_callers, pc, out _);
            (callers ??= []).Add(region.Entries[0]);
        }
    }

    /// <summary>Regions that call a function which has just become worth inlining; they are translated again.</summary>
    public IReadOnlyList<ulong> TakeCallers(Region callee, CompileRequest request)
    {
        IRegionHost host = request.Host;
        if (callee.OwnInstructions > BodyReader.MaxInlined || !_callers.Remove(callee.Entries[0], out HashSet<ulong>? callers))
            return [];
        return
        [
            .. callers.Where(root => host.RegionAt(root) is { } caller && caller.Entries[0] == root && MayGrow(caller, host)
                && IsFrequent(request, Handlers.HotThreshold, caller.Made, caller, WorthOfCall)),
        ];
    }

    /// <summary>Where to translate from for a request; null when nothing needs to be done.</summary>
    public ulong? RootFor(CompileRequest request)
    {
        (IRegionHost host, ulong pc) = (request.Host, request.Pc);
        if (_leftOut.TryGetValue(pc, out Region? leaver) && MayGrow(leaver, host))
        {
            if (!Pays(request, leaver))
                return null;
            _leftOut.Remove(pc);
            return leaver.Entries[0];
        }

        if (!_inside.TryGetValue(pc, out Region? holder) || !IsInstalled(holder, host))
            return pc;
        ref int asked = ref CollectionsMarshal.GetValueRefOrAddDefault(_asked, pc, out _);
        if (++asked < (request.Reason == CompileReason.Reentered ? GrantedReentry : GrantedRequest))
        {
            if (request.Reason == CompileReason.Reentered)
                host.AskAgain(pc);
            return null;
        }

        if (!MayGrow(holder, host))
            return pc;
        if (!Pays(request, holder))
            return null;
        ref HashSet<ulong>? entries = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, holder.Entries[0], out _);
        (entries ??= []).Add(pc);
        return holder.Entries[0];
    }

    /// <summary>Where else control enters the region at a root often.</summary>
    public ulong[] EntriesOf(ulong root) => _entries.TryGetValue(root, out HashSet<ulong>? entries) ? [.. entries] : [];

    /// <summary>Whether a place is entered so often that the region is translated again with it; if not, it asks again.</summary>
    private bool Pays(CompileRequest request, Region region)
    {
        bool again = _refused.TryGetValue(request.Pc, out long before) && before > region.Made;
        if (IsFrequent(request, again ? Handlers.HotAgain : Handlers.HotThreshold, again ? before : region.Made, region, WorthOfEntry))
            return true;
        _refused[request.Pc] = request.Asked;
        request.Host.AskAgain(request.Pc);
        return false;
    }

    /// <summary>By what is known of the time since the region was made, or since the place was refused: while it waited, and if it asked later, before.</summary>
    private static bool IsFrequent(CompileRequest request, int entries, long since, Region region, int worth)
    {
        bool all = since < request.Asked;
        double seconds = Stopwatch.GetElapsedTime(all ? since : request.Asked).TotalSeconds;
        return ((all ? entries : 0) + request.Entered) >= (double)worth * region.Instructions * seconds;
    }

    private static bool IsInstalled(Region region, IRegionHost host) => host.RegionAt(region.Entries[0]) == region;

    private bool MayGrow(Region region, IRegionHost host) =>
        IsInstalled(region, host) && _generations[region.Entries[0]] < MostGenerations;
}
