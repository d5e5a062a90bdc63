namespace RvJit.Guest.Linux.Identity;

/// <summary>riscv_hwprobe(2) (Documentation/arch/riscv/hwprobe.rst): the truth about an rv64gc hart.</summary>
internal static class HardwareProbe
{
    private const int PairBytes = 16;
    private const ulong MostPairs = 1024;
    private const long Unknown = -1;

    /// <summary>Values of the keys we know.</summary>
    public static ulong? ValueOf(long key) => key switch
    {
        0 or 1 or 2 => 0, // mvendorid, marchid, mimpid
        3 => 1, // BASE_BEHAVIOR_IMA
        4 => 1 | 2, // IMA_EXT_0: FD, C
        5 => 3, // CPUPERF_0: MISALIGNED_FAST
        6 => 0, // no Zicboz block size
        7 => Mapping.UserLayout.Limit - 1, // HIGHEST_VIRT_ADDRESS
        9 => 3, // MISALIGNED_SCALAR_PERF: FAST
        10 => 4, // MISALIGNED_VECTOR_PERF: UNSUPPORTED
        _ => null,
    };

    public static long Serve(LinuxThread thread, in SyscallArguments args)
    {
        if (args.A4 != 0 || args.A1 > MostPairs || (args.A3 == 0) != (args.A2 == 0))
            return -Errno.EINVAL;
        for (ulong i = 0; i < args.A1; i++)
        {
            ulong at = args.A0 + (i * PairBytes);
            if (!thread.World.TryRead(at, out long key))
                return -Errno.EFAULT;
            ulong? value = ValueOf(key);
            if (!thread.World.TryWrite(at, value is null ? Unknown : key) || !thread.World.TryWrite(at + 8, value ?? 0UL))
                return -Errno.EFAULT;
        }

        return 0;
    }
}
