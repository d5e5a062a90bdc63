using System.Runtime.InteropServices;

namespace RvJit.Guest.Linux.Identity;

/// <summary>Whose process this is: the guest acts with the rights of the host user.</summary>
internal static partial class HostIdentity
{
    public static uint User => getuid();

    public static uint EffectiveUser => geteuid();

    public static uint Group => getgid();

    public static uint EffectiveGroup => getegid();

    [LibraryImport("libc")]
    private static partial uint getuid();

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial uint getgid();

    [LibraryImport("libc")]
    private static partial uint getegid();
}
