using System.Reflection.Emit;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions.Lanes;

/// <summary>
/// Emits the vectors of a loop, in front of it: as many rounds as its checks allow and it is sure to go on after.
/// <para>
/// One round loads all its vectors, then stores all. That is the order of the guest for a load and a store that are apart
/// by nothing (it loads first), or by a round or more. Everything else stays with the loop.
/// </para>
/// <para>
/// Flags come from host operations on the elements that the guest operates on. A NaN among the results is left to the
/// loop before it is stored; what has raised flags raises them there again.
/// </para>
/// </summary>
internal sealed partial class LaneEmitter
{
    /// <summary>Vectors of a run in a round of a small loop: their latencies overlap.</summary>
    private const int SmallRound = 2 * LaneHost.Bytes;

    private const int SmallResults = 2;

    private readonly RegionEmitter _e;
    private readonly WindowEmitter _window;
    private readonly LaneLoop _loop;
    private readonly Label _scalar;
    private readonly int _round;
    private readonly LocalBuilder _left;
    private readonly LocalBuilder _distance;
    private readonly Dictionary<LaneValue, LocalBuilder> _shared = [];
    private readonly Dictionary<LaneResult, LocalBuilder> _counts = [];
    private readonly Dictionary<LaneAddress, LocalBuilder> _bases = [];

    /// <summary>By run: the vector before the next.</summary>
    private readonly Dictionary<LaneLoad, LocalBuilder> _before = [];

    /// <param name="e">The region, in front of the loop.</param>
    /// <param name="window">Its memory.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="scalar">Its top.</param>
    public LaneEmitter(RegionEmitter e, WindowEmitter window, LaneLoop loop, Label scalar)
    {
        (_e, _window, _loop, _scalar) = (e, window, loop, scalar);
        _round = Math.Max(BytesOfIteration, loop.Results.Count <= SmallResults ? SmallRound : LaneHost.Bytes);
        _left = Il.DeclareLocal(typeof(int));
        _distance = Il.DeclareLocal(typeof(long));
    }

    private ILGenerator Il => _e.Il;

    private int BytesOfIteration => _loop.Elements * _loop.Width;

    private int IterationsOfRound => _round / BytesOfIteration;

    /// <summary>Whether everything is as it must be where the loop begins.</summary>
    public static bool CanEmit(RegionEmitter e, LaneLoop loop) =>
        !loop.Reader.Derived.Keys.Concat(loop.Reader.Carried.Keys).Any(e.IsHeldAsWord)
        && loop.Shared.TrueForAll(s => s is not LaneInvariant { IsFloat: true } f
            || e.Float.IsHeldAs(f.Register, loop.Width, loop.Stores.Exists(store => store.Value.Follows(f, 0))))
        && !Pairs(loop).Any(p => p.Other.IsNear(p.Store) && !IsApart(loop, p));

    /// <summary>Falls into the loop's top.</summary>
    /// <param name="count">Iterations that may follow the next one before the checks are made again.</param>
    /// <param name="isChecked">Those are all the checks that there are.</param>
    public void Emit(LocalBuilder count, bool isChecked)
    {
        EmitRounds(count, isChecked);
        foreach (LaneAddress a in _loop.Stores.Select(s => s.Address).Concat(_loop.Loads.Select(l => l.Address)))
        {
            EmitBase(a);
            if (!isChecked)
                EmitCheck(a);
        }

        foreach (Pair p in Pairs(_loop))
        {
            if (!p.Other.IsNear(p.Store))
                EmitApart(p);
        }

        foreach ((int r, LaneAddress sum) in _loop.Reader.Derived)
        {
            _e.PushX(r);
            PushAddress(sum);
            Il.Emit(OpCodes.Bne_Un, _scalar);
        }

        // count -= left;
        EmitAdd(count, _left, OpCodes.Sub);
        foreach (LaneLoad carried in _loop.Reader.Carried.Values)
            EmitBefore(_loop.RunOf(carried)!);
        foreach (LaneValue s in _loop.Shared)
            EmitShared(s);
        foreach (LaneResult r in _loop.Results)
            EmitCount(r);
        Label again = Il.DefineLabel();
        Label hasNaN = Il.DefineLabel();
        Il.MarkLabel(again);
        bool mayBeNaN = EmitRound(hasNaN);
        foreach (int r in _loop.Reader.Moving())
            _e.Move(r, IterationsOfRound * _loop.Reader.StepOf(r)!.Value, _loop.Reader.IsWordAtEnd(r));
        _e.AddRetiredElsewhere(IterationsOfRound * _loop.Reader.Cycle.Instructions);
        Il.Emit(OpCodes.Ldloc, _left);
        Il.Emit(OpCodes.Ldc_I4, IterationsOfRound);
        Il.Emit(OpCodes.Sub);
        Il.Emit(OpCodes.Stloc, _left);
        Il.Emit(OpCodes.Ldloc, _left);
        Il.Emit(OpCodes.Ldc_I4_0);
        Il.Emit(OpCodes.Bgt, again);
        EmitCarried();
        if (!mayBeNaN)
            return;
        Il.Emit(OpCodes.Br, _scalar);
        Il.MarkLabel(hasNaN);
        EmitAdd(count, _left, OpCodes.Add);
    }

    private readonly record struct Pair(LaneAddress Other, LaneAddress Store, bool SameIsRight);

    /// <summary>What may be the same memory.</summary>
    private static IEnumerable<Pair> Pairs(LaneLoop loop)
    {
        for (int k = 0; k < loop.Stores.Count; k++)
        {
            LaneStore store = loop.Stores[k];
            foreach (LaneLoad load in loop.Loads)
                yield return new Pair(load.Address, store.Address, loop.LoadsFirst(load, store));
            for (int other = 0; other < k; other++)
                yield return new Pair(loop.Stores[other].Address, store.Address, loop.Elements == 1);
        }
    }

    /// <summary>Least distance in front of what is loaded that a store must have.</summary>
    private static int Ahead(LaneLoop loop) => Math.Max(SmallRound, loop.Elements * loop.Width);

    /// <summary>And behind it. What is behind has been loaded before, unless the iteration itself has another order.</summary>
    private static int Behind(LaneLoop loop) => loop.Elements == 1 && loop.Stores.Count == 1 ? 0 : Ahead(loop) - 1;

    private static bool IsApart(LaneLoop loop, Pair p)
    {
        long ahead = (p.Store.Offset - p.Other.Offset) * (loop.IsUpward ? 1 : -1);
        return ahead == 0 ? p.SameIsRight : ahead >= Ahead(loop) || ahead < -Behind(loop);
    }

    // left = rounds * iterations of a round; goto scalar if there is none
    private void EmitRounds(LocalBuilder count, bool isChecked)
    {
        LaneTrip trip = _loop.Trip;
        LocalBuilder value = Il.DeclareLocal(typeof(long));
        PushAddress(trip.Value);
        if (trip.IsWord)
        {
            Il.Emit(OpCodes.Conv_I4);
            Il.Emit(OpCodes.Conv_I8);
            Il.Emit(OpCodes.Stloc, value);
            _e.PushX(trip.Bound);
            Il.Emit(OpCodes.Conv_I4);
            Il.Emit(OpCodes.Conv_I8);
            _e.PushX(trip.Bound);
            Il.Emit(OpCodes.Bne_Un, _scalar);
        }
        else
        {
            Il.Emit(OpCodes.Stloc, value);
        }

        if (trip.Leave is { } leave)
        {
            Il.Emit(OpCodes.Ldloc, value);
            _e.PushX(trip.Bound);
            Il.Emit(leave, _scalar);
        }

        // distance = (bound - value) / step, without sign: so often it is sure to go on
        if (trip.Step < 0)
            Il.Emit(OpCodes.Ldloc, value);
        _e.PushX(trip.Bound);
        if (trip.Step > 0)
            Il.Emit(OpCodes.Ldloc, value);
        Il.Emit(OpCodes.Sub);
        _e.PushConstant(Math.Abs(trip.Step));
        Il.Emit(OpCodes.Div_Un);
        Il.Emit(OpCodes.Stloc, _distance);
        EmitAtMost(() => Il.Emit(OpCodes.Ldloc, count));
        if (!isChecked)
            EmitAtMost(() => Il.Emit(OpCodes.Ldc_I4, (WindowEmitter.Range / BytesOfIteration) - 1));
        Il.Emit(OpCodes.Ldloc, _distance);
        Il.Emit(OpCodes.Conv_I4);
        Il.Emit(OpCodes.Ldc_I4, -IterationsOfRound);
        Il.Emit(OpCodes.And);
        Il.Emit(OpCodes.Stloc, _left);
        Il.Emit(OpCodes.Ldloc, _left);
        Il.Emit(OpCodes.Brfalse, _scalar);
    }

    // if (distance > most) distance = most;
    private void EmitAtMost(Action pushMost)
    {
        Label isLess = Il.DefineLabel();
        Il.Emit(OpCodes.Ldloc, _distance);
        pushMost();
        Il.Emit(OpCodes.Conv_I8);
        Il.Emit(OpCodes.Blt_Un, isLess);
        pushMost();
        Il.Emit(OpCodes.Conv_I8);
        Il.Emit(OpCodes.Stloc, _distance);
        Il.MarkLabel(isLess);
    }

    // What vectors access, and the iteration after them, lies between the first address, or the last one downward, and Range
    // bytes from there. That iteration must not fault: what it does not read it would show as older than it is.
    private void EmitCheck(LaneAddress first)
    {
        PushAddress(_loop.IsUpward ? first : first.Moved(_loop.Width - BytesOfIteration));
        if (!_loop.IsUpward)
        {
            Il.Emit(OpCodes.Ldloc, _left);
            Il.Emit(OpCodes.Conv_I8);
            _e.PushConstant(BytesOfIteration);
            Il.Emit(OpCodes.Mul);
            Il.Emit(OpCodes.Sub);
        }

        _window.EmitRangeTest(_loop.Stores.Exists(s => s.Address == first), _scalar);
    }

    // ahead = store - load; if (-behind <= ahead && ahead < ahead of all && (ahead != 0 || that is wrong)) goto scalar;
    private void EmitApart(Pair p)
    {
        Label isApart = Il.DefineLabel();
        PushAddress(_loop.IsUpward ? p.Store : p.Other);
        PushAddress(_loop.IsUpward ? p.Other : p.Store);
        Il.Emit(OpCodes.Sub);
        Il.Emit(OpCodes.Stloc, _distance);
        Il.Emit(OpCodes.Ldloc, _distance);
        _e.PushConstant(Behind(_loop));
        Il.Emit(OpCodes.Add);
        _e.PushConstant(Behind(_loop) + Ahead(_loop));
        Il.Emit(OpCodes.Bge_Un, isApart);
        if (p.SameIsRight)
        {
            Il.Emit(OpCodes.Ldloc, _distance);
            Il.Emit(OpCodes.Brtrue, _scalar);
        }
        else
        {
            Il.Emit(OpCodes.Br, _scalar);
        }

        Il.MarkLabel(isApart);
    }

    // Loads and computes everything, then stores; goes to the label before that when a result is NaN.
    private bool EmitRound(Label hasNaN)
    {
        var vectors = new List<(LaneStore Store, int Vector, LocalBuilder Value)>();
        LocalBuilder? results = null;
        for (int v = 0; v < _round / LaneHost.Bytes; v++)
        {
            var values = new Dictionary<LaneValue, LocalBuilder>();
            foreach (LaneStore s in _loop.Stores)
            {
                LocalBuilder value = EmitValue(s.Value, v, values);
                vectors.Add((s, v, value));
                if (s.Value is LaneResult { Form.IsFloat: true })
                    results = EmitNaN(results, value);
            }

            foreach ((LaneLoad run, LocalBuilder before) in _before)
            {
                Il.Emit(OpCodes.Ldloc, EmitValue(run, v, values));
                Il.Emit(OpCodes.Stloc, before);
            }
        }

        if (results is not null)
        {
            Il.Emit(OpCodes.Ldloc, results);
            Il.Emit(OpCodes.Call, LaneHost.Signs(_loop.Width));
            Il.Emit(OpCodes.Brtrue, hasNaN);
        }

        foreach ((LaneStore store, int vector, LocalBuilder value) in vectors)
        {
            PushVector(store.Address, vector);
            Il.Emit(OpCodes.Ldloc, value);
            Il.Emit(OpCodes.Call, LaneHost.Store(_loop.Width, store.Value.IsFloat));
        }

        return results is not null;
    }

    // Downward, the first element is the highest of its vector.
    private void PushVector(LaneAddress first, int vector)
    {
        int bytes = LaneHost.Bytes;
        if (first.HasOneRegister)
            _e.PushMemory();
        else
            Il.Emit(OpCodes.Ldloc, _bases[BaseOf(first)]);
        _e.PushX(first.Register);
        Il.Emit(OpCodes.Add);
        _e.PushConstant(first.Offset + (_loop.IsUpward ? vector * bytes : _loop.Width - ((vector + 1) * bytes)));
        Il.Emit(OpCodes.Add);
    }

    // memory + what stays
    private void EmitBase(LaneAddress address)
    {
        if (address.HasOneRegister || _bases.ContainsKey(BaseOf(address)))
            return;
        LocalBuilder local = Il.DeclareLocal(typeof(nint));
        _e.PushMemory();
        PushRest(address);
        Il.Emit(OpCodes.Stloc, local);
        _bases.Add(BaseOf(address), local);
    }

    private static LaneAddress BaseOf(LaneAddress address) => address with { Register = 0, Offset = 0 };

    private void PushAddress(LaneAddress address)
    {
        _e.PushX(address.Register);
        PushRest(address);
        if (address.Offset == 0)
            return;
        _e.PushConstant(address.Offset);
        Il.Emit(OpCodes.Add);
    }

    private void PushRest(LaneAddress address)
    {
        foreach (int r in new[] { address.Second, address.Third })
        {
            if (r == 0)
                continue;
            _e.PushX(r);
            Il.Emit(OpCodes.Add);
        }
    }

    private void EmitAdd(LocalBuilder to, LocalBuilder what, OpCode op)
    {
        Il.Emit(OpCodes.Ldloc, to);
        Il.Emit(OpCodes.Ldloc, what);
        Il.Emit(op);
        Il.Emit(OpCodes.Stloc, to);
    }
}
