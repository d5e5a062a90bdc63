using RvJit.Guest.Linux.Time;

namespace RvJit.Guest.Linux.Files;

/// <summary>All system calls about files, time and the machine.</summary>
public static class FileSystemGroups
{
    public static IReadOnlyList<ISyscallGroup> All { get; } =
    [
        new OpenClose(),
        new FileIo(),
        new FileMeta(),
        new DescriptorControl(),
        new Terminals(),
        new SystemInformation(),
        new Clocks(),
        new Sleeping(),
    ];
}
