using System.Runtime.InteropServices;
using RvJit.Machine;

namespace RvJit.Translator;

/// <summary>
/// Swaps the guest's MXCSR in around translated code and out again, by two pieces of machine code of two instructions
/// each. Host code always runs under the default MXCSR. On other processors than x64 regions hold no host arithmetic
/// and there is nothing to swap.
/// </summary>
internal static unsafe class FloatEnvironment
{
    public static readonly bool IsSupported = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    // ldmxcsr [rdi]; ret        stmxcsr [rdi]; ret
    private static readonly nint s_load = IsSupported ? HostMemory.MakeExecutable([0x0F, 0xAE, 0x17, 0xC3]) : 0;
    private static readonly nint s_store = IsSupported ? HostMemory.MakeExecutable([0x0F, 0xAE, 0x1F, 0xC3]) : 0;
    private static readonly uint* s_host = AllocateHost();
    private static readonly bool s_compiled = CompileBoth();

    public static void Enter(HartState* st) =>
        ((delegate* unmanaged[Cdecl, SuppressGCTransition]<uint*, void>)s_load)(&st->Mxcsr);

    /// <summary>Flags that a kernel has put into the state since <see cref="Enter"/> stay there.</summary>
    public static void Leave(HartState* st)
    {
        uint kept = FloatingPointControl.ReadFlags(*st);
        ((delegate* unmanaged[Cdecl, SuppressGCTransition]<uint*, void>)s_store)(&st->Mxcsr);
        ((delegate* unmanaged[Cdecl, SuppressGCTransition]<uint*, void>)s_load)(s_host);
        FloatingPointControl.AccrueFlags(ref *st, kept);
    }

    /// <summary>
    /// Goes in and out once, so that nothing here is compiled while a guest's flags are live: the compiler computes in
    /// floating point, and would leave "inexact" in them.
    /// </summary>
    private static bool CompileBoth()
    {
        if (!IsSupported)
            return false;
        HartState scratch = default;
        scratch.Mxcsr = FloatingPointControl.MxcsrDefault;
        Enter(&scratch);
        Leave(&scratch);
        return true;
    }

    private static uint* AllocateHost()
    {
        var p = (uint*)NativeMemory.Alloc(sizeof(uint));
        *p = FloatingPointControl.MxcsrDefault;
        return p;
    }
}
