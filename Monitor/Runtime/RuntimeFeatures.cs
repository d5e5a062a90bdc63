namespace RvJit.Monitor.Runtime;

/// <summary>
/// What a runtime file was built to do (Keystone runtime/CMakeLists.txt, rt_option). Its build leaves the names of the
/// options that are on in section .options_log. A runtime file without that section (or that is no ELF file: one made
/// for this product alone) gets everything, which costs an eapp nothing.
/// </summary>
public readonly record struct RuntimeFeatures(bool EnvironmentSetup, bool LinuxSyscalls, bool FileSyscalls, bool NetworkSyscalls)
{
    public static readonly RuntimeFeatures All = new(true, true, true, true);

    public static RuntimeFeatures Of(in ElfFile runtime)
    {
        if (!runtime.TryFindSection(".options_log"u8, out ReadOnlySpan<byte> log))
            return All;
        return new RuntimeFeatures(
            Has(log, "ENV_SETUP"u8), Has(log, "LINUX_SYSCALL"u8), Has(log, "IO_SYSCALL"u8), Has(log, "NET_SYSCALL"u8));
    }

    private static bool Has(ReadOnlySpan<byte> log, ReadOnlySpan<byte> name)
    {
        foreach (Range word in log.SplitAny(" \n\0"u8))
        {
            if (log[word].SequenceEqual(name))
                return true;
        }

        return false;
    }
}
