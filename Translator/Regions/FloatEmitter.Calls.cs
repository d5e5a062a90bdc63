using System.Reflection.Emit;
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
        if ((K.Traits & FloatTraits.FirstIsInteger) != 0)
            _e.PushX(i.Rs1);
        else
            PushBits(i.Rs1);
        if (K.Reads >= 2)
            PushBits(i.Rs2);
        else
            _e.PushConstant(0);
        if ((K.Traits & FloatTraits.Plain) != 0)
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
            _e.Call(FloatCall<K>.PreparedRounding);
        }

        if ((K.Traits & FloatTraits.ResultIsInteger) != 0)
            _e.StoreX(i.Rd);
        else
            StoreBits(i.Rd, K.Result);
    }
}
