using System.Reflection;
using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Float;
using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Kernels;

namespace RvJit.Translator.Regions;

/// <summary>
/// Floating point inside a region: host arithmetic under the guest's MXCSR. An F register lives in one of two IL locals,
/// a float while it holds a boxed single that is computed with, else a double, which may hold any 64 bits; which one it is
/// at a point, and what is known of its bits, is a <see cref="FloatForm"/>. Half precision is never computed with here.
/// <para>The host's NaNs stay as they are until their bits show. What the host would do differently leaves the region
/// before it happens: a NaN whose bits show, or as the result of a fused operation, minimum and conversion of NaN, registers that are not
/// NaN-boxed.</para>
/// </summary>
public sealed partial class FloatEmitter
{
    private static readonly MethodInfo s_doubleBits = Of<Func<double, long>>(BitConverter.DoubleToInt64Bits);
    private static readonly MethodInfo s_bitsDouble = Of<Func<long, double>>(BitConverter.Int64BitsToDouble);
    private static readonly MethodInfo s_singleBits = Of<Func<float, int>>(BitConverter.SingleToInt32Bits);
    private static readonly MethodInfo s_bitsSingle = Of<Func<int, float>>(BitConverter.Int32BitsToSingle);

    private readonly RegionEmitter _e;
    private readonly FloatFlow _flow;
    private readonly LoopInvariants _invariants;
    private readonly FloatForm[] _forms = new FloatForm[32];
    private readonly LocalBuilder?[] _single = new LocalBuilder?[32];
    private readonly LocalBuilder?[] _wide = new LocalBuilder?[32];

    private Block _block = null!;
    private int _index;
    private bool[] _unused = [];

    internal FloatEmitter(RegionEmitter e, IReadOnlyList<Block> blocks, LoopNest nest)
    {
        _e = e;
        foreach (Block block in blocks)
        {
            foreach (Instruction i in block.Instructions)
                Used |= i.Row!.UsesFloatState(i);
        }

        _flow = new FloatFlow(Used ? blocks : []);
        _invariants = new LoopInvariants(nest);
    }

    /// <summary>Whether the region works on F registers, or on fcsr, at all.</summary>
    internal bool Used { get; }

    private ILGenerator Il => _e.Il;

    /// <summary>Pushes an F register as float or double, or a half's register as bits.</summary>
    public void Push(int register, FloatView view)
    {
        if (view == FloatView.Half)
        {
            PushBits(register);
        }
        else if (_forms[register].Single == (view == FloatView.Single))
        {
            Il.Emit(OpCodes.Ldloc, Local(register, view));
        }
        else
        {
            PushBits(register);
            if (view == FloatView.Single)
                Il.Emit(OpCodes.Conv_I4);
            _e.Call(view == FloatView.Single ? s_bitsSingle : s_bitsDouble);
        }
    }

    /// <summary>Pops a float, a double, or the bits of a half into an F register.</summary>
    public void Store(int register, FloatView view)
    {
        if (view == FloatView.Half)
        {
            Il.Emit(OpCodes.Ldc_I8, unchecked((long)Layout<Binary16>.Box));
            Il.Emit(OpCodes.Or);
            _e.Call(s_bitsDouble);
        }

        Il.Emit(OpCodes.Stloc, Local(register, view));
    }

    /// <summary>Pushes the 64 bits of an F register.</summary>
    public void PushBits(int register)
    {
        if (_forms[register].Single)
        {
            // the bits under a box of ones
            Il.Emit(OpCodes.Ldloc, Local(register, FloatView.Single));
            _e.Call(s_singleBits);
            Il.Emit(OpCodes.Conv_U8);
            Il.Emit(OpCodes.Ldc_I8, unchecked((long)Layout<Binary32>.Box));
            Il.Emit(OpCodes.Or);
        }
        else
        {
            Il.Emit(OpCodes.Ldloc, Local(register, FloatView.Double));
            _e.Call(s_doubleBits);
        }
    }

    /// <summary>Pops 64 bits into an F register: boxed if its result is a single.</summary>
    private void StoreBits(int register, FloatView view)
    {
        if (view == FloatView.Single)
            Il.Emit(OpCodes.Conv_I4);
        _e.Call(view == FloatView.Single ? s_bitsSingle : s_bitsDouble);
        Il.Emit(OpCodes.Stloc, Local(register, view));
    }

    private static MethodInfo Of<T>(T method)
        where T : Delegate => method.Method;

    /// <summary>The local that holds a register as a single, or as anything else.</summary>
    private LocalBuilder Local(int register, FloatView view) => view == FloatView.Single
        ? _single[register] ??= Il.DeclareLocal(typeof(float))
        : _wide[register] ??= Il.DeclareLocal(typeof(double));

    private FloatView ViewOf(int register) => _forms[register].View;
}
