using System.Reflection.Emit;
using RvJit.Translator.Isa;

namespace RvJit.Translator.Regions.Lanes;

/// <summary>What the lanes of a vector hold.</summary>
internal sealed partial class LaneEmitter
{
    // A NaN among values that come of others stays a NaN: it is enough to look at what is stored.
    private LocalBuilder EmitNaN(LocalBuilder? before, LocalBuilder value)
    {
        LocalBuilder isNaN = Il.DeclareLocal(value.LocalType);
        Il.Emit(OpCodes.Ldloc, value);
        Il.Emit(OpCodes.Ldloc, value);
        Il.Emit(OpCodes.Call, LaneHost.EitherIsNaN(_loop.Width));
        if (before is not null)
        {
            Il.Emit(OpCodes.Ldloc, before);
            Il.Emit(OpCodes.Call, LaneHost.BitsOfBoth(_loop.Width));
        }

        Il.Emit(OpCodes.Stloc, isNaN);
        return isNaN;
    }

    private LocalBuilder EmitValue(LaneValue value, int vector, Dictionary<LaneValue, LocalBuilder> values)
    {
        LaneValue key = value is LaneLoad { Index: not LaneLoad.Before } l ? _loop.Loads.Find(o => o.Follows(l, 0))! : value;
        if (SharedLocal(value) is { } shared)
            return shared;
        if (values.TryGetValue(key, out LocalBuilder? known))
            return known;
        LocalBuilder local = Il.DeclareLocal(LaneHost.VectorOf(_loop.Width, value.IsFloat));
        if (value is LaneLoad { Index: LaneLoad.Before } carried)
        {
            LaneLoad run = _loop.RunOf(carried)!;
            EmitShifted(EmitValue(run, vector, values), _before[run], LaneHost.Bytes - (_loop.Distance(carried, run) * _loop.Width));
        }
        else if (value is LaneLoad load)
        {
            PushVector(load.Address, vector);
            Il.Emit(OpCodes.Call, LaneHost.Load(_loop.Width, load.IsFloat));
        }
        else
        {
            var result = (LaneResult)value;
            LocalBuilder[] operands =
                [.. (result.Form.IsShift ? result.Operands[..1] : result.Operands).Select(o => EmitValue(o, vector, values))];
            foreach (LocalBuilder operand in operands)
                Il.Emit(OpCodes.Ldloc, operand);
            if (result.Form.IsShift)
                Il.Emit(OpCodes.Ldloc, _counts[result]);
            Il.Emit(OpCodes.Call, LaneHost.Operation(result.Form, _loop.Width));
        }

        Il.Emit(OpCodes.Stloc, local);
        values.Add(key, local);
        return local;
    }

    // Of the vectors before and now, one after the other, the bytes from an offset on.
    private void EmitShifted(LocalBuilder now, LocalBuilder before, int from)
    {
        const int Half = LaneHost.Bytes / 2;
        const int UpperThenLower = 0x21;
        if (from > Half)
            Il.Emit(OpCodes.Ldloc, now);
        Il.Emit(OpCodes.Ldloc, before);
        Il.Emit(OpCodes.Ldloc, now);
        Il.Emit(OpCodes.Ldc_I4, UpperThenLower);
        Il.Emit(OpCodes.Call, LaneHost.Halves);
        if (from == Half)
            return;
        if (from < Half)
            Il.Emit(OpCodes.Ldloc, before);
        Il.Emit(OpCodes.Ldc_I4, from % Half);
        Il.Emit(OpCodes.Call, LaneHost.BytesFrom);
    }

    // The elements before a run are in registers.
    private void EmitBefore(LaneLoad run)
    {
        if (_before.ContainsKey(run))
            return;
        LocalBuilder local = Il.DeclareLocal(LaneHost.VectorOf(_loop.Width, isFloat: false));
        for (int k = LaneHost.Bytes / _loop.Width; k > 0; k--)
        {
            int register = _loop.Reader.Carried.FirstOrDefault(c => _loop.RunOf(c.Value) == run && _loop.Distance(c.Value, run) == k).Key;
            _e.PushX(register);
        }

        Il.Emit(OpCodes.Call, LaneHost.FourLongs);
        Il.Emit(OpCodes.Stloc, local);
        _before.Add(run, local);
    }

    private void EmitCarried()
    {
        foreach ((int r, LaneAddress sum) in _loop.Reader.Derived)
        {
            PushAddress(sum);
            _e.StoreEntering(r);
        }

        foreach ((int r, LaneLoad carried) in _loop.Reader.Carried)
        {
            LaneLoad run = _loop.RunOf(carried)!;
            Il.Emit(OpCodes.Ldloc, _before[run]);
            Il.Emit(OpCodes.Ldc_I4, (LaneHost.Bytes / _loop.Width) - _loop.Distance(carried, run));
            Il.Emit(OpCodes.Call, LaneHost.Element);
            _e.StoreEntering(r);
        }
    }

    private LocalBuilder? SharedLocal(LaneValue value)
    {
        foreach ((LaneValue shared, LocalBuilder local) in _shared)
        {
            if (shared.Follows(value, 0))
                return local;
        }

        return null;
    }

    private void EmitShared(LaneValue value)
    {
        if (value is LaneInvariant { IsFloat: true } f)
            _e.Float.Push(f.Register, _loop.Width == sizeof(float) ? FloatView.Single : FloatView.Double);
        else
            PushElement(value);
        LocalBuilder local = Il.DeclareLocal(LaneHost.VectorOf(_loop.Width, value.IsFloat));
        Il.Emit(OpCodes.Call, LaneHost.Share(_loop.Width, value.IsFloat));
        Il.Emit(OpCodes.Stloc, local);
        _shared.Add(value, local);
    }

    private void EmitCount(LaneResult result)
    {
        if (!result.Form.IsShift)
            return;
        LocalBuilder local = Il.DeclareLocal(LaneHost.CountType(_loop.Width));
        PushElement(result.Operands[1]);
        Il.Emit(OpCodes.Ldc_I4, (8 * _loop.Width) - 1);
        if (_loop.Width == sizeof(long))
            Il.Emit(OpCodes.Conv_I8);
        Il.Emit(OpCodes.And);
        Il.Emit(OpCodes.Call, LaneHost.Count(_loop.Width));
        Il.Emit(OpCodes.Stloc, local);
        _counts.Add(result, local);
    }

    // The low bytes of a register or a constant.
    private void PushElement(LaneValue value)
    {
        if (value is LaneConstant c)
            _e.PushConstant(c.Value);
        else
            _e.PushX(((LaneInvariant)value).Register);
        if (_loop.Width != sizeof(long))
            Il.Emit(_loop.Width == sizeof(int) ? OpCodes.Conv_I4 : _loop.Width == sizeof(short) ? OpCodes.Conv_I2 : OpCodes.Conv_U1);
    }
}
