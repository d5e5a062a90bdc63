using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using RvJit.Machine;
using RvJit.Translator.Isa;
using RvJit.Translator.Isa.Kernels;

namespace RvJit.Translator.Regions;

/// <summary>What host arithmetic does not do, regions leave to the kernel without being left.</summary>
public sealed partial class FloatEmitter
{
    /// <summary>Calls the instruction's kernel on whole registers.</summary>
    public void Call<K>(in Instruction i)
        where K : struct, IFloatKernel
    {
        if (K.FirstIsInteger)
            _e.PushX(i.Rs1);
        else
            PushBits(i.Rs1);
        if (K.Reads >= 2)
            PushBits(i.Rs2);
        else
            _e.PushConstant(0);
        if (K.Plain)
        {
            _e.Call(Of<Func<ulong, ulong, ulong>>(FloatCall<K>.Plain));
        }
        else
        {
            if (K.Reads >= 3)
                PushBits(i.Rs3);
            else
                _e.PushConstant(0);
            Il.Emit(OpCodes.Ldc_I4, (int)i.RoundingMode);
            _e.PushState();
            _e.Call(FloatCall<K>.RoundingMethod);
        }

        if (K.ResultIsInteger)
            _e.StoreX(i.Rd);
        else
            StoreBits(i.Rd);
    }
}

/// <summary>Kernels as translated code calls them.</summary>
internal static unsafe class FloatCall<K>
    where K : struct, IFloatKernel
{
    public static readonly MethodInfo RoundingMethod = typeof(FloatCall<K>).GetMethod(nameof(Rounding))!;

    /// <summary>
    /// A kernel of bits. Optimised at once, so that all of it is one method and no compiler has to run when a region
    /// first gets to a part of it, under the guest's rounding mode and flags.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Plain(ulong a, ulong b)
    {
        uint none = 0;
        return K.Compute(a, b, 0, 0, ref none);
    }

    /// <summary>A kernel that may round and raise flags; it runs outside the guest's MXCSR, as all other host code.</summary>
    public static ulong Rounding(ulong a, ulong b, ulong c, int rm, HartState* st)
    {
        if (FloatEnvironment.IsSupported)
            FloatEnvironment.Leave(st);
        if (rm == RoundingModes.Dynamic)
            rm = (int)FloatingPointControl.ReadFrm(*st);
        uint flags = 0;
        ulong result = K.Compute(a, b, c, rm, ref flags);
        FloatingPointControl.AccrueFlags(ref *st, flags);
        if (FloatEnvironment.IsSupported)
            FloatEnvironment.Enter(st);
        return result;
    }
}
