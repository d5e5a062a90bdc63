using RvJit.Machine;
using RvJit.Machine.Devices;

namespace RvJit.Translator.Isa.Kernels;

/// <summary>
/// Compiles what translated code calls, on harts in a world and on harts with a privileged unit. That must not happen when code
/// first gets there: the guest's floating-point flags may be live.
/// </summary>
internal static class HartsOfBothKinds
{
    /// <summary>Runs all of it on either.</summary>
    public static void Use(Action<Hart> all)
    {
        using var clock = new MachineClock();
        foreach (bool instructions in (bool[])[false, true])
        {
            using var hart = new Hart(0);
            all(hart);
            _ = new PrivilegedUnit(hart, new HartFeatures(hart.Extensions), clock, instructions);
            all(hart);
        }
    }
}
