using System.Numerics;
using System.Reflection.Emit;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions.Lanes;

/// <summary>
/// A loop whose iterations do the same to elements that follow each other in memory, so that a host vector can do many of
/// them at once: copies, fills, sums of arrays. An iteration may do several elements itself, as unrolled loops do.
/// <para>
/// Vectors do iterations that are sure to be followed by another: the last one, or a few, are left to the loop as it is,
/// which then leaves every register as the guest expects it. Registers that an iteration finds as the one before left them are kept up to date, others not.
/// </para>
/// </summary>
internal sealed class LaneLoop
{
    private const int MostStores = 2;
    private const int MostLoads = 4;
    private const int MostResults = 8;

    private LaneLoop(LaneReader reader, LaneTrip trip, List<LaneStore> stores, int elements, bool isUpward)
    {
        (Reader, Trip, Stores, Elements, IsUpward) = (reader, trip, stores, elements, isUpward);
        foreach (LaneStore s in stores)
            Visit(s.Value);
    }

    public LaneReader Reader { get; }

    public LaneTrip Trip { get; }

    /// <summary>The first element of each run that an iteration stores, in the order of the program.</summary>
    public List<LaneStore> Stores { get; }

    /// <summary>The first element of each run that an iteration loads.</summary>
    public List<LaneLoad> Loads { get; } = [];

    /// <summary>What is computed from them, operands first.</summary>
    public List<LaneResult> Results { get; } = [];

    /// <summary>Registers and constants that all lanes share.</summary>
    public List<LaneValue> Shared { get; } = [];

    /// <summary>Elements of each run that an iteration does; a power of two.</summary>
    public int Elements { get; }

    /// <summary>Whether addresses grow.</summary>
    public bool IsUpward { get; }

    public int Width => Reader.Width;

    /// <summary>A loop as lanes do it; null when they cannot.</summary>
    public static LaneLoop? Find(Loop loop)
    {
        if (LaneCycle.Of(loop) is not { } cycle || LaneReader.Read(cycle) is not { } reader || LaneTrip.Find(reader) is not { } trip)
            return null;
        if (reader.Stores.Count == 0 || reader.StepOf(reader.Stores[0].Address.Register) is not { } step || step == 0)
            return null;
        bool isUpward = step > 0;
        int elements = (int)(Math.Abs(step) / reader.Width);
        if (!BitOperations.IsPow2(elements) || elements * reader.Width != Math.Abs(step))
            return null;
        if (Runs(reader, elements, isUpward) is not { Count: <= MostStores } stores)
            return null;
        var lanes = new LaneLoop(reader, trip, stores, elements, isUpward);
        return lanes.IsSound(step) ? lanes : null;
    }

    /// <summary>Whether a vector may do what this stores where that was loaded: after it in the iteration, for every element.</summary>
    public bool LoadsFirst(LaneLoad load, LaneStore store)
    {
        for (int k = 0; k < Elements; k++)
        {
            if (IndexOfLoad(load, k) > IndexOfStore(store, k))
                return false;
        }

        return true;
    }

    // The first stores of runs of so many elements, of which each is what the first one becomes further on.
    private static List<LaneStore>? Runs(LaneReader reader, int elements, bool isUpward)
    {
        long next = isUpward ? reader.Width : -reader.Width;
        var left = new List<LaneStore>(reader.Stores);
        var firsts = new List<LaneStore>();
        while (left.Count != 0)
        {
            LaneStore first = left[0];
            foreach (LaneStore s in left)
            {
                if (s.Address.IsNear(first.Address) && (isUpward ? s.Address.Offset < first.Address.Offset : s.Address.Offset > first.Address.Offset))
                    first = s;
            }

            for (int k = 0; k < elements; k++)
            {
                int at = left.FindIndex(s => s.Address == first.Address.Moved(k * next));
                if (at < 0 || !left[at].Value.Follows(first.Value, k * next))
                    return null;
                left.RemoveAt(at);
            }

            firsts.Add(first);
        }

        firsts.Sort((a, b) => a.Index.CompareTo(b.Index));
        return firsts;
    }

    /// <summary>The run that a value carried from the iteration before belongs to; null if it is none's.</summary>
    public LaneLoad? RunOf(LaneLoad carried)
    {
        LaneLoad? first = null;
        foreach (LaneLoad l in Reader.Loads)
        {
            if (l.Address.IsNear(carried.Address) && (first is null || l.Address.Offset < first.Address.Offset))
                first = l;
        }

        return first is not null && Distance(carried, first) is > 0 and < LaneHost.Bytes / sizeof(long) ? first : null;
    }

    /// <summary>Elements between a value carried from the iteration before and the first of its run.</summary>
    public int Distance(LaneLoad carried, LaneLoad first) => (int)((first.Address.Offset - carried.Address.Offset) / Width);

    private void Visit(LaneValue value)
    {
        if (value is LaneLoad load)
        {
            LaneLoad? run = load.Index == LaneLoad.Before ? RunOf(load) : load;
            if (run is not null && !Loads.Exists(l => l.Address == run.Address && l.IsFloat == run.IsFloat))
                Loads.Add(run);
        }
        else if (value is LaneResult result)
        {
            if (Results.Contains(result))
                return;
            foreach (LaneValue operand in result.Form.IsShift ? result.Operands[..1] : result.Operands)
                Visit(operand);
            Results.Add(result);
        }
        else if (!Shared.Exists(s => s.Follows(value, 0)))
        {
            Shared.Add(value);
        }
    }

    private bool IsSound(long step)
    {
        if (Loads.Count > MostLoads || Results.Count > MostResults)
            return false;
        bool allMove = Stores.TrueForAll(s => Moves(s.Address, step)) && Loads.TrueForAll(l => Moves(l.Address, step));

        // Words wrap; the one that is counted with is looked at.
        bool noneWraps = Reader.Moving().All(r => !Reader.IsWordAtEnd(r) || r == Trip.Value.Register);

        // An operation that may raise flags must be done for every element, also when nothing comes of it.
        int floats = Results.FindAll(r => r.Form.IsFloat).Count * Elements;
        // Whatever is loaded may fault.
        bool allUsed = Reader.Loads.TrueForAll(l => Loads.Exists(first => IsInRun(l, first)));
        return allMove && noneWraps && allUsed && CanCarry() && floats == Reader.Results.Count(r => r.Form.IsFloat);
    }

    // Every element of a vector in front of a run must be in some register.
    private bool CanCarry()
    {
        if (Reader.Carried.Count == 0 && Reader.Derived.Count == 0)
            return true;
        if (!IsUpward || Results.Exists(r => r.Form.IsFloat) || (Reader.Carried.Count != 0 && Width != sizeof(long)))
            return false;
        foreach (LaneLoad carried in Reader.Carried.Values)
        {
            if (RunOf(carried) is not { IsFloat: false } run || !Enumerable.Range(0, Elements).All(k => IndexOfLoad(run, k) >= 0))
                return false;
            for (int k = 1; k < Distance(carried, run); k++)
            {
                if (!Reader.Carried.Values.Any(other => other.Address == run.Address.Moved(-k * (long)Width)))
                    return false;
            }
        }

        return true;
    }

    private bool IsInRun(LaneLoad load, LaneLoad first)
    {
        long bytes = (load.Address.Offset - first.Address.Offset) * (IsUpward ? 1 : -1);
        return load.Address.IsNear(first.Address) && bytes >= 0 && bytes < Elements * Width;
    }

    private bool Moves(LaneAddress address, long step) =>
        Reader.StepOf(address.Register) == step && !Reader.IsWordAtEnd(address.Register);

    private int IndexOfStore(LaneStore first, int element) =>
        Reader.Stores.Find(s => s.Address == first.Address.Moved(Further(element))).Index;

    private int IndexOfLoad(LaneLoad first, int element) =>
        Reader.Loads.FindLast(l => l.Address == first.Address.Moved(Further(element)))?.Index ?? -1;

    private long Further(int element) => (IsUpward ? element : -element) * (long)Width;
}
