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
        new FileChanges(),
        new Directories(),
        new Copying(),
        new DescriptorControl(),
        new Terminals(),
        new Polling(),
        new EventFiles(),
        new Sockets(),
        new SocketMessages(),
        new SystemInformation(),
        new Clocks(),
        new Sleeping(),
        new SignalTimers(),
    ];
}
