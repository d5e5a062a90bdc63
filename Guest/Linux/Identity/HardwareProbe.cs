using RvJit.Machine;

namespace RvJit.Guest.Linux.Identity;

/// <summary>
/// riscv_hwprobe(2) (Linux, Documentation/arch/riscv/hwprobe.rst and uapi asm/hwprobe.h): the truth about a hart.
/// </summary>
public static class HardwareProbe
{
    private const int PairBytes = 16;
    private const ulong MostPairs = 1024;
    private const long Unknown = -1;

    /// <summary>Bits of IMA_EXT_0 that stand for one extension each.</summary>
    private static readonly Dictionary<string, int> s_bits = new()
    {
        ["c"] = 1,
        ["zba"] = 3,
        ["zbb"] = 4,
        ["zbs"] = 5,
        ["zicboz"] = 6,
        ["zbc"] = 7,
        ["zbkb"] = 8,
        ["zbkc"] = 9,
        ["zbkx"] = 10,
        ["zknd"] = 11,
        ["zkne"] = 12,
        ["zknh"] = 13,
        ["zksed"] = 14,
        ["zksh"] = 15,
        ["zfh"] = 27,
        ["zfhmin"] = 28,
        ["zihintntl"] = 29,
        ["zfa"] = 32,
        ["zacas"] = 34,
        ["zicond"] = 35,
        ["zihintpause"] = 36,
        ["zimop"] = 42,
        ["zca"] = 43,
        ["zcb"] = 44,
        ["zcd"] = 45,
        ["zcmop"] = 47,
        ["zawrs"] = 48,
        ["zicntr"] = 50,
        ["zihpm"] = 51,
        ["zicbom"] = 55,
        ["zaamo"] = 56,
        ["zalrsc"] = 57,
        ["zabha"] = 58,
        ["zicbop"] = 60,
    };

    /// <summary>Everything that exists here and that a program can learn of.</summary>
    public static ExtensionSet Reportable { get; } = ExtensionSet.Of(["g", .. s_bits.Keys]);

    /// <summary>Values of the keys we know.</summary>
    public static ulong? ValueOf(long key, ExtensionSet extensions) => key switch
    {
        0 or 1 or 2 => 0, // mvendorid, marchid, mimpid
        3 => extensions.Contains("m") && extensions.Contains("a") ? 1UL : 0, // BASE_BEHAVIOR_IMA
        4 => ImaExtensions(extensions),
        5 => 3, // CPUPERF_0: MISALIGNED_FAST
        6 => BlockSize("zicboz", extensions),
        7 => Mapping.UserLayout.Limit - 1, // HIGHEST_VIRT_ADDRESS
        8 => UserCsrs.TimebaseHertz, // TIME_CSR_FREQ
        9 => 3, // MISALIGNED_SCALAR_PERF: FAST
        10 => 4, // MISALIGNED_VECTOR_PERF: UNSUPPORTED
        12 => BlockSize("zicbom", extensions),
        15 => BlockSize("zicbop", extensions),
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
            ulong? value = ValueOf(key, thread.Process.Options.Extensions);
            if (!thread.World.TryWrite(at, value is null ? Unknown : key) || !thread.World.TryWrite(at + 8, value ?? 0UL))
                return -Errno.EFAULT;
        }

        return 0;
    }

    private static ulong ImaExtensions(ExtensionSet extensions)
    {
        const ulong FD = 1;
        ulong bits = extensions.Contains("d") ? FD : 0;
        foreach ((string name, int bit) in s_bits)
            bits |= extensions.Contains(name) ? 1UL << bit : 0;
        return bits;
    }

    private static ulong BlockSize(string extension, ExtensionSet extensions) =>
        extensions.Contains(extension) ? (ulong)ExtensionSet.CacheBlockBytes : 0;
}
