using System.Reflection;
using System.Reflection.Emit;
using RvJit.Machine;
using RvJit.Translator.Float;
using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Kernels;

namespace RvJit.Translator.Regions;

/// <summary>
/// Floating point inside a region: host arithmetic under the guest's MXCSR. An F register is one IL local for the whole
/// region: float when every instruction of the region sees it in single precision, double otherwise. A double may hold
/// any 64 bits; half precision is never computed with here, its bits are only moved.
/// <para>Whatever the host would do differently leaves the region before it happens: results that are NaN (RISC-V wants
/// the canonical one), comparisons and conversions of NaN or out of range, registers that are not NaN-boxed. The NaN
/// test also keeps every result alive, so RyuJIT cannot drop an operation and its flags.</para>
/// </summary>
public sealed partial class FloatEmitter
{
    private static readonly MethodInfo s_doubleBits = Of<Func<double, long>>(BitConverter.DoubleToInt64Bits);
    private static readonly MethodInfo s_bitsDouble = Of<Func<long, double>>(BitConverter.Int64BitsToDouble);
    private static readonly MethodInfo s_singleBits = Of<Func<float, int>>(BitConverter.SingleToInt32Bits);
    private static readonly MethodInfo s_bitsSingle = Of<Func<int, float>>(BitConverter.Int32BitsToSingle);

    private readonly RegionEmitter _e;
    private readonly LocalBuilder?[] _f = new LocalBuilder?[32];
    private readonly bool[] _isDouble = new bool[32];
    private readonly LocalBuilder?[] _temporaries = new LocalBuilder?[2];

    internal FloatEmitter(RegionEmitter e, ControlFlow flow)
    {
        _e = e;
        foreach (Block block in flow.Blocks)
        {
            foreach (Instruction i in block.Instructions)
                Note(i);
        }
    }

    /// <summary>Whether the region works on F registers at all.</summary>
    internal bool Used { get; private set; }

    private ILGenerator Il => _e.Il;

    /// <summary>
    /// Pushes an F register as float or double, or a half's register as bits. Before a single is computed with,
    /// <see cref="RequireBoxes"/> makes sure that it is boxed.
    /// </summary>
    public void Push(int register, FloatView view)
    {
        if (view == FloatView.Half)
        {
            PushBits(register);
            return;
        }

        Il.Emit(OpCodes.Ldloc, F(register));
        if (_isDouble[register] && view == FloatView.Single)
        {
            _e.Call(s_doubleBits);
            Il.Emit(OpCodes.Conv_I4);
            _e.Call(s_bitsSingle);
        }
    }

    /// <summary>Pops a float, a double, or the bits of a half into an F register.</summary>
    public void Store(int register, FloatView view)
    {
        if (view == FloatView.Half)
        {
            Il.Emit(OpCodes.Ldc_I8, unchecked((long)Layout<Binary16>.Box));
            Il.Emit(OpCodes.Or);
            StoreBits(register);
            return;
        }

        if (_isDouble[register] && view == FloatView.Single)
        {
            EmitBox();
            _e.Call(s_bitsDouble);
        }

        Il.Emit(OpCodes.Stloc, F(register));
    }

    /// <summary>Pushes the raw 64 bits of an F register.</summary>
    public void PushBits(int register)
    {
        Il.Emit(OpCodes.Ldloc, F(register));
        if (_isDouble[register])
            _e.Call(s_doubleBits);
        else
            EmitBox();
    }

    /// <summary>Leaves before the instruction when a register it reads as single precision is not NaN-boxed.</summary>
    private void RequireBoxes(in Instruction i, FloatView view)
    {
        if (view != FloatView.Single)
            return;
        ulong read = DataFlow.Reads(i);
        for (int r = 0; r < 32; r++)
        {
            if ((read & DataFlow.F(r)) == 0 || !_isDouble[r])
                continue;
            PushBits(r);
            EmitBoxTest(_e.LeaveHere());
        }
    }

    internal void EmitEntryLoad(int register, ulong entry)
    {
        _e.PushStateField(HartState.FOffset + (8 * register));
        if (_isDouble[register])
        {
            Il.Emit(OpCodes.Ldind_R8);
        }
        else
        {
            // A register that holds no single must keep its bits: the interpreter goes on with it.
            Il.Emit(OpCodes.Ldind_I8);
            EmitBoxTest(_e.ColdExit(entry, step: true, dirty: 0, uncount: 0));
            _e.PushStateField(HartState.FOffset + (8 * register));
            Il.Emit(OpCodes.Ldind_R4);
        }

        Il.Emit(OpCodes.Stloc, F(register));
    }

    internal void EmitSpill(int register)
    {
        _e.PushStateField(HartState.FOffset + (8 * register));
        Il.Emit(OpCodes.Ldloc, F(register));
        if (_isDouble[register])
        {
            Il.Emit(OpCodes.Stind_R8);
            return;
        }

        EmitBox();
        Il.Emit(OpCodes.Stind_I8);
    }

    private static MethodInfo Of<T>(T method)
        where T : Delegate => method.Method;

    private void Note(in Instruction i)
    {
        Row row = i.Row!;
        ulong reads = DataFlow.Reads(i) >> 32;
        ulong writes = DataFlow.Writes(i) >> 32;
        if ((reads | writes) == 0)
            return;
        Used = true;
        for (int r = 0; r < 32; r++)
        {
            bool asSingle = ((reads >> r) & 1) == 0 || row.SourceView == FloatView.Single;
            asSingle &= ((writes >> r) & 1) == 0 || row.ResultView == FloatView.Single;
            _isDouble[r] |= !asSingle;
        }
    }

    private LocalBuilder F(int register) =>
        _f[register] ??= Il.DeclareLocal(_isDouble[register] ? typeof(double) : typeof(float));

    // float -> its bits under a box of ones
    private void EmitBox()
    {
        _e.Call(s_singleBits);
        Il.Emit(OpCodes.Conv_U8);
        Il.Emit(OpCodes.Ldc_I8, unchecked((long)Layout<Binary32>.Box));
        Il.Emit(OpCodes.Or);
    }

    // if ((bits >>> 32) != 0xFFFFFFFF) goto exit
    private void EmitBoxTest(Label exit)
    {
        Il.Emit(OpCodes.Ldc_I4, 32);
        Il.Emit(OpCodes.Shr);
        _e.PushConstant(-1);
        Il.Emit(OpCodes.Bne_Un, exit);
    }

    private LocalBuilder Temporary(FloatView view) =>
        _temporaries[view == FloatView.Double ? 0 : 1] ??=
            Il.DeclareLocal(view == FloatView.Double ? typeof(double) : typeof(float));
}
