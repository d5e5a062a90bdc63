using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Kernels;

namespace RvJit.Translator.Regions;

/// <summary>Conversions and moves.</summary>
public sealed partial class FloatEmitter
{
    private const double TwoTo63 = 9223372036854775808.0;

    private LocalBuilder? _int64;

    private LocalBuilder Int64 => _int64 ??= Il.DeclareLocal(typeof(long));

    /// <summary>Conversion to an integer; what does not fit leaves and is saturated by the kernel.</summary>
    public void ToInteger(in Instruction i, FloatView view, IntegerType type)
    {
        bool truncates = i.RoundingMode == RoundingModes.TowardZero;
        bool signed = type is IntegerType.W or IntegerType.L;
        bool hasStaticMode = !truncates && i.RoundingMode != RoundingModes.Dynamic;
        if (truncates && !signed)
            LeaveUnlessBetween(i.Rs1, view, OpCodes.Ble_Un, -1, type == IntegerType.Wu ? uint.MaxValue + 1.0 : TwoTo63);
        else if (!signed || hasStaticMode)
            LeaveUnlessFitting(i.Rs1, view, type);
        Push(i.Rs1, view);
        if (hasStaticMode)
            _e.Call(HostConversions.ToIntegral(view, i.RoundingMode));
        _e.Call(truncates || hasStaticMode
            ? HostConversions.Truncation(view, toWord: type == IntegerType.W)
            : HostConversions.Rounding(view, toWord: type == IntegerType.W));

        // The host's answer to what does not fit is the lowest number. (It is also one that fits: the kernel knows.)
        Il.Emit(OpCodes.Stloc, Int64);
        Il.Emit(OpCodes.Ldloc, Int64);
        _e.PushConstant(type == IntegerType.W ? int.MinValue : long.MinValue);
        Il.Emit(OpCodes.Beq, _e.LeaveHere());
        Il.Emit(OpCodes.Ldloc, Int64);
        if (type == IntegerType.Wu)
        {
            Il.Emit(OpCodes.Conv_I4);
            Il.Emit(OpCodes.Conv_I8);
        }

        _e.StoreX(i.Rd);
    }

    /// <param name="i">The instruction.</param>
    /// <param name="view">The format.</param>
    /// <param name="type">The integer's type.</param>
    /// <param name="bits">Integers of so many bits are converted here, longer ones by the kernel.</param>
    public void FromInteger<K>(in Instruction i, FloatView view, IntegerType type, int bits)
        where K : struct, IFloatKernel
    {
        Label kernel = Il.DefineLabel();
        Label done = Il.DefineLabel();
        _e.PushX(i.Rs1);
        if (type == IntegerType.W)
        {
            Il.Emit(OpCodes.Conv_I4);
            Il.Emit(OpCodes.Conv_I8);
        }
        else if (type == IntegerType.Wu)
        {
            Il.Emit(OpCodes.Conv_U4);
            Il.Emit(OpCodes.Conv_U8);
        }

        Il.Emit(OpCodes.Stloc, Int64);
        bool guarded = bits < 64 || type == IntegerType.Lu;
        if (guarded)
        {
            // Unsigned: if (x > 2^bits) goto kernel. Signed: if (x + 2^bits > 2^(bits + 1)) goto kernel, as unsigned numbers.
            bool signed = type is IntegerType.W or IntegerType.L;
            long limit = bits < 64 ? 1L << bits : long.MaxValue;
            Il.Emit(OpCodes.Ldloc, Int64);
            if (signed)
            {
                _e.PushConstant(limit);
                Il.Emit(OpCodes.Add);
                limit *= 2;
            }

            _e.PushConstant(limit);
            Il.Emit(OpCodes.Bgt_Un, kernel);
        }

        if (_invariants.Contains(_block, i))
            PassThroughMemory(OpCodes.Ldind_I8, null);
        else
            Il.Emit(OpCodes.Ldloc, Int64);
        _e.Call(HostConversions.FromInteger(view));
        StoreResult(i.Rd, view);
        if (guarded)
        {
            Il.Emit(OpCodes.Br, done);
            Il.MarkLabel(kernel);
            Call<K>(i);
            Il.MarkLabel(done);
        }
    }

    public void Resize(in Instruction i, FloatView from, FloatView to)
    {
        Push(i.Rs1, from);
        Il.Emit(to == FloatView.Double ? OpCodes.Conv_R8 : OpCodes.Conv_R4);
        StoreResult(i.Rd, to);
    }

    /// <summary>froundnx: the host's rounding is inexact where it should be. (fround is silent, so its kernel is called.)</summary>
    public void RoundToIntegral(in Instruction i, FloatView view)
    {
        Push(i.Rs1, view);
        _e.Call(HostConversions.ToIntegral(view, i.RoundingMode));
        StoreResult(i.Rd, view);
    }

    public void MoveToInteger(in Instruction i, FloatView view)
    {
        if (view == FloatView.Single)
        {
            Push(i.Rs1, view);
            _e.Call(s_singleBits);
            Il.Emit(OpCodes.Conv_I8);
        }
        else
        {
            PushBits(i.Rs1);
        }

        _e.StoreX(i.Rd);
    }

    public void MoveFromInteger(in Instruction i, FloatView view)
    {
        PassThroughMemory(LoadOf(view), i.Rs1);
        Store(i.Rd, view);
    }

    /// <summary>rd = a constant, given as the register's bits.</summary>
    public void Constant(int register, FloatView view, ulong bits)
    {
        _e.PushConstant((long)bits);
        Il.Emit(OpCodes.Stloc, Int64);
        PassThroughMemory(LoadOf(view), null);
        Store(register, view);
    }

    private static OpCode LoadOf(FloatView view) => view switch
    {
        FloatView.Half => OpCodes.Ldind_I8,
        FloatView.Single => OpCodes.Ldind_R4,
        _ => OpCodes.Ldind_R8,
    };

    /// <summary>
    /// Pushes an integer register, or <see cref="Int64"/>, through memory, so that RyuJIT sees neither a constant, to fold
    /// the arithmetic done on it (flags would be lost and the rounding would be the compiler's), nor the same value in
    /// each round of a loop.
    /// </summary>
    private void PassThroughMemory(OpCode load, int? register)
    {
        _e.PushStateField(HartState.ScratchOffset);
        if (register is { } r)
            _e.PushX(r);
        else
            Il.Emit(OpCodes.Ldloc, Int64);
        Il.Emit(OpCodes.Volatile);
        Il.Emit(OpCodes.Stind_I8);
        _e.PushStateField(HartState.ScratchOffset);
        Il.Emit(OpCodes.Volatile);
        Il.Emit(load);
    }

    /// <summary>Leaves, before any flag is raised, what might not fit after rounding in some mode.</summary>
    private void LeaveUnlessFitting(int register, FloatView view, IntegerType type)
    {
        (double low, double high) = type switch
        {
            IntegerType.W => (int.MinValue, int.MaxValue),
            IntegerType.Wu => (0, uint.MaxValue),
            IntegerType.L => (-TwoTo63, TwoTo63),
            _ => (0, TwoTo63),
        };
        LeaveUnlessBetween(register, view, OpCodes.Blt_Un, low, high);
    }

    /// <param name="register">The operand.</param>
    /// <param name="view">Its format.</param>
    /// <param name="belowLow">Branches when the operand is too low, or NaN: Ble_Un or Blt_Un.</param>
    /// <param name="low">The lower limit.</param>
    /// <param name="high">The upper limit, itself excluded.</param>
    private void LeaveUnlessBetween(int register, FloatView view, OpCode belowLow, double low, double high)
    {
        Label leave = _e.LeaveHere();
        Push(register, view);
        PushReal(low, view);
        Il.Emit(belowLow, leave);
        Push(register, view);
        PushReal(high, view);
        Il.Emit(OpCodes.Bge_Un, leave);
    }

    private void PushReal(double value, FloatView view)
    {
        if (view == FloatView.Double)
            Il.Emit(OpCodes.Ldc_R8, value);
        else
            Il.Emit(OpCodes.Ldc_R4, (float)value);
    }
}
