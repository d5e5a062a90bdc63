using System.Runtime.InteropServices;

namespace RvJit.Guest.Linux.Identity;

/// <summary>Whose process this is: the guest acts with the rights of the host user. RvJit never changes them.</summary>
internal static partial class HostIdentity
{
    public static uint User { get; } = getuid();

    public static uint EffectiveUser { get; } = geteuid();

    public static uint Group { get; } = getgid();

    public static uint EffectiveGroup { get; } = getegid();

    [LibraryImport("libc")]
    private static partial uint getuid();

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial uint getgid();

    [LibraryImport("libc")]
    private static partial uint getegid();
}
