using RvJit.Guest.Linux.Files;
using RvJit.Guest.Linux.Time;

namespace RvJit.Guest.Linux;

/// <summary>The system calls of a plain Linux kernel that are not the kernel core's own.</summary>
public static class SyscallGroups
{
    public static IReadOnlyList<ISyscallGroup> Standard() =>
    [
        new FileIo(), new OpenClose(), new DescriptorControl(), new FileMeta(), new Terminals(), new SystemInformation(),
        new Clocks(), new Sleeping(),
    ];
}
