using RvJit.Guest.Linux.Files.Host;

namespace RvJit.Guest.Linux.Files;

/// <summary>
/// Flags of open(2) as riscv64 has them (asm-generic/fcntl.h). x86-64 has the same bits; Arm64 moved four of them
/// (arch/arm64/include/uapi/asm/fcntl.h).
/// </summary>
internal static class OpenFlags
{
    public const int WriteOnly = 1;
    public const int ReadWrite = 2;
    public const int AccessMode = 3;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int Append = 0x400;
    public const int NonBlocking = 0x800;
    public const int Asynchronous = 0x2000;
    public const int Direct = 0x4000;
    public const int LargeFile = 0x8000;
    public const int Directory = 0x10000;
    public const int NoFollow = 0x20000;
    public const int CloseOnExec = 0x80000;
    public const int PathOnly = 0x200000;

    /// <summary>O_TMPFILE is this bit together with O_DIRECTORY.</summary>
    public const int TemporaryBit = 0x400000;

    private const int ArmDirectory = 0x4000;
    private const int ArmNoFollow = 0x8000;
    private const int ArmDirect = 0x10000;
    private const int ArmLargeFile = 0x20000;
    private const int Moved = Direct | LargeFile | Directory | NoFollow;

    public static int ToHost(int flags) => !HostCalls.IsArm64
        ? flags
        : (flags & ~Moved)
            | Bit(flags, Directory, ArmDirectory) | Bit(flags, NoFollow, ArmNoFollow)
            | Bit(flags, Direct, ArmDirect) | Bit(flags, LargeFile, ArmLargeFile);

    public static int FromHost(int flags) => !HostCalls.IsArm64
        ? flags
        : (flags & ~Moved)
            | Bit(flags, ArmDirectory, Directory) | Bit(flags, ArmNoFollow, NoFollow)
            | Bit(flags, ArmDirect, Direct) | Bit(flags, ArmLargeFile, LargeFile);

    private static int Bit(int flags, int from, int to) => (flags & from) != 0 ? to : 0;
}
